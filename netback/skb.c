// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A packet that was copied out of the guest becomes an skb. */

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "netback.h"

/* The least that a TCP of Linux makes: its least MSS, full of options. */
#define MIN_GSO_SIZE (TCP_MIN_SND_MSS - MAX_TCP_OPTION_SPACE)

/*
 * A packet that is cut in the host costs it an skb a segment. So many has the
 * largest packet to a peer that takes 64 bytes a segment: less is an attack.
 */
#define MAX_SEGMENTS 1024

/* The cell and the pages are the skb's once this succeeds. */
static struct sk_buff *assemble(struct netback_packet *packet)
{
	struct sk_buff *skb;
	unsigned int i;

	skb = napi_build_skb(page_address(packet->cell) + packet->cell_at,
			     packet->place.cell);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, packet->place.headroom);
	skb_put(skb, packet->place.linear);
	for (i = 0; i < packet->nr_pages; i++)
		skb_add_rx_frag(skb, i, packet->page[i], 0,
				packet->place.len[i], PAGE_SIZE);
	skb_mark_for_recycle(skb);
	packet->cell = NULL;
	packet->nr_pages = 0;
	return skb;
}

/*
 * What the guest says of segments must fit what the packet is: the stack
 * trusts it to find a TCP header there.
 */
static bool set_gso(struct sk_buff *skb, const struct netback_offload *offload)
{
	bool v4 = offload->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;
	unsigned int headers, segments;

	if (offload->gso_size < MIN_GSO_SIZE ||
	    offload->gso_size == GSO_BY_FRAGS ||
	    skb->protocol != htons(v4 ? ETH_P_IP : ETH_P_IPV6) ||
	    skb->csum_offset != offsetof(struct tcphdr, check) ||
	    !skb_transport_header_was_set(skb) ||
	    !pskb_may_pull(skb,
			   skb_transport_offset(skb) + sizeof(struct tcphdr)))
		return false;
	headers = skb_transport_offset(skb) + tcp_hdrlen(skb);
	if (tcp_hdrlen(skb) < sizeof(struct tcphdr) || headers > skb->len)
		return false;
	segments = DIV_ROUND_UP(skb->len - headers, offload->gso_size);
	if (segments > MAX_SEGMENTS)
		return false;
	/* One that need not be cut must not look as if. */
	if (segments <= 1)
		return true;
	skb_shinfo(skb)->gso_size = offload->gso_size;
	/* DODGY: its headers are checked again where it is segmented. */
	skb_shinfo(skb)->gso_type = (v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) |
				    SKB_GSO_DODGY;
	skb_shinfo(skb)->gso_segs = segments;
	return true;
}

/*
 * The stack finds neither checksums nor segments behind a tag. It puts a tag aside
 * itself, but only once it has the packet. illumos and Windows send such.
 */
static struct sk_buff *put_tag_aside(struct sk_buff *skb,
				     const struct netback_offload *offload)
{
	if (!eth_type_vlan(skb->protocol) ||
	    (!(offload->flags & XEN_NETTXF_csum_blank) && !offload->gso_size))
		return skb;
	return skb_vlan_untag(skb);
}

static bool set_offloads(struct netback_queue *queue, struct sk_buff *skb,
			 const struct netback_offload *offload)
{
	bool blank = offload->flags & XEN_NETTXF_csum_blank;

	/*
	 * Segments need a checksum to be filled in. Some frontends do not say
	 * that it is blank: then what stands there is made so.
	 */
	if (blank || offload->gso_size) {
		queue->tx.fixups += !blank;
		skb->ip_summed = CHECKSUM_PARTIAL;
		if (skb_checksum_setup(skb, !blank))
			return false;
	} else if (offload->flags & XEN_NETTXF_data_validated) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	return !offload->gso_size || set_gso(skb, offload);
}

/**
 * netback_skb_finish() - tell the stack what the guest says of a packet
 * @queue: its queue
 * @skb: the packet, from the Ethernet header on; not the caller's afterwards
 * @offload: what the guest says
 *
 * Context: the queue's tx poll.
 * Return: the skb, its protocol and offloads set; or NULL, counted, when the packet
 * is not what the guest says it is.
 */
struct sk_buff *netback_skb_finish(struct netback_queue *queue,
				   struct sk_buff *skb,
				   const struct netback_offload *offload)
{
	struct netback_counters *counters = &queue->tx.counters;

	skb->protocol = eth_type_trans(skb, queue->vif->dev);
	skb_reset_network_header(skb);
	skb = put_tag_aside(skb, offload);
	if (unlikely(!skb || !set_offloads(queue, skb, offload))) {
		netback_count(counters, &counters->errors, 1);
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/**
 * netback_skb_build() - make an skb of a packet
 * @queue: its queue
 * @packet: a packet whose copies all succeeded; it has no memory afterwards
 *
 * Context: the queue's tx poll.
 * Return: the skb, its protocol and offloads set; or NULL, counted, for want of
 * memory or because the packet is not what the guest says it is.
 */
struct sk_buff *netback_skb_build(struct netback_queue *queue,
				  struct netback_packet *packet)
{
	struct netback_counters *counters = &queue->tx.counters;
	struct sk_buff *skb = assemble(packet);

	if (unlikely(!skb)) {
		netback_packet_free(queue, packet);
		netback_count(counters, &counters->drops, 1);
		return NULL;
	}
	return netback_skb_finish(queue, skb, &packet->offload);
}
