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
#include <unistd.h>

#define QUEUES 4
#define ORDER 4
#define PAGES 16 /* 2^ORDER */
#define SEGS 256
#define MOST_KEPT 2048 /* half of BLKBACK_MAX_PAGES */

struct idle {
	struct blk blk;
	struct {
		void *ring;
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
	int err =
		share_pages(share, PAGES, true, &idle->queue[queue].ring, refs);

	snprintf(path, sizeof(path), "%s/queue-%u", dev->front, queue);
	for (i = 0; i < PAGES && !err; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = device_write(dev, path, key, "%u", refs[i]);
	}
	if (err)
		return err;
	SHARED_RING_INIT((blkif_sring_t *)idle->queue[queue].ring);
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
	unsigned int i, queue;
	int err = 0;

	for (i = 0; i < count; i++) {
		err = device_end(&idle[i].blk.dev) ?: err;
		err = device_wait_gone("vbd", idle[i].blk.dev.number) ?: err;
		for (queue = 0; queue < QUEUES; queue++) {
			xenevtchn_unbind(share->events,
					 idle[i].queue[queue].port);
			share_free_pages(share, idle[i].queue[queue].ring,
					 PAGES);
		}
	}
	share->port = -1;
	return err;
}

/* One segment that no request can have, named by all of them. */
static int fill_ring(struct idle *idle, unsigned int queue, uint32_t desc_ref)
{
	blkif_sring_t *sring = idle->queue[queue].ring;
	blkif_front_ring_t ring;
	unsigned int i;

	FRONT_RING_INIT(&ring, sring, PAGES * 4096);
	for (i = 0; i < RING_SIZE(&ring); i++) {
		blkif_request_indirect_t *request =
			(void *)RING_GET_REQUEST(&ring, i);

		request->operation = BLKIF_OP_INDIRECT;
		request->indirect_op = BLKIF_OP_READ;
		request->nr_segments = SEGS;
		request->indirect_grefs[0] = desc_ref;
	}
	ring.req_prod_pvt = RING_SIZE(&ring);
	RING_PUSH_REQUESTS(&ring);
	xenevtchn_notify(idle->blk.share->events, idle->queue[queue].port);
	for (i = 0; i < WAIT_SECONDS * 100; i++) {
		if (__atomic_load_n(&sring->rsp_prod, __ATOMIC_SEQ_CST) ==
		    RING_SIZE(&ring))
			return 0;
		usleep(10000);
	}
	fprintf(stderr, "queue %u has %u answers\n", queue, sring->rsp_prod);
	return -1;
}

/* The pages of its requests, as debugfs has them; -1 without. */
static int pages_of(unsigned int number)
{
	char path[PATH_SIZE], line[128];
	int pages = -1;
	FILE *file;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/xen-backends/vbd-0-%u-rings", number);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "pages: %d", &pages) == 1)
			break;
	if (file)
		fclose(file);
	return pages;
}

static int fill_all(struct idle *idle, uint32_t desc_ref)
{
	unsigned int queue;
	int err = 0, pages;

	for (queue = 0; queue < QUEUES && !err; queue++)
		err = fill_ring(idle, queue, desc_ref);
	if (err)
		return err;
	/* the last ring's thread has to fall asleep */
	usleep(200000);
	pages = pages_of(idle->blk.dev.number);
	printf("%d pages stay with idle requests\n", pages);
	return pages <= 0 || pages > MOST_KEPT ? -1 : 0;
}

/*
 * All slots of large rings filled with requests that are refused once the backend
 * has made room for their segments: nothing of it stays beyond a bound.
 */
int hoard_arrays(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	struct blkif_request_segment *desc = NULL;
	struct idle idle = { 0 };
	uint32_t desc_ref = 0;
	int err;

	idle.blk.share = share;
	err = blk_create(&idle.blk, store, node, number);
	err = err ?: share_page(share, (void **)&desc, &desc_ref);
	if (!err)
		desc->first_sect = 1; /* behind its last */
	err = err   ?:
		      device_write(&idle.blk.dev, idle.blk.dev.front,
				   "feature-persistent", "1");
	err = err ?: prepare(&idle);
	err = err ?: connect_all(&idle, 1);
	err = err ?: fill_all(&idle, desc_ref);
	err = end_all(&idle, 1) ?: err;
	share_free(share, desc);
	return err;
}

void pause_here(const char *what)
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
