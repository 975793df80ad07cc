// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a frontend is told of its link, by xen/interface/io/netif.h ("carrier"): the
 * vif's net device is its other end, and is up or not. That end's own carrier, which
 * follows from what the frontend does, is carrier.c.
 */

#include <linux/rtnetlink.h>

#include "netback.h"

#define NODE "carrier"

/**
 * netback_link_changed() - the net device goes up or down
 * @vif: its vif
 *
 * xenstore is written by the device's work: nobody may wait for it under the RTNL.
 *
 * Context: under the RTNL.
 */
void netback_link_changed(struct netback_vif *vif)
{
	ASSERT_RTNL();
	if (vif->connected)
		xbe_post_check(vif->xbe);
}

/**
 * netback_link_tell() - write how the link is, if that is not known yet
 * @vif: a vif that is being connected, or connected
 *
 * A frontend without the node takes its link for up.
 *
 * Context: the device's work; may sleep.
 */
void netback_link_tell(struct netback_vif *vif)
{
	const struct xbe_node node = { NODE, netif_running(vif->dev) };

	if (vif->link_told && vif->link == node.value)
		return;
	if (xbe_advertise(vif->xbe, &node, 1))
		return;
	vif->link_told = true;
	vif->link = node.value;
}
