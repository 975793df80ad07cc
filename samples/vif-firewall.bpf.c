// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A firewall for one vif: what its guest sends is dropped unless the Ethernet address
 * and the IP address that it comes from are on lists. Loaded once for each vif, so that
 * each has lists and counters of its own; vif-firewall does that, and
 * Documentation/xdp.rst tells how it is used.
 */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Hardware, protocol, the lengths of both addresses, operation. */
#define ARP_HEADER 8

/* What is counted, by the numbers that vif-firewall knows. */
enum verdict { ALLOWED, BAD_MAC, BAD_ADDRESS, NO_IP, VERDICTS };

struct mac {
	__u8 byte[ETH_ALEN];
};

/* @bits of what follows, the family's eight included; an IPv4 address is 4 bytes. */
struct address {
	__u32 bits;
	__u8 family;
	__u8 byte[16];
	__u8 unused[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct mac);
	__type(value, __u8);
} macs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, struct address);
	__type(value, __u8);
} addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VERDICTS);
	__type(key, __u32);
	__type(value, __u64);
} verdicts SEC(".maps");

static __always_inline void set_v4(struct address *address, const void *from)
{
	address->family = 4;
	address->bits = 8 + 32;
	__builtin_memcpy(address->byte, from, 4);
}

/* Where a packet says that it comes from; false when it does not. */
static __always_inline bool read_address(void *data, void *end,
					 struct address *address)
{
	struct ethhdr *eth = data;
	void *at = eth + 1;

	switch (eth->h_proto) {
	case bpf_htons(ETH_P_IP):
		if (at + sizeof(struct iphdr) > end)
			return false;
		set_v4(address, &((struct iphdr *)at)->saddr);
		return true;
	case bpf_htons(ETH_P_ARP):
		at += ARP_HEADER + ETH_ALEN;
		if (at + sizeof(__be32) > end)
			return false;
		set_v4(address, at);
		return true;
	case bpf_htons(ETH_P_IPV6):
		if (at + sizeof(struct ipv6hdr) > end)
			return false;
		address->family = 6;
		address->bits = 8 + 128;
		__builtin_memcpy(address->byte, &((struct ipv6hdr *)at)->saddr,
				 sizeof(address->byte));
		return true;
	default:
		return false;
	}
}

static __always_inline enum verdict judge(void *data, void *end)
{
	struct address address = {};
	struct ethhdr *eth = data;
	struct mac mac;

	if (data + sizeof(*eth) > end)
		return NO_IP;
	__builtin_memcpy(&mac, eth->h_source, sizeof(mac));
	if (!bpf_map_lookup_elem(&macs, &mac))
		return BAD_MAC;
	if (!read_address(data, end, &address))
		return NO_IP;
	if (!bpf_map_lookup_elem(&addresses, &address))
		return BAD_ADDRESS;
	return ALLOWED;
}

/* Frames of several pieces too: then what is to be segmented need not be cut here. */
SEC("xdp.frags")
int firewall(struct xdp_md *ctx)
{
	__u32 verdict =
		judge((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	__u64 *count = bpf_map_lookup_elem(&verdicts, &verdict);

	if (count)
		__sync_fetch_and_add(count, 1);
	return verdict == ALLOWED ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "Dual MIT/GPL";
