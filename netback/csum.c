// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the checksum of a frame is that a guest has left blank, for frames that do
 * not become an skb: the same ones for which skb_checksum_setup() finds it. The frame
 * is anybody's: it is read within its length and trusted in nothing. Pure.
 */

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#include "csum.h"

/* RFC 791: more fragments follow, or where this one goes. */
#define FRAGMENT 0x3fff
#define VLAN_TAG 4
/* One from the guest, and one around it. */
#define MAX_TAGS 2
/* As far as headers of IPv6 are followed; skb_checksum_setup()'s bound. */
#define MAX_IPV6_HEADERS 256

static bool find_in(u8 protocol, unsigned int at, unsigned int len,
		    struct netback_csum *csum)
{
	unsigned int end;

	csum->start = at;
	switch (protocol) {
	case IPPROTO_TCP:
		csum->at = at + offsetof(struct tcphdr, check);
		end = at + sizeof(struct tcphdr);
		break;
	case IPPROTO_UDP:
		csum->at = at + offsetof(struct udphdr, check);
		end = at + sizeof(struct udphdr);
		break;
	default:
		return false;
	}
	return end <= len;
}

static bool find_v4(const u8 *frame, unsigned int at, unsigned int len,
		    struct netback_csum *csum)
{
	struct iphdr ip;

	if (at + sizeof(ip) > len)
		return false;
	memcpy(&ip, frame + at, sizeof(ip));
	if (ip.ihl * 4 < sizeof(ip) || ip.frag_off & htons(FRAGMENT))
		return false;
	return find_in(ip.protocol, at + ip.ihl * 4, len, csum);
}

/* Return: bytes of an extension header, 0 when it is the end of the search. */
static unsigned int extension(u8 type, const u8 *header, bool *fragment)
{
	struct frag_hdr part;

	switch (type) {
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_DEST:
		return (header[1] + 1) * 8;
	case NEXTHDR_AUTH:
		return (header[1] + 2) * 4;
	case NEXTHDR_FRAGMENT:
		memcpy(&part, header, sizeof(part));
		*fragment = part.frag_off & htons(IP6_OFFSET | IP6_MF);
		return sizeof(part);
	default:
		return 0;
	}
}

static bool find_v6(const u8 *frame, unsigned int at, unsigned int len,
		    struct netback_csum *csum)
{
	unsigned int limit = min(at + MAX_IPV6_HEADERS, len);
	bool fragment = false;
	struct ipv6hdr ip;
	u8 type;

	if (at + sizeof(ip) > len)
		return false;
	memcpy(&ip, frame + at, sizeof(ip));
	type = ip.nexthdr;
	at += sizeof(ip);
	while (!fragment && at + sizeof(struct frag_hdr) <= limit) {
		unsigned int size = extension(type, frame + at, &fragment);

		if (!size)
			return find_in(type, at, len, csum);
		type = frame[at];
		at += size;
	}
	return false;
}

/**
 * netback_csum_find() - find the blank checksum of a frame
 * @frame: its first bytes, from the Ethernet header on
 * @len: how many of it there are
 * @csum: filled
 *
 * Context: any; pure.
 * Return: false when it is neither TCP nor UDP, a fragment, or too short.
 */
bool netback_csum_find(const u8 *frame, unsigned int len,
		       struct netback_csum *csum)
{
	unsigned int at = ETH_HLEN, tags = 0;
	__be16 type;

	if (len < at)
		return false;
	memcpy(&type, frame + at - sizeof(type), sizeof(type));
	while ((type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD)) &&
	       tags++ < MAX_TAGS) {
		at += VLAN_TAG;
		if (len < at)
			return false;
		memcpy(&type, frame + at - sizeof(type), sizeof(type));
	}
	if (type == htons(ETH_P_IP))
		return find_v4(frame, at, len, csum);
	if (type == htons(ETH_P_IPV6))
		return find_v6(frame, at, len, csum);
	return false;
}
