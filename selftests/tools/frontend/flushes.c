// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a frontend takes to be durable, on a disk whose power fails: /dev/testdisk
 * or a file on it. A frontend that has seen one flush fail sends none any more and
 * believes that all was written, and so does one that was told of no cache.
 */

#include "blkif.h"
#include "flushes.h"
#include "testdisk.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE_SECTORS 8
#define WRITES 8
#define BEFORE_THE_CUT 100
#define RELOAD "/etc/xen/scripts/reload-backend blkback"
/* Where no other write goes: answered before the flush that fails, and others. */
#define EARLY (WRITES * PAGE_SECTORS)
#define LATE (EARLY + PAGE_SECTORS)
#define LATER (LATE + PAGE_SECTORS)
#define SLOW_MS 500
#define TAKEN_US 100000 /* until a request is with the disk for sure */

/* Each write has to be durable by the time of its answer. */
static int write_some(struct blk *blk, int byte)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < WRITES && !err; i++)
		err = blk_write_byte(blk, i * PAGE_SECTORS, byte + i);
	return err;
}

static int holds_some(struct blk *blk, int byte)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < WRITES && !err; i++)
		err = blk_page_is(blk, i * PAGE_SECTORS, byte + i);
	return err;
}

static int write_durably(struct blk *blk, const char *node)
{
	int before = testdisk_get("durable") + testdisk_get("flushes"), after;
	int err;

	/* Nothing says that they are to be kept, and then power fails. */
	err = write_some(blk, BEFORE_THE_CUT);
	err = err ?: testdisk_set("powercut", 1);
	err = err ?: holds_some(blk, BEFORE_THE_CUT);
	after = testdisk_get("durable") + testdisk_get("flushes");
	if (!err && after - before < WRITES) {
		fprintf(stderr, "%s: %d of %d writes are durable\n", node,
			after - before, WRITES);
		err = -EIO;
	}
	return err;
}

/* Our keys say so, for a module that is loaded later. */
static int heard(struct blk *blk)
{
	unsigned int tries;

	for (tries = 0; tries < 200; tries++) {
		if (!blk_is_told(blk, "feature-flush-cache", "0"))
			return blk_is_told(blk, "feature-barrier", "0");
		usleep(20000);
	}
	return -ETIMEDOUT;
}

/* The disk fails so often, with a flush first, and is as before then. */
static int gives_up(struct blk *blk, enum testdisk_kind kind, int disk,
		    int times, int answer)
{
	int err = testdisk_fail(kind, disk, times);

	blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
	err = err ?: blk_refused(blk, "a flush", answer);
	return err ?: heard(blk);
}

/*
 * A frontend that has seen one flush fail sends none any more: what it had written
 * before is durable with its next write, and so is all from then on.
 */
static int flush_once(struct blk *blk, int disk, int answer)
{
	int err = blk_is_told(blk, "feature-flush-cache", "1");

	err = err ?: blk_write_byte(blk, WRITES * PAGE_SECTORS, disk);
	err = err ?: gives_up(blk, TESTDISK_ALL, disk, 1, answer);
	err = err ?: write_durably(blk, TESTDISK);
	return err ?: blk_page_is(blk, WRITES * PAGE_SECTORS, disk);
}

/* Also when the module is another by then, and nothing was written between. */
static int flush_fails(struct blk *blk)
{
	int err = blk_is_told(blk, "feature-flush-cache", "1");

	err = err ?: blk_write_byte(blk, WRITES * PAGE_SECTORS, EIO);
	err = err ?: gives_up(blk, TESTDISK_ALL, EIO, 1, BLKIF_RSP_ERROR);
	err = err ?: system(RELOAD);
	err = err ?: write_durably(blk, TESTDISK);
	return err ?: blk_page_is(blk, WRITES * PAGE_SECTORS, EIO);
}

/* On a disk that refuses all flushes a write is better there than not. */
static int refuses_flushes(struct blk *blk)
{
	int err = testdisk_fail(TESTDISK_FLUSHES, EOPNOTSUPP, 0);

	err = err ?: write_some(blk, 1);
	err = err ?: holds_some(blk, 1);
	return testdisk_heal() ?: err;
}

/* Nor is it lost on one that refuses only writes that are to be durable. */
static int refuses_durable(struct blk *blk)
{
	int err = testdisk_fail(TESTDISK_DURABLE, EOPNOTSUPP, 0);

	err = err ?: write_durably(blk, TESTDISK);
	return testdisk_heal() ?: err;
}

