// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A packet laid over the slots that the guest has posted, and their answers. */

#include <linux/highmem.h>
#include <linux/ip.h>
#include <linux/mm.h>
#include <linux/tcp.h>

#include "fit.h"
#include "netback.h"

/**
 * netback_rx_gso_type() - how the guest has to segment a packet
 * @skb: the packet
 *
 * Context: any; pure.
 * Return: XEN_NETIF_GSO_TYPE_*; NONE also for what no guest can.
 */
u8 netback_rx_gso_type(const struct sk_buff *skb)
{
	if (!skb_is_gso(skb))
		return XEN_NETIF_GSO_TYPE_NONE;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4)
		return XEN_NETIF_GSO_TYPE_TCPV4;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6)
		return XEN_NETIF_GSO_TYPE_TCPV6;
	return XEN_NETIF_GSO_TYPE_NONE;
}

/* What frontends look for in the first slot: NetBSD's, and FreeBSD's LRO. */
#define HEADERS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))

/*
 * Of how many slots the data of a packet is that has more than a page of it, if it is not
 * cut for them. The first one has the headers.
 * Return: slots; 0 if it is to be cut.
 */
static unsigned int data_slots(const struct sk_buff *skb, unsigned int headroom,
			       unsigned int least)
{
	unsigned int head = skb_headlen(skb), at = offset_in_page(skb->data);
	struct netback_fit fit = netback_fit_first(headroom);
	unsigned int i;

	if (head < HEADERS ||
	    min_t(unsigned int, head, PAGE_SIZE - at) > fit.room)
		return 0;
	netback_fit_piece(&fit, at, head);
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		netback_fit_piece(&fit, skb_frag_off(frag),
				  skb_frag_size(frag));
	}
	return netback_fit_is_worth(&fit, least) ? fit.slots : 0;
}

/**
 * netback_rx_slots() - how many slots a packet takes
 * @skb: the packet; whether its pieces are cut for them is kept with it
 * @headroom: bytes in front of it
 * @posted: slots that there are: it does not wait to be laid whole
 *
 * Context: the queue's rx poll.
 * Return: slots, those of a GSO, a hash and an XDP extra included.
 */
unsigned int netback_rx_slots(const struct sk_buff *skb, unsigned int headroom,
			      unsigned int posted)
{
	unsigned int extras =
		(netback_rx_gso_type(skb) != XEN_NETIF_GSO_TYPE_NONE) +
		netback_cb(skb)->hashed.valid + !!headroom;
	unsigned int nr = netback_headroom_slots(skb->len, headroom);
	unsigned int whole = 0;

	if (nr > 1 && !skb_has_frag_list(skb))
		whole = data_slots(skb, headroom, nr);
	netback_cb(skb)->whole = whole && whole + extras <= posted;
	return extras + (netback_cb(skb)->whole ? whole : nr);
}

/**
 * netback_rx_pieces() - of how many pieces of memory a packet is
 * @skb: the packet
 *
 * Context: any; pure.
 * Return: pieces, those of the packets chained to it included; UINT_MAX when one
 * of these has a chain of its own.
 */
unsigned int netback_rx_pieces(const struct sk_buff *skb)
{
	unsigned int nr = 1 + skb_shinfo(skb)->nr_frags;
	const struct sk_buff *chained;

	for (chained = skb_shinfo(skb)->frag_list; chained;
	     chained = chained->next) {
		if (skb_has_frag_list(chained))
			return UINT_MAX;
		nr += 1 + skb_shinfo(chained)->nr_frags;
	}
	return nr;
}

/**
 * netback_rx_ops() - how many copies a packet takes at most
 * @skb: a packet of at most NETBACK_RX_PIECES pieces
 * @headroom: bytes in front of it
 *
 * Each piece is cut by where it begins, and each page's end, ours or the guest's,
 * cuts once more.
 *
 * Context: any; pure.
 * Return: copies, at most NETBACK_RX_OPS.
 */
unsigned int netback_rx_ops(const struct sk_buff *skb, unsigned int headroom)
{
	return 2 * (netback_rx_pieces(skb) +
		    netback_headroom_slots(skb->len, headroom));
}

static struct netback_rx_slot *take_slot(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	struct netback_rx_slot *slot = &rx->slot[rx->nr_slots++];
	struct xen_netif_rx_request req;

	xbe_ring_take(&rx->ring, &req, sizeof(req));
	*slot = (struct netback_rx_slot){
		.ref = req.gref,
		.id = req.id,
		.op = rx->batch->nr,
	};
	return slot;
}

