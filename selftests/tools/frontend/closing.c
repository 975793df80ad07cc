// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What Linux before 5.15 does when a disk is to be detached that is in use: it
 * writes Closing, goes on with reads and writes, and writes Closed when the last
 * user has let go.
 */

#include "blkif.h"
#include "closing.h"

#include <errno.h>
#include <unistd.h>

#define PAGE_SECTORS 8
#define NOTICE_US 300000
#define REQUESTS 40 /* the ring goes round */

static int write_and_read(struct blk *blk, unsigned int round)
{
	uint64_t sector = round * PAGE_SECTORS;
	int err = blk_write_byte(blk, sector, round);

	err = err ?: blk_page_is(blk, sector, round);
	if (err)
		fprintf(stderr, "request %u failed\n", round);
	return err;
}

/* Each is another block, so that one that was left out shows. */
static int use(struct blk *blk, unsigned int from, unsigned int until)
{
	int err = 0;

	for (; from < until && !err; from++)
		err = write_and_read(blk, from);
	return err;
}

/* The toolstack asks for it; Closing comes back, as it does in-tree. */
static int be_asked(struct blk *blk)
{
	struct device *dev = &blk->dev;
	int err;

	err = device_write(dev, dev->back, "online", "0");
	err = err   ?:
		      device_write(dev, dev->back, "state", "%d",
				   XenbusStateClosing);
	err = err ?: device_set_state(dev, XenbusStateClosing);
	/* What follows is not to run ahead of it. */
	usleep(NOTICE_US);
	return err;
}

int closing_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	struct blk blk;
	int err, ended;

	err = blk_connect(&blk, share, store, node, number);
	err = err ?: use(&blk, 0, REQUESTS);
	err = err ?: be_asked(&blk);
	err = err ?: use(&blk, REQUESTS, 2 * REQUESTS);
	if (!err &&
	    device_read_state(&blk.dev, blk.dev.back) != XenbusStateClosing) {
		fprintf(stderr, "%s is in state %d, not Closing\n",
			blk.dev.back,
			device_read_state(&blk.dev, blk.dev.back));
		err = -EPROTO;
	}
	ended = blk_disconnect(&blk);
	return err ?: ended;
}
