/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Multicast control: which multicast packets a guest wants, by xen/interface/io/
 * netif.h ("feature-multicast-control").
 *
 * mcast.c: netback_mcast_init() netback_mcast_start() netback_mcast_stop()
 *          netback_mcast_read() netback_mcast_set() netback_mcast_wants()
 */
#ifndef XEN_BACKENDS_NETBACK_MCAST_H
#define XEN_BACKENDS_NETBACK_MCAST_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct sk_buff;
struct xbe_device;

/* As many as the in-tree driver takes. */
#define NETBACK_MCAST_MAX 64

/**
 * struct netback_mcast - the multicast packets that a guest wants
 * @on: it has asked for no others; read by packets without @lock
 * @kept: there is a list for the next module; of the device's work
 * @lock: protects writing to @addr; of the tx polls, taken with softirqs off,
 *	innermost
 * @addr: the addresses, as 48 bits; 0 is no address. Read by packets without @lock:
 *	the array is never freed (XSA-527) and a word is read as a whole
 */
struct netback_mcast {
	bool on;
	bool kept;
	spinlock_t lock; /* addr, against other writers */
	u64 addr[NETBACK_MCAST_MAX];
};

void netback_mcast_init(struct netback_mcast *mcast);
void netback_mcast_start(struct netback_mcast *mcast, struct xbe_device *xbe,
			 bool goes_on);
void netback_mcast_stop(struct netback_mcast *mcast, struct xbe_device *xbe);
void netback_mcast_read(struct netback_mcast *mcast, struct xbe_device *xbe);
s16 netback_mcast_set(struct netback_mcast *mcast, u8 type, const u8 *addr);
bool netback_mcast_wants(const struct netback_mcast *mcast,
			 const struct sk_buff *skb);

#endif
