// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The two rings of an interface, connected but idle. */

#include "netif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xen/io/netif.h>

#define SCRIPT "/etc/xen/scripts/vif-bridge online type_if=vif"

static const char *const said[] = {
	"request-rx-copy",   "feature-rx-notify",	  "feature-sg",
	"feature-gso-tcpv4", "request-multicast-control", NULL
};

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
	err = err ?: say(dev, said[0], ways->rx_copy);
	err = err ?: say(dev, said[1], ways->rx_notify);
	err = err ?: say(dev, said[2], ways->sg);
	err = err ?: say(dev, said[3], ways->gso_tcpv4);
	err = err ?: say(dev, said[4], ways->mcast);
	return err ?: device_set_state(dev, XenbusStateConnected);
}

/* The script's part: it says that it is done, or we do. */
static int plug(struct device *dev, const struct net_ways *ways)
{
	char text[64];
	int err;

	if (!ways->mtu)
		return device_write(dev, dev->back, "hotplug-status",
				    "connected");
	err = device_write(dev, dev->back, "mtu", "%u", ways->mtu);
	err = err ?: device_write(dev, dev->back, "bridge", "xenbr0");
	setenv("XENBUS_TYPE", "vif", 1);
	setenv("XENBUS_BASE_PATH", "backend", 1);
	snprintf(text, sizeof(text), "backend/vif/0/%u", dev->number);
	setenv("XENBUS_PATH", text, 1);
	snprintf(text, sizeof(text), "vif0.%u", dev->number);
	setenv("vif", text, 1);
	return err ?: system(SCRIPT) ? -EIO : 0;
}

int net_connect(struct net *net, struct share *share, struct xs_handle *store,
		unsigned int number)
{
	static const struct net_ways usual = { 1, 1, 1, 0, 0, 0 };

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
	err = err ?: plug(&net->dev, ways);
	return err ?: device_wait_state(&net->dev, XenbusStateConnected);
}

static int go_to(struct device *dev, int state, int answer)
{
	int tries = WAIT_SECONDS * 1000 / POLL_MS;
	int err = device_set_state(dev, state);

	while (!err && device_read_state(dev, dev->back) != answer) {
		if (--tries < 0) {
			fprintf(stderr, "no answer to state %d\n", state);
			return -ETIMEDOUT;
		}
		usleep(POLL_MS * 1000);
	}
	return err;
}

int net_again(struct net *net, const struct net_ways *ways)
{
	struct device *dev = &net->dev;
	const char *const *key;
	char path[PATH_SIZE + 64];
	int err;

	err = go_to(dev, XenbusStateClosing, XenbusStateClosing);
	err = err ?: go_to(dev, XenbusStateClosed, XenbusStateClosed);
	net_free(net);
	for (key = said; *key; key++) {
		snprintf(path, sizeof(path), "%s/%s", dev->front, *key);
		xs_rm(dev->store, XBT_NULL, path);
	}
	err = err ?: go_to(dev, XenbusStateInitialising, XenbusStateInitWait);
	err = err ?: offer_rings(net, ways);
	return err ?: device_wait_state(dev, XenbusStateConnected);
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
