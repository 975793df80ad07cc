/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Where the bytes of a packet go when it is copied out of the guest: its
 * beginning to a cell, which becomes the skb's head, what is left to pages.
 *
 * place.c: netback_place() netback_place_apart()
 * here:    netback_spot_first() netback_spot_advance()
 */
#ifndef XEN_BACKENDS_NETBACK_PLACE_H
#define XEN_BACKENDS_NETBACK_PLACE_H

#include <linux/bpf.h>
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

#include "wire.h"

/* Before the data in its cell: what the stack may want for its own headers. */
#define NETBACK_HEADROOM (NET_SKB_PAD + NET_IP_ALIGN)
/* Data of a packet that a cell can hold: it is part of a page. */
#define NETBACK_LINEAR_MAX (SKB_WITH_OVERHEAD(PAGE_SIZE) - NETBACK_HEADROOM)
/* The same where an XDP program is to have its room in front of the data. */
#define NETBACK_XDP_LINEAR (SKB_WITH_OVERHEAD(PAGE_SIZE) - XDP_PACKET_HEADROOM)
/* Of a packet that has pages too, for its headers (XSA-423). */
#define NETBACK_LINEAR_MIN 128
/* Pages of a packet at most: each piece but the first may have its own. */
#define NETBACK_PACKET_PAGES (XEN_NETIF_NR_SLOTS_MIN - 1)

/**
 * struct netback_place - where a packet goes
 * @headroom: bytes of the cell before the data
 * @linear: bytes of data in the cell
 * @cell: bytes of the cell
 * @nr_pages: pages for what is left
 * @len: bytes of data on each of them
 */
struct netback_place {
	u16 headroom;
	u16 linear;
	u16 cell;
	u8 nr_pages;
	u16 len[NETBACK_PACKET_PAGES];
};

void netback_place(unsigned int total, bool xdp, struct netback_place *place);
void netback_place_apart(struct netback_place *place, unsigned int total,
			 const struct netback_piece *piece, unsigned int nr);

/**
 * struct netback_spot - where the next bytes of a packet go
 * @page: 0 for the cell, N for the Nth page
 * @offset: where in it
 * @room: how many may go there, 0 behind the last one
 */
struct netback_spot {
	unsigned int page;
	unsigned int offset;
	unsigned int room;
};

/**
 * netback_spot_first() - where a packet's first bytes go
 * @place: of the packet
 *
 * Context: any; pure.
 * Return: the spot.
 */
static inline struct netback_spot
netback_spot_first(const struct netback_place *place)
{
	return (struct netback_spot){
		.offset = place->headroom,
		.room = place->linear,
	};
}

/**
 * netback_spot_advance() - where the bytes behind go
 * @place: of the packet
 * @spot: its spot; moved
 * @bytes: that went there, 1 to its room
 *
 * Context: any; pure.
 */
static inline void netback_spot_advance(const struct netback_place *place,
					struct netback_spot *spot,
					unsigned int bytes)
{
	spot->offset += bytes;
	spot->room -= bytes;
	if (spot->room || spot->page >= place->nr_pages)
		return;
	spot->offset = 0;
	spot->room = place->len[spot->page++];
}

#endif
