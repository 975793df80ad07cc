// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A disk that becomes half as large under a frontend that looks at no key: what is
 * past its end is answered with an error, also where it was written before.
 */

#include "blkif.h"
#include "shrunk.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define SECTORS_A_PAGE 8

/* The disk's last page, in sectors; negative is an error. */
static long long last_page(struct blk *blk)
{
	char path[PATH_SIZE + 32];
	long long sectors;
	char *value;

	snprintf(path, sizeof(path), "%s/sectors", blk->dev.back);
	value = xs_read(blk->dev.store, XBT_NULL, path, NULL);
	sectors = value ? atoll(value) : 0;
	free(value);
	return sectors < SECTORS_A_PAGE ? -EPROTO : sectors - SECTORS_A_PAGE;
}

static int use(struct blk *blk)
{
	long long last = last_page(blk);
	long long middle = last / 2 / SECTORS_A_PAGE * SECTORS_A_PAGE;
	int err;

	if (last < 0)
		return last;
	err = blk_write_byte(blk, 0, 'a');
	err = err ?: blk_write_byte(blk, last, 'z');
	if (err)
		return err;

	/* until the case has made the disk smaller */
	raise(SIGSTOP);

	blk_put_transfer(blk, BLKIF_OP_WRITE, last);
	err = blk_refused(blk, "a write past the end", BLKIF_RSP_ERROR);
	blk_put_transfer(blk, BLKIF_OP_READ, last);
	err = err ?: blk_refused(blk, "a read past the end", BLKIF_RSP_ERROR);
	err = err ?: blk_page_is(blk, 0, 'a');
	return err ?: blk_write_byte(blk, middle, 'm');
}

int shrunk_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	struct blk blk;
	int err, ended;

	err = blk_connect(&blk, share, store, node, number);
	err = err ?: use(&blk);
	ended = blk_disconnect(&blk);
	return err ?: ended;
}
