// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Multicast control: a guest that asks for it gets the multicast packets of the
 * addresses that it has added, and no others. Broadcasts are for all.
 */

#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <xen/interface/io/netif.h>

#include "xenbus/xenbus.h"
#include "keep.h"
#include "mcast.h"

/* The list, for a module that is loaded again under a connected frontend. */
#define NODE "multicast-list"
#define LIST_BYTES (NETBACK_MCAST_MAX * ETH_ALEN)

/**
 * netback_mcast_init() - all are wanted
 * @mcast: of a new vif
 *
 * Context: any.
 */
void netback_mcast_init(struct netback_mcast *mcast)
{
	spin_lock_init(&mcast->lock);
}

/**
 * netback_mcast_read() - read whether the frontend asks for it
 * @mcast: of a connected vif
 * @xbe: the backend device
 *
 * A frontend may change its mind while it is connected
 * ("feature-dynamic-multicast-control").
 *
 * Context: the device's work; may sleep.
 */
void netback_mcast_read(struct netback_mcast *mcast, struct xbe_device *xbe)
{
	WRITE_ONCE(mcast->on,
		   xenbus_read_unsigned(xbe->frontend_dir,
					"request-multicast-control", 0));
}

/**
 * netback_mcast_start() - begin with a frontend
 * @mcast: of a vif that is not connected
 * @xbe: the backend device
 * @goes_on: an earlier module has served this connection: the guest will not add
 *	its addresses again
 *
 * Context: the device's work; may sleep.
 */
void netback_mcast_start(struct netback_mcast *mcast, struct xbe_device *xbe,
			 bool goes_on)
{
	u8 list[LIST_BYTES];
	unsigned int i;

	netback_mcast_read(mcast, xbe);
	/* One that is there is to be written over, by an empty one if need be. */
	mcast->kept = netback_keep_load(xbe, NODE, list, sizeof(list));
	if (!goes_on || !mcast->kept)
		return;
	for (i = 0; i < LIST_BYTES; i += ETH_ALEN)
		if (is_multicast_ether_addr(&list[i]))
			netback_mcast_set(mcast, XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
					  &list[i]);
}

/**
 * netback_mcast_stop() - leave word of the list, and empty it
 * @mcast: of a vif none of whose polls runs
 * @xbe: the backend device
 *
 * Context: the device's work; may sleep.
 */
void netback_mcast_stop(struct netback_mcast *mcast, struct xbe_device *xbe)
{
	u8 list[LIST_BYTES] = {};
	bool any = mcast->kept;
	unsigned int i;

	for (i = 0; i < NETBACK_MCAST_MAX; i++) {
		u64_to_ether_addr(mcast->addr[i], &list[i * ETH_ALEN]);
		any |= mcast->addr[i];
		WRITE_ONCE(mcast->addr[i], 0);
	}
	if (any)
		netback_keep_save(xbe, NODE, list, sizeof(list));
	mcast->kept = any;
	WRITE_ONCE(mcast->on, false);
}

static int find(const struct netback_mcast *mcast, u64 addr)
{
	int i;

	for (i = 0; i < NETBACK_MCAST_MAX; i++)
		if (READ_ONCE(mcast->addr[i]) == addr)
			return i;
	return -1;
}

/**
 * netback_mcast_set() - what a guest says of an address
 * @mcast: of its vif
 * @type: XEN_NETIF_EXTRA_TYPE_MCAST_ADD or XEN_NETIF_EXTRA_TYPE_MCAST_DEL
 * @addr: the address, ETH_ALEN bytes
 *
 * An address is there or not: to add it twice is to add it once.
 *
 * Context: any with softirqs off, or the device's work before it is served.
 * Return: XEN_NETIF_RSP_OKAY; or XEN_NETIF_RSP_ERROR, when there are too many or it
 * is no multicast address.
 */
s16 netback_mcast_set(struct netback_mcast *mcast, u8 type, const u8 *addr)
{
	u64 value = ether_addr_to_u64(addr);
	s16 status = XEN_NETIF_RSP_OKAY;
	int at;

	if (!is_multicast_ether_addr(addr))
		return XEN_NETIF_RSP_ERROR;
	spin_lock_bh(&mcast->lock);
	at = find(mcast, value);
	if (type == XEN_NETIF_EXTRA_TYPE_MCAST_DEL) {
		if (at >= 0)
			WRITE_ONCE(mcast->addr[at], 0);
	} else if (at < 0) {
		at = find(mcast, 0);
		if (at >= 0)
			WRITE_ONCE(mcast->addr[at], value);
		else
			status = XEN_NETIF_RSP_ERROR;
	}
	spin_unlock_bh(&mcast->lock);
	return status;
}

/**
 * netback_mcast_wants() - whether a guest that has asked for it gets a packet
 * @mcast: of its vif, @on
 * @skb: a packet for it, its Ethernet header in front
 *
 * Context: any.
 * Return: false for a multicast packet whose address it has not added.
 */
bool netback_mcast_wants(const struct netback_mcast *mcast,
			 const struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;

	return !is_multicast_ether_addr(eth->h_dest) ||
	       is_broadcast_ether_addr(eth->h_dest) ||
	       find(mcast, ether_addr_to_u64(eth->h_dest)) >= 0;
}
