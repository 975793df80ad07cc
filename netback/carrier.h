/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A vif's carrier.
 *
 * carrier.c: netback_carrier_init() netback_carrier_connected()
 *            netback_carrier_broken() netback_carrier_stalled()
 */
#ifndef XEN_BACKENDS_NETBACK_CARRIER_H
#define XEN_BACKENDS_NETBACK_CARRIER_H

#include <linux/spinlock.h>
#include <linux/types.h>

struct netback_vif;

/**
 * struct netback_carrier - what a vif's carrier follows from
 * @lock: protects all; taken with softirqs off, innermost
 * @connected: a frontend is served
 * @broken: it broke a ring
 * @stalled: queues that take no packets
 */
struct netback_carrier {
	spinlock_t lock; /* connected, broken, stalled */
	bool connected;
	bool broken;
	unsigned int stalled;
};

void netback_carrier_init(struct netback_vif *vif);
void netback_carrier_connected(struct netback_vif *vif, bool connected);
void netback_carrier_broken(struct netback_vif *vif);
void netback_carrier_stalled(struct netback_vif *vif, bool stalled);

#endif