/* Any other error of the flush alone is the write's. */
static int fails_behind(struct blk *blk)
{
	int err = testdisk_fail(TESTDISK_EMPTY, EIO, 1);

	blk_put_transfer(blk, BLKIF_OP_WRITE, 0);
	err = err ?: blk_refused(blk, "a write", BLKIF_RSP_ERROR);
	err = testdisk_heal() ?: err;
	return err ?: blk_write_byte(blk, 0, 1);
}

static int flush_unsupported(struct blk *blk)
{
	int err = flush_once(blk, EOPNOTSUPP, BLKIF_RSP_EOPNOTSUPP);

	return err ?: refuses_flushes(blk);
}

/* On TESTDISK, or a file of it. */
int flushes_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	return blk_with(share, store, node, number, false, flush_fails);
}

int no_flushes_disk(struct share *share, struct xs_handle *store,
		    const char *node, unsigned int number)
{
	return blk_with(share, store, node, number, false, flush_unsupported);
}

/*
 * On a disk without a cache, then on one that has one; also when the module is
 * another by then.
 */
static int cached(struct blk *blk)
{
	int err = blk_is_told(blk, "feature-flush-cache", "0");

	err = err ?: write_some(blk, 1);
	err = err ?: holds_some(blk, 1);
	err = err ?: blk_swap(blk, TESTDISK);
	err = err ?: write_durably(blk, TESTDISK);
	err = err ?: refuses_durable(blk);
	err = err ?: fails_behind(blk);
	err = err ?: system(RELOAD);
	return err ?: write_durably(blk, TESTDISK);
}

int cached_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	return blk_with(share, store, node, number, false, cached);
}

/* The same, on a file of a file system on that disk. */
static int cached_file(struct blk *blk)
{
	int err = blk_is_told(blk, "feature-flush-cache", "0");

	err = err ?: write_some(blk, 1);
	err = err ?: blk_swap(blk, "/mnt/file");
	err = err ?: write_durably(blk, "/mnt/file");
	err = err ?: refuses_flushes(blk);
	return err ?: fails_behind(blk);
}

int cached_file_disk(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number)
{
	return blk_with(share, store, node, number, false, cached_file);
}

/* What is written there; of each play another. */
static int early = 'A';

static int survives(struct blk *blk, uint64_t sector, int byte)
{
	return testdisk_set("powercut", 1) ?: blk_page_is(blk, sector, byte);
}

/*
 * What failed is not made good before the flush that does it has ended: a write
 * meanwhile has its own.
 */
static int slowly_made_good(struct blk *blk)
{
	int err = blk_write_byte(blk, EARLY, early);

	err = err ?: testdisk_slow(TESTDISK_EMPTY, SLOW_MS);
	err = err ?: gives_up(blk, TESTDISK_EMPTY, EIO, 1, BLKIF_RSP_ERROR);
	err = err ?: blk_write_byte(blk, LATE, 'l');
	err = err ?: survives(blk, EARLY, early);
	return err ?: blk_page_is(blk, LATE, 'l');
}

/* As long as no flush succeeds, nothing is written. */
static int never_made_good(struct blk *blk)
{
	int err = blk_write_byte(blk, LATE, 'o');

	err = err ?: blk_write_byte(blk, EARLY, early);
	err = err ?: gives_up(blk, TESTDISK_EMPTY, EIO, 0, BLKIF_RSP_ERROR);
	blk_put_transfer(blk, BLKIF_OP_WRITE, LATE);
	err = err ?: blk_refused(blk, "a write", BLKIF_RSP_ERROR);
	err = err ?: blk_page_is(blk, LATE, 'o');
	err = err ?: testdisk_heal();
	err = err ?: blk_write_byte(blk, LATER, 'n');
	err = err ?: survives(blk, EARLY, early);
	return err ?: blk_page_is(blk, LATER, 'n');
}

/* A write that was under way when the flush failed. */
static int under_way(struct blk *blk)
{
	uint64_t id = blk->ring.req_prod_pvt;
	blkif_response_t answer = { 0 };
	int err = testdisk_slow(TESTDISK_WRITES, 2 * SLOW_MS);

	*(char *)blk->page = early;
	blk_put_transfer(blk, BLKIF_OP_WRITE, EARLY);
	blk_push(blk);
	err = err ?: gives_up(blk, TESTDISK_EMPTY, EIO, 1, BLKIF_RSP_ERROR);
	err = err ?: blk_next_answer(blk, &answer);
	if (!err && (answer.id != id || answer.status != BLKIF_RSP_OKAY)) {
		fprintf(stderr, "the write: answer %d\n", answer.status);
		err = -EPROTO;
	}
	err = err ?: testdisk_set("powercut", 1);
	err = err ?: blk_read(blk, EARLY);
	if (!err && *(char *)blk->page != early) {
		fprintf(stderr, "a write under way is lost\n");
		err = -EILSEQ;
	}
	return err;
}

