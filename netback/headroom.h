/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Room that a frontend wants in front of each packet for its XDP programs, by xen/
 * interface/io/netif.h ("xdp-headroom").
 *
 * headroom.c: netback_headroom_start() netback_headroom_read()
 * here:       netback_headroom_slots()
 */
#ifndef XEN_BACKENDS_NETBACK_HEADROOM_H
#define XEN_BACKENDS_NETBACK_HEADROOM_H

#include <linux/if_vlan.h>
#include <linux/math.h>
#include <linux/types.h>
#include <xen/interface/io/netif.h>
#include <xen/page.h>

struct netback_vif;

/*
 * Of a slot, which is a page. What is left takes a packet of an MTU of 1500: a
 * frontend without feature-sg has no second one. Linux' netfront wants 256.
 */
#define NETBACK_HEADROOM_MAX 2048
static_assert(NETBACK_HEADROOM_MAX <= XEN_NETIF_MAX_XDP_HEADROOM);
static_assert(XEN_PAGE_SIZE - NETBACK_HEADROOM_MAX >= VLAN_ETH_FRAME_LEN);

/**
 * struct netback_headroom - the room in front of a vif's packets
 * @offered: the frontend was told that it may want some; of the device's work
 * @bytes: how much, 0 to NETBACK_HEADROOM_MAX; written by the device's work, read
 *	by the rx polls, and by packets, without a lock
 * @complained: the key was wrong when it was last read; of the device's work
 * @seen: what it was then, its beginning; of the device's work
 */
struct netback_headroom {
	bool offered;
	u16 bytes;
	bool complained;
	char seen[16];
};

/**
 * netback_headroom_slots() - how many slots a packet's data takes
 * @len: bytes of the packet
 * @headroom: bytes in front of it, in its first slot only
 *
 * Context: any; pure.
 * Return: slots.
 */
static inline unsigned int netback_headroom_slots(unsigned int len,
						  unsigned int headroom)
{
	return DIV_ROUND_UP(headroom + len, XEN_PAGE_SIZE);
}

void netback_headroom_start(struct netback_vif *vif);
void netback_headroom_read(struct netback_vif *vif);

#endif
