// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a frontend may believe, seen from the disk below, which is /dev/testdisk:
 * an answer that says unsupported, a disk that turns read-only, a page that it
 * writes to while its request is under way. Flushes: flushes.c.
 */

#include "blkif.h"
#include "promises.h"
#include "testdisk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_SECTORS 8
#define WRITES 8
#define FLUSHES 100
#define SCRIBBLES 2000
#define SCRIBBLE_US 20

static int answers_with(struct blk *blk, int disk, int flush)
{
	int err = testdisk_set("error", disk);

	blk_put_transfer(blk, BLKIF_OP_READ, 0);
	err = err ?: blk_refused(blk, "a read", BLKIF_RSP_ERROR);
	blk_put_transfer(blk, BLKIF_OP_WRITE, 0);
	err = err ?: blk_refused(blk, "a write", BLKIF_RSP_ERROR);
	blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
	err = err ?: blk_refused(blk, "a flush", flush);
	if (err)
		fprintf(stderr, "of a disk that says %s\n", strerror(disk));
	return err;
}

static int answers(struct blk *blk)
{
	int err = answers_with(blk, EOPNOTSUPP, BLKIF_RSP_EOPNOTSUPP);

	err = err ?: answers_with(blk, EREMOTEIO, BLKIF_RSP_ERROR);
	err = err ?: answers_with(blk, ETIMEDOUT, BLKIF_RSP_ERROR);
	err = err ?: answers_with(blk, ENOSPC, BLKIF_RSP_ERROR);
	err = err ?: answers_with(blk, EAGAIN, BLKIF_RSP_ERROR);
	err = testdisk_set("error", 0) ?: err;
	return err ?: blk_read(blk, 0);
}

int answers_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	return blk_with(share, store, node, number, false, answers);
}

/* The page is written to from the moment it is offered to its answer's. */
static int scribble(struct blk *blk, uint8_t op, uint64_t sector)
{
	uint64_t id = blk->ring.req_prod_pvt;
	uint32_t *page = blk->page;
	unsigned int i;

	blk_put_transfer(blk, op, sector);
	blk_push(blk);
	for (i = 0; i < SCRIBBLES; i++) {
		*page += 1;
		usleep(SCRIBBLE_US);
		if (blk->sring->rsp_prod != blk->ring.rsp_cons)
			break;
	}
	return blk_take_answer(blk, id);
}

/* The grant is mapped by the second, if grants stay mapped. */
static int stable(struct blk *blk)
{
	int before = testdisk_get("changed"), changed;
	unsigned int i;
	int err = 0;

	for (i = 0; i < WRITES && !err; i++) {
		err = scribble(blk, BLKIF_OP_WRITE, i * PAGE_SECTORS);
		err = err ?: scribble(blk, BLKIF_OP_READ, i * PAGE_SECTORS);
	}
	changed = testdisk_get("changed") - before;
	if (!err && changed) {
		fprintf(stderr, "%d of %d requests changed under way\n",
			changed, 2 * WRITES);
		err = -EIO;
	}
	return err;
}

/* Also on one that is put below a frontend whose grants are mapped already. */
static int stable_after_swap(struct blk *blk)
{
	int err = blk_write_byte(blk, 0, 1);

	err = err ?: blk_swap(blk, TESTDISK);
	return err ?: stable(blk);
}

/* What dom0 is told of the disk is in force when the key is there. */
static int turn(struct blk *blk, int readonly, const char *info)
{
	unsigned int tries;
	int err = testdisk_set("readonly", readonly);

	for (tries = 0; !err && tries < 100; tries++) {
		usleep(20000);
		if (!blk_is_told(blk, "info", info))
			return 0;
	}
	return err ?: -ETIMEDOUT;
}

/* How often the disk is asked for each time. */
static int flush_times(struct blk *blk, unsigned int times, int wanted)
{
	int before = testdisk_get("flushes"), asked;
	unsigned int i;
	int err = 0;

	for (i = 0; i < times && !err; i++) {
		uint64_t id = blk->ring.req_prod_pvt;

		blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
		blk_push(blk);
		err = blk_take_answer(blk, id);
	}
	asked = testdisk_get("flushes") - before;
	if (!err && asked != wanted) {
		fprintf(stderr, "%u flushes: the disk was asked %d times\n",
			times, asked);
		err = -EIO;
	}
	return err;
}

/* It is written no more, but what it has in its cache is flushed still. */
static int turned(struct blk *blk)
{
	int err = blk_write_byte(blk, 0, 'w');

	err = err ?: turn(blk, 1, "4");
	blk_put_transfer(blk, BLKIF_OP_WRITE, 0);
	err = err ?: blk_refused(blk, "a write", BLKIF_RSP_ERROR);
	err = err ?: flush_times(blk, 1, 1);
	err = err ?: testdisk_set("powercut", 1);
	err = err ?: blk_page_is(blk, 0, 'w');
	err = err ?: turn(blk, 0, "0");
	return err ?: blk_write_byte(blk, 0, 'v');
}

/* Who only ever reads has the disk flush nothing. */
static int only_reads(struct blk *blk)
{
	int err = flush_times(blk, FLUSHES, 0);

	return err ?: blk_read(blk, 0);
}

int readonly_disk(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number)
{
	int err = blk_with(share, store, node, number, false, turned);

	device_readonly = true;
	err = err ?: blk_with(share, store, node, number, false, only_reads);
	device_readonly = false;
	return err;
}

/* A device whose pages come to TESTDISK by ways of its own. */
int stable_above(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	int err = testdisk_set("checking", 1);

	err = err ?: blk_with(share, store, node, number, true, stable);
	return testdisk_set("checking", 0) ?: err;
}

int stable_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	int err = testdisk_set("checking", 1);

	err = err ?: blk_with(share, store, TESTDISK, number, true, stable);
	err = err   ?:
		      blk_with(share, store, node, number, true,
			       stable_after_swap);
	return testdisk_set("checking", 0) ?: err;
}
