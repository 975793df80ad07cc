// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Packets of the guest go to the stack: by GRO, or by the list of a poll. */

#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "netback.h"

/*
 * Whether GRO may find others that the packet belongs to. All of TCP goes there,
 * also what is segmented already: what GRO holds must not be overtaken.
 */
static bool may_merge(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return skb_headlen(skb) >= sizeof(struct iphdr) &&
		       ip_hdr(skb)->protocol == IPPROTO_TCP;
	case htons(ETH_P_IPV6):
		return skb_headlen(skb) >= sizeof(struct ipv6hdr) &&
		       ipv6_hdr(skb)->nexthdr == IPPROTO_TCP;
	case htons(ETH_P_8021Q):
	case htons(ETH_P_8021AD):
		return true;
	default:
		return false;
	}
}

/**
 * netback_deliver_skb() - give an skb to the stack
 * @queue: whose guest has sent it
 * @skb: from netback_skb_finish()
 * @list: what the caller gives to netif_receive_skb_list() at the poll's end
 *
 * Context: the queue's tx poll.
 */
void netback_deliver_skb(struct netback_queue *queue, struct sk_buff *skb,
			 struct list_head *list)
{
	if (!may_merge(skb)) {
		list_add_tail(&skb->list, list);
		return;
	}
	/* GRO has a list of eight flows for each value of the hash's last bits. */
	if (!skb_is_gso(skb))
		skb_get_hash(skb);
	napi_gro_receive(&queue->tx.napi, skb);
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
