// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A packet that was copied out of the guest becomes an skb. */

#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include COMPAT_PAGE_POOL_H

#include "netback.h"

/*
 * The least that a TCP of Linux makes: its least MSS, full of options. A
 * smaller one would have the host make more skbs than the guest sent bytes for.
 */
#define MIN_GSO_SIZE (TCP_MIN_SND_MSS - MAX_TCP_OPTION_SPACE)

/**
 * netback_packet_free() - give a packet's pages back
 * @queue: its queue
 * @packet: the packet; it has no pages afterwards
 *
 * Context: the queue's tx poll.
 */
void netback_packet_free(struct netback_queue *queue,
			 struct netback_packet *packet)
{
	while (packet->nr_pages)
		page_pool_recycle_direct(queue->tx.pool,
					 packet->page[--packet->nr_pages]);
}

/* The pages are the skb's once this succeeds. */
static struct sk_buff *assemble(struct netback_packet *packet)
{
	unsigned int left = packet->total;
	unsigned int len = min_t(unsigned int, left, NETBACK_LINEAR);
	struct sk_buff *skb;
	unsigned int i;

	skb = napi_build_skb(page_address(packet->page[0]), PAGE_SIZE);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, NETBACK_HEADROOM);
	skb_put(skb, len);
	for (i = 1; i < packet->nr_pages; i++) {
		left -= len;
		len = min_t(unsigned int, left, PAGE_SIZE);
		skb_add_rx_frag(skb, i - 1, packet->page[i], 0, len, PAGE_SIZE);
	}
	skb_mark_for_recycle(skb);
	packet->nr_pages = 0;
	return skb;
}

/*
 * What the guest says of segments must fit what the packet is: the stack
 * trusts it to find a TCP header there.
 */
static bool set_gso(struct sk_buff *skb, const struct netback_packet *packet)
{
	bool v4 = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;
	unsigned int headers;

	if (packet->gso_size < MIN_GSO_SIZE ||
	    packet->gso_size == GSO_BY_FRAGS ||
	    skb->protocol != htons(v4 ? ETH_P_IP : ETH_P_IPV6) ||
	    skb->csum_offset != offsetof(struct tcphdr, check) ||
	    !skb_transport_header_was_set(skb) ||
	    !pskb_may_pull(skb,
			   skb_transport_offset(skb) + sizeof(struct tcphdr)))
		return false;
	headers = skb_transport_offset(skb) + tcp_hdrlen(skb);
	if (tcp_hdrlen(skb) < sizeof(struct tcphdr) || headers >= skb->len)
		return false;
	skb_shinfo(skb)->gso_size = packet->gso_size;
	/* DODGY: its headers are checked again where it is segmented. */
	skb_shinfo(skb)->gso_type = (v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) |
				    SKB_GSO_DODGY;
	skb_shinfo(skb)->gso_segs =
		DIV_ROUND_UP(skb->len - headers, packet->gso_size);
	return true;
}

static bool set_offloads(struct sk_buff *skb,
			 const struct netback_packet *packet)
{
	bool blank = packet->flags & XEN_NETTXF_csum_blank;

	/*
	 * Segments need a checksum to be filled in. Some frontends do not say
	 * that it is blank: then what stands there is made so.
	 */
	if (blank || packet->gso_size) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		if (skb_checksum_setup(skb, !blank))
			return false;
	} else if (packet->flags & XEN_NETTXF_data_validated) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	return !packet->gso_size || set_gso(skb, packet);
}

/**
 * netback_skb_build() - make an skb of a packet
 * @queue: its queue
 * @packet: a packet whose copies all succeeded; it has no pages afterwards
 *
 * Context: the queue's tx poll.
 * Return: the skb, its protocol and offloads set; or NULL, counted, for want of
 * memory or because the packet is not what the guest says it is.
 */
struct sk_buff *netback_skb_build(struct netback_queue *queue,
				  struct netback_packet *packet)
{
	struct sk_buff *skb = assemble(packet);

	if (unlikely(!skb)) {
		netback_packet_free(queue, packet);
		queue->tx.counters.drops++;
		return NULL;
	}
	skb_record_rx_queue(skb, queue->index);
	skb->protocol = eth_type_trans(skb, queue->vif->dev);
	skb_reset_network_header(skb);
	if (unlikely(!set_offloads(skb, packet))) {
		queue->tx.counters.errors++;
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}
