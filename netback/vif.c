// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A vif's net device: made before the guest is told, up and down, gone. */

#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "netback.h"

static void all_up(struct netback_vif *vif)
{
	unsigned int i;

	for (i = 0; i < vif->nr_queues; i++)
		netback_queue_up(&vif->queue[i]);
}

static void all_down(struct netback_vif *vif)
{
	unsigned int i;

	for (i = 0; i < vif->nr_queues; i++)
		netback_queue_down(&vif->queue[i]);
}

static int vif_open(struct net_device *dev)
{
	struct netback_vif *vif = netdev_priv(dev);

	if (vif->connected)
		all_up(vif);
	netif_tx_start_all_queues(dev);
	netback_link_changed(vif);
	return 0;
}

static int vif_stop(struct net_device *dev)
{
	struct netback_vif *vif = netdev_priv(dev);

	netif_tx_disable(dev);
	if (vif->connected)
		all_down(vif);
	netback_link_changed(vif);
	return 0;
}

static netdev_tx_t vif_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct netback_vif *vif = netdev_priv(dev);

	return netback_rx_xmit(&vif->queue[skb_get_queue_mapping(skb)], skb,
			       netdev_xmit_more());
}

/* The guest's choice where it made one, else the stack's. */
static u16 vif_select_queue(struct net_device *dev, struct sk_buff *skb,
			    struct net_device *sb_dev)
{
	struct netback_vif *vif = netdev_priv(dev);
	struct netback_hashed hashed;

	if (netback_hash_skb(&vif->hash, skb, &hashed))
		return hashed.queue;
	return netdev_pick_tx(dev, skb, sb_dev);
}

static void vif_get_stats64(struct net_device *dev,
			    struct rtnl_link_stats64 *stats)
{
	netback_stats_sum(netdev_priv(dev), stats);
}

/* What the stack may hand us is what the frontend can take. */
static netdev_features_t vif_fix_features(struct net_device *dev,
					  netdev_features_t features)
{
	const struct netback_vif *vif = netdev_priv(dev);
	const struct netback_features *can = &vif->features;

	if (!can->sg)
		features &= ~NETIF_F_SG;
	if (!can->gso_tcpv4)
		features &= ~NETIF_F_TSO;
	if (!can->gso_tcpv6)
		features &= ~NETIF_F_TSO6;
	if (can->no_csum)
		features &= ~NETIF_F_IP_CSUM;
	if (!can->ipv6_csum)
		features &= ~NETIF_F_IPV6_CSUM;
	return features;
}