/* The flush fails when the device is about to go already. */
static int put_failing_flush(struct blk *blk, int milliseconds)
{
	int err = blk_write_byte(blk, EARLY, early);

	err = err ?: testdisk_slow(TESTDISK_EMPTY, milliseconds);
	err = err ?: testdisk_fail(TESTDISK_EMPTY, EIO, 1);
	blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
	blk_push(blk);
	usleep(TAKEN_US);
	return err;
}

static int ask_driver(struct blk *blk, const char *what)
{
	char path[PATH_SIZE];
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), "/sys/bus/xen-backend/drivers/vbd/%s",
		 what);
	file = fopen(path, "w");
	if (!file || fprintf(file, "vbd-0-%u", blk->dev.number) < 0)
		err = -EIO;
	if (file && fclose(file))
		err = -EIO;
	if (err)
		fprintf(stderr, "cannot write %s\n", path);
	return err;
}

static int while_closing(struct blk *blk)
{
	int err = put_failing_flush(blk, SLOW_MS);

	err = err ?: blk_reconnect(blk);
	err = err ?: blk_is_told(blk, "feature-flush-cache", "1");
	return err ?: survives(blk, EARLY, early);
}

/* Also when the driver is another by then. */
static int while_unbinding(struct blk *blk)
{
	int err = put_failing_flush(blk, SLOW_MS);

	err = err ?: ask_driver(blk, "unbind");
	err = err ?: blk_refused(blk, "a flush", BLKIF_RSP_ERROR);
	err = err ?: blk_is_told(blk, "feature-flush-cache", "0");
	err = err ?: testdisk_heal();
	err = err ?: ask_driver(blk, "bind");
	err = err ?: survives(blk, EARLY, early);
	return err ?: write_durably(blk, TESTDISK);
}

/* Nor do the flushes of the module that goes; nothing is written any more. */
static int made_good_by_next(struct blk *blk)
{
	int err = blk_write_byte(blk, EARLY, early);

	err = err ?: gives_up(blk, TESTDISK_EMPTY, EIO, 3, BLKIF_RSP_ERROR);
	err = err ?: system(RELOAD);
	return err ?: survives(blk, EARLY, early);
}

/* The next flush is the other disk's. */
static int swapped_out(struct blk *blk)
{
	int err = blk_write_byte(blk, EARLY, early);

	err = err ?: blk_swap(blk, "/dev/nullb0");
	err = err ?: testdisk_set("powercut", 1);
	err = err ?: blk_swap(blk, TESTDISK);
	return err ?: blk_page_is(blk, EARLY, early);
}

static const struct {
	const char *name;
	int (*play)(struct blk *blk);
} plays[] = {
	{ "slowly made good", slowly_made_good },
	{ "never made good", never_made_good },
	{ "under way", under_way },
	{ "while closing", while_closing },
	{ "while unbinding", while_unbinding },
	{ "made good by the next module", made_good_by_next },
	{ "swapped out", swapped_out },
};

/* Each on a device of its own: what a frontend believes is for as long as that. */
int flush_errors_disk(struct share *share, struct xs_handle *store,
		      const char *node, unsigned int number)
{
	int err = 0, failed;
	unsigned int i;

	for (i = 0; i < sizeof(plays) / sizeof(*plays); i++) {
		early++;
		failed = blk_with(share, store, node, number, false,
				  plays[i].play);
		failed = testdisk_heal() ?: failed;
		if (failed)
			fprintf(stderr, "failed: %s\n", plays[i].name);
		err = err ?: failed;
	}
	return err;
}

/* Two flushes at once: the error of what both are for is told to both. */
static int both_told(struct blk *blk)
{
	int err = blk_write_byte(blk, EARLY, early);

	err = err ?: testdisk_slow(TESTDISK_WRITES, SLOW_MS);
	err = err ?: testdisk_fail(TESTDISK_WRITES, EIO, 0);
	blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
	blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
	err = err ?: blk_refused(blk, "a flush", BLKIF_RSP_ERROR);
	err = err ?: blk_refused(blk, "another", BLKIF_RSP_ERROR);
	return testdisk_heal() ?: err;
}

/* On a file that is used through the page cache. */
int two_flushes_disk(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number)
{
	return blk_with(share, store, node, number, false, both_told);
}
