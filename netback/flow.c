// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What of a frame is hashed, by the types of xen/interface/io/netif.h. The
 * frame is anybody's: it is read within its length and trusted in nothing. Pure.
 */

#include <linux/build_bug.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/string.h>
#include <xen/page.h>
#include <xen/interface/xen.h>
#include <xen/interface/io/netif.h>

#include "flow.h"

/* Source and destination, as they stand in a TCP header. */
#define PORTS 4
#define VLAN_TAG 4
/* RFC 791: more fragments follow, or where this one goes. */
#define FRAGMENT 0x3fff

static_assert(NETBACK_HASH_INPUT == 2 * sizeof(struct in6_addr) + PORTS);

static void add(struct netback_flow *flow, const void *bytes, unsigned int len)
{
	memcpy(flow->input + flow->len, bytes, len);
	flow->len += len;
}

/*
 * netif.h: of two types that both fit, the one with ports. What has none that
 * can be found is hashed by its addresses.
 */
static bool choose(struct netback_flow *flow, const u8 *ports, u32 flags,
		   u8 with_ports, u8 without)
{
	if (ports && flags & BIT(with_ports)) {
		flow->type = with_ports;
		add(flow, ports, PORTS);
		return true;
	}
	flow->type = without;
	return flags & BIT(without);
}

static bool read_v4(struct netback_flow *flow, const u8 *packet,
		    unsigned int len, u32 flags)
{
	const u8 *ports = NULL;
	unsigned int header;
	struct iphdr ip;

	if (len < sizeof(ip))
		return false;
	memcpy(&ip, packet, sizeof(ip));
	header = ip.ihl * 4;
	if (ip.version != 4 || header < sizeof(ip))
		return false;
	/* Only the first fragment has the ports: none is taken by them. */
	if (ip.protocol == IPPROTO_TCP && !(ip.frag_off & htons(FRAGMENT)) &&
	    header + PORTS <= len)
		ports = packet + header;
	add(flow, &ip.saddr, sizeof(ip.saddr));
	add(flow, &ip.daddr, sizeof(ip.daddr));
	return choose(flow, ports, flags, _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP,
		      _XEN_NETIF_CTRL_HASH_TYPE_IPV4);
}

static bool read_v6(struct netback_flow *flow, const u8 *packet,
		    unsigned int len, u32 flags)
{
	const u8 *ports = NULL;
	struct ipv6hdr ip;

	if (len < sizeof(ip))
		return false;
	memcpy(&ip, packet, sizeof(ip));
	if (ip.version != 6)
		return false;
	/* Behind other headers ports are not looked for: there is no bound. */
	if (ip.nexthdr == IPPROTO_TCP && sizeof(ip) + PORTS <= len)
		ports = packet + sizeof(ip);
	add(flow, &ip.saddr, sizeof(ip.saddr));
	add(flow, &ip.daddr, sizeof(ip.daddr));
	return choose(flow, ports, flags, _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP,
		      _XEN_NETIF_CTRL_HASH_TYPE_IPV6);
}

/**
 * netback_flow_read() - find what of a frame is hashed
 * @flow: filled on success
 * @frame: its first bytes, from the Ethernet header on
 * @len: how many: all of it, or NETBACK_FLOW_HEAD
 * @flags: XEN_NETIF_CTRL_HASH_TYPE_* that are wanted
 *
 * One VLAN tag is stepped over: whether the frame has it already, or gets it
 * from the stack later, is no matter then.
 *
 * Context: any; pure.
 * Return: whether the frame is of a wanted type.
 */
bool netback_flow_read(struct netback_flow *flow, const u8 *frame,
		       unsigned int len, u32 flags)
{
	unsigned int at = ETH_HLEN;
	__be16 protocol;

	flow->len = 0;
	if (len < at)
		return false;
	memcpy(&protocol, frame + at - sizeof(protocol), sizeof(protocol));
	if (protocol == htons(ETH_P_8021Q)) {
		at += VLAN_TAG;
		if (len < at)
			return false;
		memcpy(&protocol, frame + at - sizeof(protocol),
		       sizeof(protocol));
	}
	if (protocol == htons(ETH_P_IP))
		return read_v4(flow, frame + at, len - at, flags);
	if (protocol == htons(ETH_P_IPV6))
		return read_v6(flow, frame + at, len - at, flags);
	return false;
}
