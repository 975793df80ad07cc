// SPDX-License-Identifier: GPL-2.0 OR MIT
/* netif as a frontend speaks it, and no load. Rings are in netring.c. */

#include <linux/build_bug.h>
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <xen/page.h>

#include "net.h"

static_assert(__CONST_RING_SIZE(xen_netif_rx, XEN_PAGE_SIZE) == LG_NET_RING);

/* A backend whose frontend does not post drops, and says we stalled. */
static void rx_idle(struct work_struct *work)
{
	struct lg_net *net = container_of(work, struct lg_net, rx_idle);
	struct lg_net_packet packet;
	int got;

	mutex_lock(&net->rx_lock);
	do {
		while ((got = lg_net_rx_take(net, &packet)) > 0)
			;
		lg_net_rx_post(net);
	} while (!got && !READ_ONCE(net->rx_run) && lg_net_rx_want(net, 1));
	mutex_unlock(&net->rx_lock);
}

static void on_rx(struct lg_channel *chan)
{
	struct lg_net *net = chan->dev->priv;

	if (READ_ONCE(net->rx_run))
		wake_up(&chan->dev->wait);
	else
		schedule_work(&net->rx_idle);
}

static void on_tx(struct lg_channel *chan)
{
	wake_up(&chan->dev->wait);
}

static void on_both(struct lg_channel *chan)
{
	on_tx(chan);
	on_rx(chan);
}

static int open_channels(struct lg_net *net)
{
	struct lg_device *dev = net->dev;
	int err;

	net->split = xenbus_read_unsigned(dev->xdev->otherend,
					  "feature-split-event-channels", 0);
	if (!net->split)
		return lg_channel_open(&net->tx_chan, dev, "loadgen-vif",
				       on_both);
	err = lg_channel_open(&net->tx_chan, dev, "loadgen-vif-tx", on_tx);
	if (err)
		return err;
	return lg_channel_open(&net->rx_chan, dev, "loadgen-vif-rx", on_rx);
}

static int make_rings(struct lg_net *net)
{
	struct xenbus_device *xdev = net->dev->xdev;
	int err;

	err = xenbus_setup_ring(xdev, GFP_KERNEL, &net->tx_shared, 1,
				&net->tx_ref);
	if (err)
		return err;
	err = xenbus_setup_ring(xdev, GFP_KERNEL, &net->rx_shared, 1,
				&net->rx_ref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&net->tx,
			    (struct xen_netif_tx_sring *)net->tx_shared,
			    XEN_PAGE_SIZE);
	XEN_FRONT_RING_INIT(&net->rx,
			    (struct xen_netif_rx_sring *)net->rx_shared,
			    XEN_PAGE_SIZE);
	err = lg_pool_grow(&net->tx_pages, net->dev, LG_NET_RING);
	if (err)
		return err;
	return lg_pool_grow(&net->rx_pages, net->dev, LG_NET_RING);
}

static int read_mac(struct lg_net *net)
{
	struct xenbus_device *xdev = net->dev->xdev;
	char *text = xenbus_read(XBT_NIL, xdev->nodename, "mac", NULL);
	int err = 0;

	if (IS_ERR(text))
		return PTR_ERR(text);
	if (!mac_pton(text, net->mac)) {
		dev_err(&xdev->dev,
			"mac is \"%.32s\", allowed is 00:00:00:00:00:00 to ff:ff:ff:ff:ff:ff\n",
			text);
		err = -EINVAL;
	}
	kfree(text);
	return err;
}

static int write_keys(struct lg_net *net)
{
	struct lg_key key[10] = {
		{ "tx-ring-ref", net->tx_ref },
		{ "rx-ring-ref", net->rx_ref },
		{ "request-rx-copy", 1 },
		{ "feature-rx-notify", 1 },
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", 1 },
		{ "feature-gso-tcpv6", 1 },
		{ "feature-ipv6-csum-offload", 1 },
	};
	unsigned int nr = 8;

	if (net->split) {
		key[nr++] = (struct lg_key){ "event-channel-tx",
					     net->tx_chan.port };
		key[nr++] = (struct lg_key){ "event-channel-rx",
					     net->rx_chan.port };
	} else {
		key[nr++] =
			(struct lg_key){ "event-channel", net->tx_chan.port };
	}
	return lg_write_keys(net->dev, key, nr);
}

/**
 * lg_net_offer() - make rings and offer them to the backend
 * @dev: a vif
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; lg_net_release() undoes it either way.
 */
int lg_net_offer(struct lg_device *dev)
{
	struct lg_net *net;
	int err;

	net = kvzalloc(sizeof(*net), GFP_KERNEL);
	if (!net)
		return -ENOMEM;
	net->dev = dev;
	mutex_init(&net->rx_lock);
	INIT_WORK(&net->rx_idle, rx_idle);
	dev->priv = net;
	err = read_mac(net);
	if (!err)
		err = make_rings(net);
	if (!err)
		err = open_channels(net);
	return err ? err : write_keys(net);
}

/**
 * lg_net_connected() - post pages for what is received
 * @dev: a vif that the backend connected
 *
 * Context: may sleep.
 * Return: 0.
 */
int lg_net_connected(struct lg_device *dev)
{
	struct lg_net *net = dev->priv;

	mutex_lock(&net->rx_lock);
	lg_net_rx_post(net);
	mutex_unlock(&net->rx_lock);
	schedule_work(&net->rx_idle);
	return 0;
}

/**
 * lg_net_release() - give all back that lg_net_offer() made
 * @dev: a vif that the backend let go of
 *
 * Context: may sleep.
 */
void lg_net_release(struct lg_device *dev)
{
	struct lg_net *net = dev->priv;

	if (!net)
		return;
	lg_channel_close(&net->tx_chan);
	lg_channel_close(&net->rx_chan);
	cancel_work_sync(&net->rx_idle);
	lg_pool_free(&net->tx_pages);
	lg_pool_free(&net->rx_pages);
	if (net->tx_shared)
		xenbus_teardown_ring(&net->tx_shared, 1, &net->tx_ref);
	if (net->rx_shared)
		xenbus_teardown_ring(&net->rx_shared, 1, &net->rx_ref);
	dev->priv = NULL;
	kvfree(net);
}
