// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The toolstack asks for a device's end, which it does once, while the backend
 * waits for a slow disk: what the backend writes then must not take that back.
 * The disk is of the device mapper, by the name "asked".
 */

#include "asked.h"
#include "blkif.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define PAGES 64
#define NOTICE_US 500000
#define LOOKS 100
#define LOOK_US 10000

static bool is_served(struct blk *blk)
{
	char path[PATH_SIZE + 32];
	char *pid;

	snprintf(path, sizeof(path), "%s/kthread-pid", blk->dev.back);
	pid = xs_read(blk->dev.store, XBT_NULL, path, NULL);
	free(pid);
	return pid;
}

static int wait_served(struct blk *blk, bool served)
{
	int tries = WAIT_SECONDS * 1000 / POLL_MS;

	while (is_served(blk) != served) {
		if (!tries--) {
			fprintf(stderr, "%s is %s\n", blk->dev.back,
				served ? "not served" : "served still");
			return -ETIMEDOUT;
		}
		usleep(POLL_MS * 1000);
	}
	return 0;
}

/* A while, not once: another state may be written last. */
static int stays_closing(struct blk *blk)
{
	unsigned int i;

	for (i = 0; i < LOOKS; i++) {
		int state = device_read_state(&blk->dev, blk->dev.back);

		if (state != XenbusStateClosing) {
			fprintf(stderr, "%s is in state %d, not Closing\n",
				blk->dev.back, state);
			return -EPROTO;
		}
		usleep(LOOK_US);
	}
	return 0;
}

/* While the backend waits it is still in the state of before. */
static int ask(struct blk *blk, int before)
{
	int state;

	usleep(NOTICE_US);
	state = device_read_state(&blk->dev, blk->dev.back);
	if (state != before) {
		fprintf(stderr, "%s is in state %d: the disk is not slow\n",
			blk->dev.back, state);
		return -EPROTO;
	}
	return device_detach(&blk->dev);
}

/* Dirty pages of dom0's, which have to be written before the connect. */
static int fill(int fd)
{
	static char page[PAGE_BYTES];
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		if (pwrite(fd, page, sizeof(page), (off_t)i * PAGE_BYTES) !=
		    sizeof(page))
			return -errno;
	return 0;
}

static int begin_connect(struct blk *blk)
{
	struct device *dev = &blk->dev;
	int err = blk_make_ring(blk, dev, dev->front);

	err = err ?: device_write(dev, dev->front, "protocol", "x86_64-abi");
	return err ?: device_set_state(dev, XenbusStateInitialised);
}

static int asked_at_connect(struct blk *blk, struct xs_handle *store,
			    const char *node, unsigned int number)
{
	int err = blk_create(blk, store, node, number);
	int fd = open(node, O_RDWR);

	err = err ?: fill(fd);
	err = err ?: system("dmsetup suspend --nolockfs asked");
	err = err ?: begin_connect(blk);
	err = err ?: ask(blk, XenbusStateInitWait);
	err = system("dmsetup resume asked") ?: err;
	err = err ?: wait_served(blk, true);
	err = err ?: stays_closing(blk);
	close(fd);
	return err;
}

/* The frontend has begun anew, as by a kexec, with a request under way. */
static int asked_at_restart(struct blk *blk, struct share *share,
			    struct xs_handle *store, const char *node,
			    unsigned int number)
{
	int err = blk_connect(blk, share, store, node, number);

	err = err ?: system("dmsetup suspend --nolockfs asked");
	if (!err) {
		blk_put_transfer(blk, BLKIF_OP_READ, 0);
		blk_push(blk);
		usleep(NOTICE_US);
	}
	err = err ?: device_set_state(&blk->dev, XenbusStateInitialising);
	err = err ?: wait_served(blk, false);
	err = err ?: ask(blk, XenbusStateConnected);
	err = system("dmsetup resume asked") ?: err;
	return err ?: stays_closing(blk);
}

int asked_disk(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number)
{
	struct blk blk = { .share = share };
	int err = asked_at_connect(&blk, store, node, number);
	int ended = blk_disconnect(&blk);

	err = err ?: ended;
	err = err ?: device_wait_gone("vbd", number);
	if (err) {
		fprintf(stderr, "asked while it connects\n");
		return err;
	}
	err = asked_at_restart(&blk, share, store, node, number);
	ended = blk_disconnect(&blk);
	if (err)
		fprintf(stderr, "asked while it starts again\n");
	return err ?: ended;
}
