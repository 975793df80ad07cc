// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A vif's carrier: on while a frontend is served that takes packets. A bridge sends
 * nothing to a port without one, so that what is for a guest that has stopped
 * reading costs the host nothing.
 */

#include "netback.h"

/**
 * netback_carrier_init() - off
 * @vif: a new vif
 *
 * Context: any.
 */
void netback_carrier_init(struct netback_vif *vif)
{
	spin_lock_init(&vif->carrier.lock);
	netif_carrier_off(vif->dev);
}

static void update(struct netback_vif *vif)
{
	const struct netback_carrier *carrier = &vif->carrier;

	lockdep_assert_held(&carrier->lock);
	if (carrier->connected && !carrier->broken && !carrier->stalled)
		netif_carrier_on(vif->dev);
	else
		netif_carrier_off(vif->dev);
}

/**
 * netback_carrier_connected() - a frontend is served, or is no more
 * @vif: the vif, none of its polls running when it is no more
 * @connected: whether it is
 *
 * Context: the device's work.
 */
void netback_carrier_connected(struct netback_vif *vif, bool connected)
{
	struct netback_carrier *carrier = &vif->carrier;

	spin_lock_bh(&carrier->lock);
	carrier->connected = connected;
	if (!connected) {
		carrier->broken = false;
		carrier->stalled = 0;
	}
	update(vif);
	spin_unlock_bh(&carrier->lock);
}

/**
 * netback_carrier_broken() - the frontend broke a ring
 * @vif: the vif; it has no carrier until it is connected again
 *
 * Context: the device's work.
 */
void netback_carrier_broken(struct netback_vif *vif)
{
	spin_lock_bh(&vif->carrier.lock);
	vif->carrier.broken = true;
	update(vif);
	spin_unlock_bh(&vif->carrier.lock);
}

/**
 * netback_carrier_stalled() - a queue takes no packets any more, or does again
 * @vif: its vif
 * @stalled: which; never twice the same of one queue
 *
 * Context: the queue's rx poll.
 */
void netback_carrier_stalled(struct netback_vif *vif, bool stalled)
{
	struct netback_carrier *carrier = &vif->carrier;
	bool was, is;

	spin_lock_bh(&carrier->lock);
	was = carrier->stalled;
	carrier->stalled += stalled ? 1 : -1;
	is = carrier->stalled;
	update(vif);
	spin_unlock_bh(&carrier->lock);
	/* The words are in-tree's: people look for them. */
	if (was != is && __ratelimit(&vif->xbe->messages))
		netdev_info(vif->dev, "Guest Rx %s\n",
			    stalled ? "stalled" : "ready");
}
