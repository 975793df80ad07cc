// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Disks that are connected, with several large rings each, and never used.
 * What the frontends need is there before the first line is printed; what is
 * taken from then to the second one is the backend's.
 */

#include "blkif.h"
#include "idle.h"

#include <stdlib.h>
#include <string.h>

#define QUEUES 4
#define ORDER 4
#define PAGES 16 /* 2^ORDER */

struct idle {
	struct blk blk;
	struct {
		void *page[PAGES];
		xenevtchn_port_or_error_t port;
	} queue[QUEUES];
};

static int offer_queue(struct idle *idle, unsigned int queue)
{
	struct share *share = idle->blk.share;
	struct device *dev = &idle->blk.dev;
	char path[PATH_SIZE + 16], key[16];
	uint32_t refs[PAGES];
	unsigned int i;
	int err = 0;

	snprintf(path, sizeof(path), "%s/queue-%u", dev->front, queue);
	for (i = 0; i < PAGES && !err; i++) {
		err = share_page(share, &idle->queue[queue].page[i], &refs[i]);
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = err ?: device_write(dev, path, key, "%u", refs[i]);
	}
	if (err)
		return err;
	SHARED_RING_INIT((blkif_sring_t *)idle->queue[queue].page[0]);
	err = share_bind(share);
	if (err)
		return err;
	/* The share keeps one port; each queue has its own. */
	idle->queue[queue].port = share->port;
	return device_write(dev, path, "event-channel", "%d", share->port);
}

static int prepare(struct idle *idle)
{
	struct device *dev = &idle->blk.dev;
	unsigned int queue;
	int err;

	err = device_write(dev, dev->front, "multi-queue-num-queues", "%u",
			   QUEUES);
	err = err   ?:
		      device_write(dev, dev->front, "ring-page-order", "%u",
				   ORDER);
	err = err ?: device_write(dev, dev->front, "protocol", "x86_64-abi");
	for (queue = 0; queue < QUEUES && !err; queue++)
		err = offer_queue(idle, queue);
	return err;
}

static int connect_all(struct idle *idle, unsigned int count)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < count && !err; i++)
		err = device_set_state(&idle[i].blk.dev,
				       XenbusStateInitialised);
	for (i = 0; i < count && !err; i++)
		err = device_wait_state(&idle[i].blk.dev, XenbusStateConnected);
	return err;
}

static int end_all(struct idle *idle, unsigned int count)
{
	struct share *share = idle->blk.share;
	unsigned int i, queue, page;
	int err = 0;

	for (i = 0; i < count; i++) {
		err = device_end(&idle[i].blk.dev) ?: err;
		err = device_wait_gone("vbd", idle[i].blk.dev.number) ?: err;
		for (queue = 0; queue < QUEUES; queue++) {
			xenevtchn_unbind(share->events,
					 idle[i].queue[queue].port);
			for (page = 0; page < PAGES; page++)
				share_free(share,
					   idle[i].queue[queue].page[page]);
		}
	}
	share->port = -1;
	return err;
}

static void pause_here(const char *what)
{
	char line[16];

	printf("%s\n", what);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		fprintf(stderr, "standard input ends\n");
}

/* Lines on standard input lead on: unconnected, connected, gone. */
int idle_disks(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number, unsigned int count)
{
	struct idle *idle = calloc(count, sizeof(*idle));
	unsigned int made;
	int err = 0;

	if (!idle)
		return -1;
	for (made = 0; made < count && !err; made++) {
		idle[made].blk.share = share;
		err = blk_create(&idle[made].blk, store, node,
				 number + 16 * made);
		err = err ?: prepare(&idle[made]);
	}
	if (!err)
		pause_here("unconnected");
	err = err ?: connect_all(idle, count);
	if (!err)
		pause_here("connected");
	err = end_all(idle, made) ?: err;
	free(idle);
	return err;
}
