// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the bytes of a packet go. Pure.
 *
 * What a packet holds of dom0's memory is charged to the socket that it waits in:
 * a cell is as large as the data needs, and of pages little is left empty, so that a
 * receive buffer takes as many packets as it does from the in-tree driver, or an eighth
 * less of large ones.
 */

#include <linux/build_bug.h>
#include <linux/string.h>

#include "place.h"

static_assert(PAGE_SIZE == 4096, "a copy ends at the end of a page of Xen's");
static_assert(NETBACK_LINEAR_MIN >= ETH_HLEN);
static_assert(NETBACK_PACKET_PAGES <= MAX_SKB_FRAGS);
static_assert(NETBACK_XDP_LINEAR >= NETBACK_LINEAR_MIN);

static unsigned int linear_of(unsigned int total)
{
	unsigned int beyond = total % PAGE_SIZE;

	BUILD_BUG_ON(NETBACK_LINEAR_MIN > NETBACK_LINEAR_MAX);
	if (total <= NETBACK_LINEAR_MAX)
		return total;
	/* What is left fills its pages. */
	if (beyond >= NETBACK_LINEAR_MIN && beyond <= NETBACK_LINEAR_MAX)
		return beyond;
	return NETBACK_LINEAR_MIN;
}

static unsigned int cell_of(unsigned int linear)
{
	return SKB_DATA_ALIGN(NETBACK_HEADROOM + linear) +
	       SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
}

/**
 * netback_place() - say where a packet goes
 * @total: its bytes, to XEN_NETIF_MAX_TX_SIZE
 * @xdp: an XDP program may see it: it has a page of its own, with room to grow at
 *	both ends. To no other's can that go: before 6.3 the kernel takes the whole
 *	page of a frame out of its pool where a redirected one becomes an skb
 * @place: filled
 *
 * Context: any; pure.
 */
void netback_place(unsigned int total, bool xdp, struct netback_place *place)
{
	unsigned int left, i;

	BUILD_BUG_ON(XEN_NETIF_MAX_TX_SIZE - NETBACK_LINEAR_MIN >
		     NETBACK_PACKET_PAGES * PAGE_SIZE);
	if (unlikely(xdp)) {
		place->headroom = XDP_PACKET_HEADROOM;
		place->linear = min_t(unsigned int, total, NETBACK_XDP_LINEAR);
		place->cell = PAGE_SIZE;
	} else {
		place->headroom = NETBACK_HEADROOM;
		place->linear = linear_of(total);
		place->cell = cell_of(place->linear);
	}
	left = total - place->linear;
	for (i = 0; left; i++) {
		place->len[i] = min_t(unsigned int, left, PAGE_SIZE);
		left -= place->len[i];
	}
	place->nr_pages = i;
}

/*
 * Puts what each piece has beyond @linear on a page of its own.
 * Return: pages; more than NETBACK_PACKET_PAGES if there are not enough.
 */
static unsigned int apart(u16 *len, const struct netback_piece *piece,
			  unsigned int nr, unsigned int linear)
{
	unsigned int at = 0, pages = 0, i;

	for (i = 0; i < nr; i++) {
		unsigned int end = at + piece[i].size;

		if (end > linear && end > at) {
			if (pages == NETBACK_PACKET_PAGES)
				return pages + 1;
			len[pages++] = end - max(at, linear);
		}
		at = end;
	}
	return pages;
}

/**
 * netback_place_apart() - have each piece of a packet on a page of its own
 * @place: of netback_place(), without XDP; changed if that is worth it
 * @total: bytes of the packet
 * @piece: the packet's pieces
 * @nr: how many
 *
 * A piece that the end of a page of ours cuts is two copies. Of the pages no more than
 * an eighth of the packet's size may be left empty.
 *
 * Context: any; pure.
 */
void netback_place_apart(struct netback_place *place, unsigned int total,
			 const struct netback_piece *piece, unsigned int nr)
{
	unsigned int linear =
		max_t(unsigned int, piece[0].size, NETBACK_LINEAR_MIN);
	u16 len[NETBACK_PACKET_PAGES];
	unsigned int pages;

	if (place->nr_pages < 2 || linear > NETBACK_LINEAR_MAX)
		return;
	pages = apart(len, piece, nr, linear);
	if (pages > NETBACK_PACKET_PAGES ||
	    pages * PAGE_SIZE > total - linear + total / 8)
		return;
	place->linear = linear;
	place->cell = cell_of(linear);
	place->nr_pages = pages;
	memcpy(place->len, len, pages * sizeof(*len));
}
