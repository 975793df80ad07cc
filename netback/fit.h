/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Slots for a packet's pieces of memory, none of them cut: what the end of a slot cuts
 * is copied by two operations. Pure.
 *
 * here: netback_fit_first() netback_fit_piece() netback_fit_is_worth()
 */
#ifndef XEN_BACKENDS_NETBACK_FIT_H
#define XEN_BACKENDS_NETBACK_FIT_H

#include <linux/minmax.h>
#include <linux/mm.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

/*
 * Slots with data at most. Linux' frontend takes 18 (XEN_NETIF_NR_SLOTS_MIN) only where
 * the first one has few bytes, and drops the packet otherwise.
 */
#define NETBACK_FIT_SLOTS (XEN_NETIF_NR_SLOTS_MIN - 1)

/**
 * struct netback_fit - slots filled with pieces that are not cut
 * @slots: how many
 * @room: bytes that still fit the last one
 */
struct netback_fit {
	unsigned int slots;
	unsigned int room;
};

/**
 * netback_fit_first() - the first slot of a packet
 * @headroom: bytes in front of the data, less than XEN_PAGE_SIZE
 *
 * Context: any; pure.
 * Return: the slot, empty.
 */
static inline struct netback_fit netback_fit_first(unsigned int headroom)
{
	return (struct netback_fit){
		.slots = 1,
		.room = XEN_PAGE_SIZE - headroom,
	};
}

static inline void netback_fit_part(struct netback_fit *fit, unsigned int len)
{
	if (len > fit->room) {
		fit->slots++;
		fit->room = XEN_PAGE_SIZE;
	}
	fit->room -= len;
}

/**
 * netback_fit_piece() - put a piece into slots
 * @fit: the slots
 * @offset: where the piece begins, from the beginning of a page
 * @len: bytes, 1 or more
 *
 * What lies in one page goes to the last slot if all of it fits, else to another.
 *
 * Context: any; pure.
 */
static inline void netback_fit_piece(struct netback_fit *fit,
				     unsigned int offset, unsigned int len)
{
	unsigned int first =
		min_t(unsigned int, len, PAGE_SIZE - offset_in_page(offset));

	netback_fit_part(fit, first);
	len -= first;
	if (len >= PAGE_SIZE) {
		fit->slots += len / PAGE_SIZE;
		fit->room = 0;
	}
	if (len % PAGE_SIZE)
		netback_fit_part(fit, len % PAGE_SIZE);
}

/**
 * netback_fit_is_worth() - whether a packet is to have these slots
 * @fit: the slots of all its pieces
 * @least: slots if each is filled to its end
 *
 * Context: any; pure.
 * Return: true if they are an eighth more at most, for which a guest's socket is charged,
 * and no more than any frontend takes.
 */
static inline bool netback_fit_is_worth(const struct netback_fit *fit,
					unsigned int least)
{
	return fit->slots <=
	       min_t(unsigned int, least + least / 8, NETBACK_FIT_SLOTS);
}

#endif