static const struct net_device_ops vif_netdev_ops = {
	.ndo_open = vif_open,
	.ndo_stop = vif_stop,
	.ndo_start_xmit = vif_start_xmit,
	.ndo_select_queue = vif_select_queue,
	.ndo_get_stats64 = vif_get_stats64,
	.ndo_fix_features = vif_fix_features,
	.ndo_change_mtu = netback_mtu_change,
	.ndo_bpf = netback_xdp_bpf,
	.ndo_xdp_xmit = netback_xdp_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void free_netdev_and_queues(struct netback_vif *vif)
{
	struct netback_queue *queue = vif->queue;
	unsigned int i;

	for (i = 0; i < vif->max_queues; i++)
		netback_queue_exit(&queue[i]);
	/* Who looks at the polls of all devices holds the RCU lock. */
	synchronize_net();
	free_netdev(vif->dev);
	kvfree(queue);
}

static void set_up_netdev(struct net_device *dev)
{
	static const u8 addr[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };

	dev->netdev_ops = &vif_netdev_ops;
	dev->ethtool_ops = &netback_ethtool_ops;
	dev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |
			   NETIF_F_TSO | NETIF_F_TSO6;
	/*
	 * What GRO has chained is copied as it is. A frontend looks at headers
	 * for itself, as it must: those of another guest need no second look.
	 */
	dev->features = dev->hw_features | NETIF_F_RXCSUM | NETIF_F_FRAGLIST |
			NETIF_F_GSO_ROBUST;
	/* The queue links packets by themselves. */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = XEN_NETIF_MAX_TX_SIZE - ETH_HLEN;
	netif_set_tso_max_size(dev, XEN_NETIF_MAX_TX_SIZE);
	compat_xdp_offer(dev);
	/*
	 * The highest address there is: a bridge takes the lowest one of its
	 * ports for its own, and that must not be ours.
	 */
	eth_hw_addr_set(dev, addr);
}

/**
 * netback_vif_create() - make and register the net device of a vif
 * @xbe: the backend device
 * @handle: the vif's number in its domain
 * @max_queues: most queues that its frontend may have
 *
 * Context: the device's work; may sleep.
 * Return: the vif, or an error pointer.
 */
struct netback_vif *netback_vif_create(struct xbe_device *xbe,
				       unsigned int handle,
				       unsigned int max_queues)
{
	struct netback_vif *vif;
	struct net_device *dev;
	char name[IFNAMSIZ];
	unsigned int i;
	int err;

	snprintf(name, sizeof(name), "vif%u.%u", xbe->domid, handle);
	dev = alloc_netdev_mqs(sizeof(*vif), name, NET_NAME_UNKNOWN,
			       ether_setup, max_queues, max_queues);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	vif = netdev_priv(dev);
	vif->xbe = xbe;
	vif->dev = dev;
	vif->max_queues = max_queues;
	netback_rate_init(&vif->rate);
	vif->coalesce_us = NETBACK_COALESCE_US;
	netback_mcast_init(&vif->mcast);
	netback_ctrl_init(&vif->ctrl, xbe, &vif->hash, name);
	vif->queue = kvcalloc(max_queues, sizeof(*vif->queue), GFP_KERNEL);
	if (!vif->queue) {
		free_netdev(dev);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < max_queues; i++)
		netback_queue_init(vif, i);
	SET_NETDEV_DEV(dev, &xbe->xdev->dev);
	set_up_netdev(dev);
	netback_carrier_init(vif);
	err = register_netdev(dev);
	if (err) {
		free_netdev_and_queues(vif);
		return ERR_PTR(err);
	}
	netback_debug_add(vif);
	return vif;
}

/**
 * netback_vif_destroy() - unregister and free a vif
 * @vif: a vif that is disconnected
 *
 * Context: the device's work; may sleep.
 */
void netback_vif_destroy(struct netback_vif *vif)
{
	netback_debug_remove(vif);
	unregister_netdev(vif->dev);
	netback_xdp_exit(vif);
	free_netdev_and_queues(vif);
}

static int connect_queues(struct netback_vif *vif, unsigned int nr_queues)
{
	char subdir[sizeof("queue-") + 10];
	unsigned int i;
	int err = 0;

	vif->nr_queues = nr_queues;
	for (i = 0; i < nr_queues && !err; i++) {
		snprintf(subdir, sizeof(subdir), "queue-%u", i);
		/* netif.h: a single queue has its keys at the top level. */
		err = netback_queue_connect(&vif->queue[i],
					    nr_queues > 1 ? subdir : NULL);
	}
	return err;
}

static int publish_to_stack(struct netback_vif *vif)
{
	struct net_device *dev = vif->dev;
	int err;

	err = netif_set_real_num_tx_queues(dev, vif->nr_queues);
	if (!err)
		err = netif_set_real_num_rx_queues(dev, vif->nr_queues);
	if (err)
		return err;
	netback_mtu_fit(vif);
	netdev_update_features(dev);
	vif->connected = true;
	if (netif_running(dev)) {
		all_up(vif);
		netif_tx_wake_all_queues(dev);
	}
	netback_carrier_connected(vif, true);
	return 0;
}

/**
 * netback_vif_connect() - map the queues, turn the carrier on
 * @vif: a disconnected vif with its features read
 * @nr_queues: 1 to its max_queues
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno after which nothing is mapped or bound.
 */
int netback_vif_connect(struct netback_vif *vif, unsigned int nr_queues)
{
	/* An earlier module has served this connection of the frontend's. */
	bool goes_on = !vif->served && xbe_was_connected(vif->xbe);
	int err;

	vif->served = true;
	netback_mcast_start(&vif->mcast, vif->xbe, goes_on);
	err = netback_pin_read(vif)		     ?:
		      netback_ctrl_read(&vif->ctrl)  ?:
		      connect_queues(vif, nr_queues) ?:
		      netback_ctrl_connect(&vif->ctrl, nr_queues, goes_on);
	if (!err) {
		rtnl_lock();
		err = publish_to_stack(vif);
		rtnl_unlock();
	}
	if (err) {
		netback_vif_disconnect(vif);
		return err;
	}
	/* A net device made anew is up soon: the guest's link was never down. */
	if (!goes_on || netif_running(vif->dev))
		netback_link_tell(vif);
	return 0;
}

/*
 * Only a frontend that is closing waits for answers: one in another state may use
 * the ring's page for something else, or is served by the module that comes next.
 */
static void end_tx(struct netback_queue *queue)
{
	if (queue->connected && queue->vif->xbe->seen == XenbusStateClosing)
		netback_tx_end(queue);
}

/**
 * netback_vif_disconnect() - carrier off, let the queues go
 * @vif: the vif, connected wholly, in part or not at all
 *
 * Context: the device's work; may sleep.
 */
void netback_vif_disconnect(struct netback_vif *vif)
{
	unsigned int i;

	rtnl_lock();
	if (vif->connected) {
		netif_tx_disable(vif->dev);
		vif->connected = false;
		if (netif_running(vif->dev))
			all_down(vif);
	}
	netback_carrier_connected(vif, false);
	rtnl_unlock();
	/* A poll that has let go of its queue may still be about to end an event. */
	synchronize_net();
	netback_ctrl_disconnect(&vif->ctrl);
	for (i = 0; i < vif->nr_queues; i++) {
		end_tx(&vif->queue[i]);
		netback_queue_disconnect(&vif->queue[i]);
	}
	netback_mcast_stop(&vif->mcast, vif->xbe);
	vif->nr_queues = 0;
}

/**
 * netback_vif_disable() - the frontend broke a ring: show that to the host
 * @vif: a connected vif; none of its queues is served until it reconnects
 *
 * Context: the device's work; may sleep.
 */
void netback_vif_disable(struct netback_vif *vif)
{
	unsigned int i;

	netback_carrier_broken(vif);
	local_bh_disable();
	for (i = 0; i < vif->nr_queues; i++) {
		WRITE_ONCE(vif->queue[i].broken, true);
		/* What waits for the guest is dropped there. */
		napi_schedule(&vif->queue[i].rx.napi);
	}
	local_bh_enable();
}
