// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the bytes of a packet go. Pure.
 *
 * What a packet holds of dom0's memory is charged to the socket that it waits in:
 * a cell is as large as the data needs, so that a receive buffer takes as many
 * packets as it does from the in-tree driver, and pages are full.
 */

#include <linux/build_bug.h>

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
	if (unlikely(xdp)) {
		place->headroom = XDP_PACKET_HEADROOM;
		place->linear = min_t(unsigned int, total, NETBACK_XDP_LINEAR);
		place->cell = PAGE_SIZE;
	} else {
		place->headroom = NETBACK_HEADROOM;
		place->linear = linear_of(total);
		place->cell = SKB_DATA_ALIGN(NETBACK_HEADROOM + place->linear) +
			      SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	}
	place->nr_pages = DIV_ROUND_UP(total - place->linear, PAGE_SIZE);
}

/**
 * netback_place_at() - where a byte of a packet goes
 * @place: of the packet
 * @at: number of the byte
 * @page: filled with 0 for the cell, with N for the Nth page
 * @offset: filled with where it goes there
 *
 * Context: any; pure.
 * Return: how many bytes may follow it there, itself included.
 */
unsigned int netback_place_at(const struct netback_place *place,
			      unsigned int at, unsigned int *page,
			      unsigned int *offset)
{
	if (at < place->linear) {
		*page = 0;
		*offset = place->headroom + at;
		return place->linear - at;
	}
	at -= place->linear;
	*page = 1 + at / PAGE_SIZE;
	*offset = at % PAGE_SIZE;
	return PAGE_SIZE - *offset;
}
