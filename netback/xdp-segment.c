// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a guest leaves to be segmented is segmented before a program sees it that takes
 * frames of one piece only.
 */

#include <linux/if_vlan.h>
#include <net/xdp.h>
#include COMPAT_GSO_H

#include "netback.h"

/**
 * netback_xdp_segment() - segment a packet
 * @queue: its queue
 * @packet: a packet whose copies all succeeded; it has no memory afterwards
 * @list: filled with the segments, their checksums filled in; NULL when there are none
 *
 * Context: the queue's tx poll.
 * Return: 0; -EINVAL, counted, when the packet is not what the guest says it is or for
 * want of memory.
 */
int netback_xdp_segment(struct netback_queue *queue,
			struct netback_packet *packet, struct sk_buff **list)
{
	struct netback_counters *counters = &queue->tx.counters;
	struct sk_buff *skb = netback_skb_build(queue, packet);
	struct sk_buff *segments;

	*list = NULL;
	if (!skb)
		return -EINVAL;
	__skb_push(skb, ETH_HLEN);
	if (!skb_is_gso(skb)) {
		if (skb->ip_summed == CHECKSUM_PARTIAL &&
		    skb_checksum_help(skb))
			goto drop;
		*list = skb;
		return 0;
	}
	segments = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segments))
		goto drop;
	consume_skb(skb);
	*list = segments;
	return 0;
drop:
	netback_count(counters, &counters->drops, 1);
	kfree_skb(skb);
	return -EINVAL;
}

/* The tag that was put aside goes back to where it was. */
static void copy(const struct sk_buff *segment, unsigned int tag, u8 *to)
{
	struct vlan_ethhdr *eth = (struct vlan_ethhdr *)to;
	unsigned int front = tag ? 2 * ETH_ALEN : 0;

	skb_copy_bits(segment, 0, to, front);
	skb_copy_bits(segment, front, to + front + tag, segment->len - front);
	if (tag) {
		eth->h_vlan_proto = segment->vlan_proto;
		eth->h_vlan_TCI = htons(skb_vlan_tag_get(segment));
	}
}

/**
 * netback_xdp_lay() - put a segment into a frame
 * @queue: its queue
 * @segment: of netback_xdp_segment(); it stays the caller's
 * @xdp: filled, with a page of its own
 *
 * Context: the queue's tx poll.
 * Return: false for want of memory, or when it is too long.
 */
bool netback_xdp_lay(struct netback_queue *queue, struct sk_buff *segment,
		     struct xdp_buff *xdp)
{
	unsigned int tag = skb_vlan_tag_present(segment) ? VLAN_HLEN : 0;
	unsigned int len = segment->len + tag;
	struct page *page;

	if (len > NETBACK_XDP_LINEAR)
		return false;
	page = netback_page_alloc(queue);
	if (!page)
		return false;
	xdp_init_buff(xdp, PAGE_SIZE, &queue->tx.rxq);
	xdp_prepare_buff(xdp, page_address(page), XDP_PACKET_HEADROOM, len,
			 true);
	copy(segment, tag, xdp->data);
	return true;
}