/**
 * struct lay - a packet being laid
 * @queue: the queue
 * @slot: the slot being filled, NULL before the first
 * @room: bytes that still fit into it
 * @whole: no piece is cut by the end of a slot
 * @extras: some are to follow
 * @extra: the last extra, NULL before the first
 * @gso: the packet's GSO extra is to follow the first slot
 * @hash: its hash extra is, behind that
 * @xdp: its XDP extra is, behind both
 */
struct lay {
	struct netback_queue *queue;
	struct netback_rx_slot *slot;
	unsigned int room;
	bool whole;
	bool extras;
	struct netback_rx_slot *extra;
	const struct sk_buff *gso;
	const struct netback_hashed *hash;
	bool xdp;
};

static struct netback_rx_slot *take_extra_slot(struct lay *lay)
{
	if (lay->extra)
		lay->extra->flags = XEN_NETIF_EXTRA_FLAG_MORE;
	lay->extra = take_slot(lay->queue);
	return lay->extra;
}

/* In the order of their types, as the in-tree driver has them. */
static void take_extras(struct lay *lay)
{
	struct netback_rx_slot *slot;

	if (lay->gso) {
		slot = take_extra_slot(lay);
		slot->gso_type = netback_rx_gso_type(lay->gso);
		slot->gso_size = skb_shinfo(lay->gso)->gso_size;
	}
	if (lay->hash)
		take_extra_slot(lay)->hashed = *lay->hash;
	if (lay->xdp)
		take_extra_slot(lay)->headroom = lay->queue->rx.headroom;
	lay->extras = false;
}

static void first_slot(struct lay *lay)
{
	unsigned int headroom = lay->queue->rx.headroom;

	lay->slot = take_slot(lay->queue);
	lay->slot->offset = headroom;
	lay->room = XEN_PAGE_SIZE - headroom;
}

static void next_slot(struct lay *lay)
{
	lay->slot->flags |= XEN_NETRXF_more_data;
	if (unlikely(lay->extras))
		take_extras(lay);
	lay->slot = take_slot(lay->queue);
	lay->room = XEN_PAGE_SIZE;
}

static void copy_to(struct lay *lay, struct page *page, unsigned int offset,
		    unsigned int len)
{
	struct gnt_copy_batch *batch = lay->queue->rx.batch;
	struct gnt_span span = {
		.ref = lay->slot->ref,
		.offset = XEN_PAGE_SIZE - lay->room,
		.len = len,
		.domid = lay->queue->vif->xbe->domid,
	};

	if (likely(!gnt_page_foreign(page)))
		gnt_copy_add_own(batch, GNT_TO_GUEST, &span, page, offset);
	else
		gnt_copy_add(batch, GNT_TO_GUEST, &span, page, offset);
	lay->slot->nr_ops++;
	lay->slot->len += len;
	lay->room -= len;
}

static void lay_piece(struct lay *lay, struct page *page, unsigned int offset,
		      unsigned int len)
{
	page += offset >> PAGE_SHIFT;
	offset = offset_in_page(offset);
	while (len) {
		unsigned int n = min_t(unsigned int, len, PAGE_SIZE - offset);

		if (!lay->room || (lay->whole && n > lay->room))
			next_slot(lay);
		n = min(n, lay->room);
		copy_to(lay, page, offset, n);
		len -= n;
		offset += n;
		page += offset >> PAGE_SHIFT;
		offset = offset_in_page(offset);
	}
}

static u16 first_flags(const struct sk_buff *skb)
{
	u16 flags = 0;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags = XEN_NETRXF_csum_blank | XEN_NETRXF_data_validated;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		flags = XEN_NETRXF_data_validated;
	return flags;
}

static void lay_pieces(struct lay *lay, const struct sk_buff *skb)
{
	unsigned int i;

	lay_piece(lay, virt_to_page(skb->data), offset_in_page(skb->data),
		  skb_headlen(skb));
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		lay_piece(lay, skb_frag_page(frag), skb_frag_off(frag),
			  skb_frag_size(frag));
	}
}

