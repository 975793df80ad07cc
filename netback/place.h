/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Where the bytes of a packet go when it is copied out of the guest: its
 * beginning to a cell, which becomes the skb's head, what is left to whole pages.
 *
 * place.c: netback_place() netback_place_at()
 */
#ifndef XEN_BACKENDS_NETBACK_PLACE_H
#define XEN_BACKENDS_NETBACK_PLACE_H

#include <linux/bpf.h>
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

/* Before the data in its cell: what the stack may want for its own headers. */
#define NETBACK_HEADROOM (NET_SKB_PAD + NET_IP_ALIGN)
/* Data of a packet that a cell can hold: it is part of a page. */
#define NETBACK_LINEAR_MAX (SKB_WITH_OVERHEAD(PAGE_SIZE) - NETBACK_HEADROOM)
/* The same where an XDP program is to have its room in front of the data. */
#define NETBACK_XDP_LINEAR (SKB_WITH_OVERHEAD(PAGE_SIZE) - XDP_PACKET_HEADROOM)
/* Of a packet that has pages too, for its headers (XSA-423). */
#define NETBACK_LINEAR_MIN 128
/* Pages of the largest packet. */
#define NETBACK_PACKET_PAGES \
	DIV_ROUND_UP(XEN_NETIF_MAX_TX_SIZE - NETBACK_LINEAR_MIN, PAGE_SIZE)

/**
 * struct netback_place - where a packet goes
 * @headroom: bytes of the cell before the data
 * @linear: bytes of data in the cell
 * @cell: bytes of the cell
 * @nr_pages: pages for what is left
 */
struct netback_place {
	u16 headroom;
	u16 linear;
	u16 cell;
	u8 nr_pages;
};

void netback_place(unsigned int total, bool xdp, struct netback_place *place);
unsigned int netback_place_at(const struct netback_place *place,
			      unsigned int at, unsigned int *page,
			      unsigned int *offset);

#endif
