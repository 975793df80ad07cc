// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Does with a UDP packet what its destination port says, and wants to send back what of
 * TCP is larger than a wire takes; all else passes. For the cases about XDP.
 */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORTS 7000

/* Without options between them. */
struct headers {
	struct iphdr ip;
	struct udphdr udp;
};

/* So that it is the guest's own: all sums stay right. */
static __always_inline void turn(struct ethhdr *eth, struct iphdr *ip)
{
	__be32 address = ip->saddr;
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, mac, ETH_ALEN);
	ip->saddr = ip->daddr;
	ip->daddr = address;
}

/* As much in front as a tunnel has, away again, and a word for whom it may concern. */
static __always_inline int move(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_head(ctx, -64) || bpf_xdp_adjust_head(ctx, 64) ||
	    bpf_xdp_adjust_meta(ctx, -4))
		return XDP_ABORTED;
	return XDP_PASS;
}

/* As much longer as a tunnel makes it, and as it was. */
static __always_inline int grow(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_tail(ctx, 64) || bpf_xdp_adjust_tail(ctx, -64))
		return XDP_ABORTED;
	return XDP_PASS;
}

/* Both ports are where UDP has them. */
static __always_inline bool is_large_tcp(struct xdp_md *ctx,
					 struct headers *headers)
{
	return headers->ip.protocol == IPPROTO_TCP &&
	       headers->udp.dest == bpf_htons(PORTS + 8) &&
	       bpf_xdp_get_buff_len(ctx) > 4000;
}

static __always_inline int judge(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct headers *headers = (void *)(eth + 1);

	if ((void *)(headers + 1) > (void *)(long)ctx->data_end ||
	    eth->h_proto != bpf_htons(ETH_P_IP) || headers->ip.ihl != 5)
		return XDP_PASS;
	if (headers->ip.protocol != IPPROTO_UDP)
		return is_large_tcp(ctx, headers) ? XDP_TX : XDP_PASS;
	switch (bpf_ntohs(headers->udp.dest) - PORTS) {
	case 1:
		return XDP_DROP;
	case 2:
		turn(eth, &headers->ip);
		return XDP_TX;
	case 3:
		return XDP_ABORTED;
	case 4:
		return 77;
	case 5:
		return move(ctx);
	case 6:
		return grow(ctx);
	case 7:
		return bpf_redirect(1 << 30, 0);
	default:
		return XDP_PASS;
	}
}

SEC("xdp")
int plain(struct xdp_md *ctx)
{
	return judge(ctx);
}

SEC("xdp.frags")
int pieces(struct xdp_md *ctx)
{
	return judge(ctx);
}

/* For what may not be a vif's policy. */
SEC("xdp/devmap")
int behind(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("tc")
int other(struct __sk_buff *skb)
{
	return 0;
}

char _license[] SEC("license") = "Dual MIT/GPL";