/**
 * netback_rx_lay() - take slots for a packet, add its copies to the batch
 * @queue: a queue with as many slots waiting as netback_rx_slots() has just said, as
 *	many free in rx.slot, and netback_rx_ops() free in the batch
 * @skb: the packet; kept until the batch is flushed
 *
 * Context: the queue's rx poll.
 */
void netback_rx_lay(struct netback_queue *queue, struct sk_buff *skb)
{
	struct lay lay = {
		.queue = queue,
		.whole = netback_cb(skb)->whole,
		.xdp = queue->rx.headroom,
	};
	const struct sk_buff *chained;

	if (netback_rx_gso_type(skb) != XEN_NETIF_GSO_TYPE_NONE)
		lay.gso = skb;
	if (netback_cb(skb)->hashed.valid)
		lay.hash = &netback_cb(skb)->hashed;
	first_slot(&lay);
	lay.slot->flags = first_flags(skb);
	lay.extras = lay.gso || lay.hash || lay.xdp;
	if (lay.extras)
		lay.slot->flags |= XEN_NETRXF_extra_info;

	lay_pieces(&lay, skb);
	for (chained = skb_shinfo(skb)->frag_list; chained;
	     chained = chained->next)
		lay_pieces(&lay, chained);
	/* One that fits its first slot has the extras behind it all the same. */
	if (lay.extras)
		take_extras(&lay);
}

static s16 slot_status(const struct netback_rx *rx,
		       const struct netback_rx_slot *slot)
{
	unsigned int i;

	if (likely(!rx->failed))
		return slot->len;
	if (rx->failed == GNT_COPY_LOST)
		return XEN_NETIF_RSP_ERROR;
	for (i = 0; i < slot->nr_ops; i++)
		if (!gnt_copy_ok(rx->batch, slot->op + i))
			return XEN_NETIF_RSP_ERROR;
	return slot->len;
}

static void answer_data(struct netback_rx *rx,
			const struct netback_rx_slot *slot)
{
	struct xen_netif_rx_response *rsp = xbe_ring_answer(&rx->ring);
	s16 status = slot_status(rx, slot);

	if (unlikely(status < 0))
		netback_count(&rx->counters, &rx->counters.errors, 1);
	rsp->id = slot->id;
	rsp->offset = slot->offset;
	rsp->flags = slot->flags;
	rsp->status = status;
}

static void answer_gso(struct netback_rx *rx,
		       const struct netback_rx_slot *slot)
{
	struct xen_netif_extra_info *extra = xbe_ring_answer(&rx->ring);

	extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
	extra->flags = slot->flags;
	extra->u.gso.size = slot->gso_size;
	extra->u.gso.type = slot->gso_type;
	extra->u.gso.pad = 0;
	extra->u.gso.features = 0;
}

static void answer_hash(struct netback_rx *rx,
			const struct netback_rx_slot *slot)
{
	struct xen_netif_extra_info *extra = xbe_ring_answer(&rx->ring);
	__le32 value = cpu_to_le32(slot->hashed.value);

	extra->type = XEN_NETIF_EXTRA_TYPE_HASH;
	extra->flags = slot->flags;
	extra->u.hash.type = slot->hashed.type;
	extra->u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
	memcpy(extra->u.hash.value, &value, sizeof(value));
}

static void answer_xdp(struct netback_rx *rx,
		       const struct netback_rx_slot *slot)
{
	struct xen_netif_extra_info *extra = xbe_ring_answer(&rx->ring);

	extra->type = XEN_NETIF_EXTRA_TYPE_XDP;
	extra->flags = slot->flags;
	extra->u.xdp.headroom = slot->headroom;
	extra->u.xdp.pad[0] = 0;
	extra->u.xdp.pad[1] = 0;
}

static void answer_slot(struct netback_rx *rx,
			const struct netback_rx_slot *slot)
{
	if (slot->gso_size)
		answer_gso(rx, slot);
	else if (slot->hashed.valid)
		answer_hash(rx, slot);
	else if (slot->headroom)
		answer_xdp(rx, slot);
	else
		answer_data(rx, slot);
}

/**
 * netback_rx_answer() - answer all slots taken since the last time
 * @queue: a queue whose batch is flushed
 *
 * Context: the queue's rx poll.
 */
void netback_rx_answer(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;
	unsigned int i;

	for (i = 0; i < rx->nr_slots; i++)
		answer_slot(rx, &rx->slot[i]);
	rx->nr_slots = 0;
}
