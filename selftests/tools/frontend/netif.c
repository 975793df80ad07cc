// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The two rings of an interface, connected but idle. */

#include "netif.h"

#include <string.h>
#include <xen/io/netif.h>

static int say(struct device *dev, const char *key, unsigned int value)
{
	return value ? device_write(dev, dev->front, key, "%u", value) : 0;
}

static int offer_rings(struct net *net, const struct net_ways *ways)
{
	struct device *dev = &net->dev;
	netif_tx_sring_t *tx;
	netif_rx_sring_t *rx;
	int err;

	err = share_page(net->share, &net->tx, &net->tx_ref);
	err = err ?: share_page(net->share, &net->rx, &net->rx_ref);
	err = err ?: share_bind(net->share);
	if (err)
		return err;
	tx = net->tx;
	rx = net->rx;
	SHARED_RING_INIT(tx);
	SHARED_RING_INIT(rx);
	err = device_write(dev, dev->front, "tx-ring-ref", "%u", net->tx_ref);
	err = err   ?:
		      device_write(dev, dev->front, "rx-ring-ref", "%u",
				   net->rx_ref);
	err = err   ?:
		      device_write(dev, dev->front, "event-channel", "%d",
				   net->share->port);
	err = err ?: say(dev, "request-rx-copy", ways->rx_copy);
	err = err ?: say(dev, "feature-rx-notify", ways->rx_notify);
	err = err ?: say(dev, "feature-sg", ways->sg);
	err = err ?: say(dev, "feature-gso-tcpv4", ways->gso_tcpv4);
	err = err ?: say(dev, "request-multicast-control", ways->mcast);
	return err ?: device_set_state(dev, XenbusStateConnected);
}

int net_connect(struct net *net, struct share *share, struct xs_handle *store,
		unsigned int number)
{
	static const struct net_ways usual = { 1, 1, 1, 0, 0 };

	return net_connect_so(net, share, store, number, &usual);
}

/* Bring an interface up to Connected on both sides. */
int net_connect_so(struct net *net, struct share *share,
		   struct xs_handle *store, unsigned int number,
		   const struct net_ways *ways)
{
	int err;

	memset(net, 0, sizeof(*net));
	net->share = share;
	err = device_create(&net->dev, store, "vif", number);
	err = err ?: offer_rings(net, ways);
	err = err   ?:
		      device_write(&net->dev, net->dev.back, "hotplug-status",
				   "connected");
	return err ?: device_wait_state(&net->dev, XenbusStateConnected);
}

void net_free(struct net *net)
{
	share_unbind(net->share);
	share_free(net->share, net->rx);
	share_free(net->share, net->tx);
}

int net_disconnect(struct net *net)
{
	int err = device_end(&net->dev);

	net_free(net);
	return err;
}
