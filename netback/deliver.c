// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Packets of the guest go to the stack: by GRO, or by the list of a poll. */

#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/tcp.h>

#include "netback.h"

/*
 * GRO looks at all of a packet's headers, and needs a hash of them: 1000 instructions.
 * They are spent where it may be worth it.
 */
enum merges {
	/* It is of no protocol that GRO merges. */
	MERGES_NOT,
	/* GRO ends with it what it holds of the flow, but does not hold it for others. */
	MERGES_LAST,
	/* GRO holds it for others to come. */
	MERGES,
};

/* Its sender waits for an answer, or for nothing: so does not GRO. */
#define ENDS                                                         \
	(TCP_FLAG_URG | TCP_FLAG_PSH | TCP_FLAG_RST | TCP_FLAG_SYN | \
	 TCP_FLAG_FIN)

/* @at is where the TCP header begins, @end where the IP packet ends. */
static enum merges tcp_merges(const struct sk_buff *skb, unsigned int at,
			      unsigned int end)
{
	const struct tcphdr *tcp = (const struct tcphdr *)(skb->data + at);

	if (skb_headlen(skb) < at + sizeof(*tcp))
		return MERGES;
	/* What a guest segments is DODGY: newer kernels hold only others. */
	if (skb_is_gso(skb) || tcp_flag_word(tcp) & ENDS ||
	    end <= at + tcp->doff * 4)
		return MERGES_LAST;
	return MERGES;
}

static enum merges ipv4_merges(const struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	if (skb_headlen(skb) < sizeof(*ip) || ip->protocol != IPPROTO_TCP)
		return MERGES_NOT;
	return tcp_merges(skb, ip->ihl * 4, ntohs(ip->tot_len));
}

static enum merges ipv6_merges(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	if (skb_headlen(skb) < sizeof(*ip) || ip->nexthdr == IPPROTO_UDP ||
	    ip->nexthdr == IPPROTO_ICMPV6)
		return MERGES_NOT;
	/* Behind other headers there may be a flow's. */
	if (ip->nexthdr != IPPROTO_TCP)
		return MERGES_LAST;
	return tcp_merges(skb, sizeof(*ip),
			  sizeof(*ip) + ntohs(ip->payload_len));
}

static enum merges by_protocol(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return ipv4_merges(skb);
	case htons(ETH_P_IPV6):
		return ipv6_merges(skb);
	case htons(ETH_P_8021Q):
	case htons(ETH_P_8021AD):
		return MERGES;
	default:
		return MERGES_NOT;
	}
}

/* Whether GRO has packets of this poll, held or not yet given on. */
static bool has_some(const struct napi_struct *napi)
{
	return napi->gro_bitmask || napi->rx_count;
}

/* Of what has a tag some may have had it put aside, and some not. */
static enum merges merges(const struct sk_buff *skb)
{
	enum merges how = by_protocol(skb);

	return how == MERGES_NOT && skb_vlan_tag_present(skb) ? MERGES_LAST :
								how;
}

/* What waits in the list must not be overtaken by what GRO gives on. */
static void end_list(struct netback_tx *tx, struct list_head *list)
{
	if (!tx->listed)
		return;
	netif_receive_skb_list(list);
	INIT_LIST_HEAD(list);
	tx->listed = false;
}

/**
 * netback_deliver_skb() - give an skb to the stack
 * @queue: whose guest has sent it
 * @skb: from netback_skb_finish()
 * @list: what the caller gives to netif_receive_skb_list() at the poll's end
 *
 * Packets of a flow stay in their order: those that GRO may merge go to it, and
 * others of TCP too while it has any.
 *
 * Context: the queue's tx poll.
 */
void netback_deliver_skb(struct netback_queue *queue, struct sk_buff *skb,
			 struct list_head *list)
{
	struct netback_tx *tx = &queue->tx;
	enum merges how = merges(skb);

	if (how == MERGES_NOT || (how == MERGES_LAST && !has_some(&tx->napi))) {
		tx->listed |= how;
		list_add_tail(&skb->list, list);
		return;
	}
	end_list(tx, list);
	/* GRO has a list of eight flows for each value of the hash's last bits. */
	if (!skb_is_gso(skb))
		skb_get_hash(skb);
	napi_gro_receive(&tx->napi, skb);
}

/**
 * netback_deliver() - give a packet to the stack
 * @queue: whose guest has sent it
 * @packet: a packet whose copies all succeeded; it has no memory afterwards
 * @list: see netback_deliver_skb()
 *
 * Context: the queue's tx poll.
 */
void netback_deliver(struct netback_queue *queue, struct netback_packet *packet,
		     struct list_head *list)
{
	struct netback_counters *counters = &queue->tx.counters;
	struct sk_buff *skb = netback_skb_build(queue, packet);

	if (!skb)
		return;
	netback_count_packets(counters, 1, packet->total);
	netback_deliver_skb(queue, skb, list);
}
