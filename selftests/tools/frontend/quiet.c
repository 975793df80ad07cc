// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Interfaces that are connected, up, and never used. What the frontends need is
 * there before the first line is printed; what is taken from then to the second
 * one is the backend's, its net devices included.
 */

#include "idle.h"

#include <stdlib.h>
#include <string.h>
#include <xen/io/netif.h>

#define MOST 8 /* queues */

struct quiet {
	struct device dev;
	struct queue {
		struct share own; /* a share has one port */
		void *tx;
		void *rx;
		uint32_t tx_ref;
		uint32_t rx_ref;
	} queue[MOST];
};

static int make_queue(struct queue *queue)
{
	int err = share_open(&queue->own);

	err = err ?: share_page(&queue->own, &queue->tx, &queue->tx_ref);
	err = err ?: share_page(&queue->own, &queue->rx, &queue->rx_ref);
	if (err)
		return err;
	SHARED_RING_INIT((netif_tx_sring_t *)queue->tx);
	SHARED_RING_INIT((netif_rx_sring_t *)queue->rx);
	return share_bind(&queue->own);
}

/* netif.h: a single queue has its keys at the top level. */
static int offer_queue(struct quiet *quiet, unsigned int number,
		       unsigned int queues)
{
	struct queue *queue = &quiet->queue[number];
	struct device *dev = &quiet->dev;
	char folder[PATH_SIZE + 16];
	int err;

	snprintf(folder, sizeof(folder), "%s", dev->front);
	if (queues > 1)
		snprintf(folder, sizeof(folder), "%s/queue-%u", dev->front,
			 number);
	err = device_write(dev, folder, "tx-ring-ref", "%u", queue->tx_ref);
	err = err   ?:
		      device_write(dev, folder, "rx-ring-ref", "%u",
				   queue->rx_ref);
	return err   ?:
		       device_write(dev, folder, "event-channel", "%d",
				    queue->own.port);
}

static int begin(struct quiet *quiet, struct xs_handle *store,
		 unsigned int number, unsigned int queues)
{
	struct device *dev = &quiet->dev;
	unsigned int i;
	int err;

	err = device_create(dev, store, "vif", number);
	for (i = 0; i < queues && !err; i++)
		err = offer_queue(quiet, i, queues);
	if (queues > 1)
		err = err   ?:
			      device_write(dev, dev->front,
					   "multi-queue-num-queues", "%u",
					   queues);
	err = err ?: device_write(dev, dev->front, "request-rx-copy", "%u", 1);
	err = err ?: device_write(dev, dev->front, "feature-sg", "%u", 1);
	err = err ?: device_set_state(dev, XenbusStateConnected);
	return err   ?:
		       device_write(dev, dev->back, "hotplug-status",
				    "connected");
}

static int bring_up(struct quiet *quiet)
{
	unsigned int number = quiet->dev.number;
	char command[160];
	int err = device_wait_state(&quiet->dev, XenbusStateConnected);

	snprintf(command, sizeof(command),
		 "echo 1 > /proc/sys/net/ipv6/conf/vif0.%u/disable_ipv6; "
		 "ip link set dev vif0.%u up",
		 number, number);
	return err ?: system(command) ? -1 : 0;
}

static int end(struct quiet *quiet, unsigned int queues)
{
	unsigned int number = quiet->dev.number, i;
	int err = device_end(&quiet->dev);

	err = device_wait_gone("vif", number) ?: err;
	for (i = 0; i < queues; i++) {
		share_unbind(&quiet->queue[i].own);
		share_free(&quiet->queue[i].own, quiet->queue[i].tx);
		share_free(&quiet->queue[i].own, quiet->queue[i].rx);
		share_close(&quiet->queue[i].own);
	}
	return err;
}

static int run(struct quiet *quiet, struct xs_handle *store,
	       unsigned int number, unsigned int count, unsigned int queues)
{
	unsigned int i, j, made;
	int err = 0;

	for (i = 0; i < count && !err; i++)
		for (j = 0; j < queues && !err; j++)
			err = make_queue(&quiet[i].queue[j]);
	if (err)
		return err;
	pause_here("unconnected");
	for (made = 0; made < count && !err; made++)
		err = begin(&quiet[made], store, number + made, queues);
	for (i = 0; i < made && !err; i++)
		err = bring_up(&quiet[i]);
	if (!err)
		pause_here("connected");
	for (i = 0; i < made; i++)
		err = end(&quiet[i], queues) ?: err;
	return err;
}

/* Lines on standard input lead on, as those of idle_disks(). */
int quiet_interfaces(struct xs_handle *store, unsigned int number,
		     unsigned int count, unsigned int queues)
{
	struct quiet *quiet = calloc(count, sizeof(*quiet));
	int err;

	if (!quiet || !queues || queues > MOST) {
		fprintf(stderr, "%u queues, allowed is 1 to %u\n", queues,
			MOST);
		free(quiet);
		return -1;
	}
	err = run(quiet, store, number, count, queues);
	free(quiet);
	return err;
}
