// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A disk of two queues: connect, what debugfs has of them, end. */

#include "rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int offer_ring(struct blk *blk, struct device *dev, unsigned int queue)
{
	char folder[PATH_SIZE + 16];

	snprintf(folder, sizeof(folder), "%s/queue-%u", dev->front, queue);
	return blk_make_ring(blk, dev, folder);
}

static int connect_rings(struct rings *rings, struct xs_handle *store,
			 const char *node, unsigned int number,
			 unsigned int limit)
{
	struct device *dev = &rings->blk[0].dev;
	unsigned int queue;
	int err;

	err = blk_create(&rings->blk[0], store, node, number);
	if (limit)
		err = err   ?:
			      device_write(dev, dev->back, "limits/iops", "%u",
					   limit);
	err = err   ?:
		      device_write(dev, dev->front, "multi-queue-num-queues",
				   "%u", QUEUES);
	err = err ?: device_write(dev, dev->front, "protocol", "x86_64-abi");
	for (queue = 0; queue < QUEUES && !err; queue++)
		err = offer_ring(&rings->blk[queue], dev, queue);
	err = err ?: device_set_state(dev, XenbusStateInitialised);
	err = err ?: device_wait_state(dev, XenbusStateConnected);
	return err ?: device_set_state(dev, XenbusStateConnected);
}

int rings_connect(struct rings *rings, struct share *share,
		  struct xs_handle *store, const char *node,
		  unsigned int number, unsigned int limit)
{
	int err;

	memset(rings, 0, sizeof(*rings));
	rings->blk[0].share = share;
	rings->blk[1].share = &rings->second;
	err = share_open(&rings->second);
	return err ?: connect_rings(rings, store, node, number, limit);
}

int rings_end(struct rings *rings)
{
	int err = device_end(&rings->blk[0].dev);

	err = device_wait_gone("vbd", rings->blk[0].dev.number) ?: err;
	rings_free(rings);
	return err;
}

/* What is shared; the backend has let go of it. */
void rings_free(struct rings *rings)
{
	unsigned int queue;

	for (queue = 0; queue < QUEUES; queue++) {
		struct blk *blk = &rings->blk[queue];

		share_unbind(blk->share);
		share_free(blk->share, blk->page);
		share_free(blk->share, blk->sring);
	}
	share_close(&rings->second);
}

/* "NAME: VALUE" after the queue's own "queue: N". */
static int find_figure(FILE *file, unsigned int queue, const char *name)
{
	char line[128], want[32];
	unsigned int at = ~0u;
	size_t length;

	length = snprintf(want, sizeof(want), "%s: ", name);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "queue: %u", &at) == 1)
			continue;
		if (at == queue && !strncmp(line, want, length))
			return atoi(line + length);
	}
	return -1;
}

int ring_figure(unsigned int number, unsigned int queue, const char *name)
{
	char path[PATH_SIZE];
	FILE *file;
	int value;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/xen-backends/vbd-0-%u-rings", number);
	file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	value = find_figure(file, queue, name);
	fclose(file);
	return value;
}
