// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a frontend may believe, seen from the disk below, which is /dev/testdisk:
 * an answer that says unsupported, a disk without a cache, a page that it writes
 * to while its request is under way.
 */

#include "blkif.h"
#include "promises.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TESTDISK "/dev/testdisk"
#define PARAMETERS "/sys/module/testdisk/parameters/"
#define PAGE_SECTORS 8
#define WRITES 8
#define FLUSHES 100
#define FLUSHES_FAIL 3 /* of testdisk's "failing" */
#define BEFORE_THE_CUT 100
#define SCRIBBLES 2000
#define SCRIBBLE_US 20

static int set(const char *name, int value)
{
	char path[PATH_SIZE];
	FILE *file;
	int err = 0;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d", value) < 0)
		err = -EIO;
	if (file && fclose(file))
		err = -EIO;
	if (err)
		fprintf(stderr, "cannot write %s\n", path);
	return err;
}

static int get(const char *name)
{
	char path[PATH_SIZE];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "r");
	if (file && fscanf(file, "%d", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

static int answers_with(struct blk *blk, int disk, int flush)
{
	int err = set("error", disk);

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
	err = set("error", 0) ?: err;
	return err ?: blk_read(blk, 0);
}

static int with_disk(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number, bool persistent,
		     int (*play)(struct blk *blk))
{
	struct blk blk;
	int err, ended;

	err = blk_connect_as(&blk, share, store, node, number, persistent);
	err = err ?: play(&blk);
	ended = blk_disconnect(&blk);
	return err ?: ended;
}

int answers_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	return with_disk(share, store, node, number, false, answers);
}

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
	int before = get("durable") + get("flushes"), after;
	int err;

	/* Nothing says that they are to be kept, and then power fails. */
	err = write_some(blk, BEFORE_THE_CUT);
	err = err ?: set("powercut", 1);
	err = err ?: holds_some(blk, BEFORE_THE_CUT);
	after = get("durable") + get("flushes");
	if (!err && after - before < WRITES) {
		fprintf(stderr, "%s: %d of %d writes are durable\n", node,
			after - before, WRITES);
		err = -EIO;
	}
	return err;
}

static int is_told(struct blk *blk, const char *key, const char *wanted)
{
	char path[PATH_SIZE + 32];
	char *value;
	int err;

	snprintf(path, sizeof(path), "%s/%s", blk->dev.back, key);
	value = xs_read(blk->dev.store, XBT_NULL, path, NULL);
	err = value && !strcmp(value, wanted) ? 0 : -EPROTO;
	if (err)
		fprintf(stderr, "%s is %s, not %s\n", path, value ?: "missing",
			wanted);
	free(value);
	return err;
}

/* Our keys say so, for a module that is loaded later. */
static int gives_up(struct blk *blk, int disk, int answer)
{
	unsigned int tries;
	int err = set("error", disk);

	blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
	err = err ?: blk_refused(blk, "a flush", answer);
	err = set("error", 0) ?: err;
	for (tries = 0; !err && tries < 100; tries++) {
		if (!is_told(blk, "feature-flush-cache", "0"))
			return is_told(blk, "feature-barrier", "0");
		usleep(20000);
	}
	return err ?: -ETIMEDOUT;
}

/*
 * A frontend that has seen one flush fail sends none any more: what it had written
 * before is durable with its next write, and so is all from then on.
 */
static int flush_once(struct blk *blk, int disk, int answer)
{
	int err = is_told(blk, "feature-flush-cache", "1");

	err = err ?: blk_write_byte(blk, WRITES * PAGE_SECTORS, disk);
	err = err ?: gives_up(blk, disk, answer);
	err = err ?: write_durably(blk, TESTDISK);
	return err ?: blk_page_is(blk, WRITES * PAGE_SECTORS, disk);
}

/* Also when the module is another by then, and nothing was written between. */
static int flush_fails(struct blk *blk)
{
	int err = is_told(blk, "feature-flush-cache", "1");

	err = err ?: blk_write_byte(blk, WRITES * PAGE_SECTORS, EIO);
	err = err ?: gives_up(blk, EIO, BLKIF_RSP_ERROR);
	err = err ?: system("/etc/xen/scripts/reload-backend blkback");
	err = err ?: write_durably(blk, TESTDISK);
	return err ?: blk_page_is(blk, WRITES * PAGE_SECTORS, EIO);
}

/* On a disk that refuses all flushes a write is better there than not. */
static int refuses_flushes(struct blk *blk)
{
	int err = set("failing", FLUSHES_FAIL);

	err = err ?: set("error", EOPNOTSUPP);
	err = err ?: write_some(blk, 1);
	err = err ?: holds_some(blk, 1);
	return set("error", 0) ?: set("failing", 0) ?: err;
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
	return with_disk(share, store, node, number, false, flush_fails);
}

int no_flushes_disk(struct share *share, struct xs_handle *store,
		    const char *node, unsigned int number)
{
	return with_disk(share, store, node, number, false, flush_unsupported);
}

/*
 * On a disk without a cache, then on one that has one; also when the module is
 * another by then.
 */
static int cached(struct blk *blk)
{
	int err = is_told(blk, "feature-flush-cache", "0");

	err = err ?: write_some(blk, 1);
	err = err ?: holds_some(blk, 1);
	err = err ?: blk_swap(blk, TESTDISK);
	err = err ?: write_durably(blk, TESTDISK);
	err = err ?: system("/etc/xen/scripts/reload-backend blkback");
	return err ?: write_durably(blk, TESTDISK);
}

int cached_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	return with_disk(share, store, node, number, false, cached);
}

/* The same, on a file of a file system on that disk. */
static int cached_file(struct blk *blk)
{
	int err = is_told(blk, "feature-flush-cache", "0");

	err = err ?: write_some(blk, 1);
	err = err ?: blk_swap(blk, "/mnt/file");
	return err ?: write_durably(blk, "/mnt/file");
}

int cached_file_disk(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number)
{
	return with_disk(share, store, node, number, false, cached_file);
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
	int before = get("changed"), changed;
	unsigned int i;
	int err = 0;

	for (i = 0; i < WRITES && !err; i++) {
		err = scribble(blk, BLKIF_OP_WRITE, i * PAGE_SECTORS);
		err = err ?: scribble(blk, BLKIF_OP_READ, i * PAGE_SECTORS);
	}
	changed = get("changed") - before;
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
	int err = write_some(blk, 1);

	err = err ?: blk_swap(blk, TESTDISK);
	return err ?: stable(blk);
}

/* What dom0 is told of the disk is in force when the key is there. */
static int turn(struct blk *blk, int readonly, const char *info)
{
	unsigned int tries;
	int err = set("readonly", readonly);

	for (tries = 0; !err && tries < 100; tries++) {
		usleep(20000);
		if (!is_told(blk, "info", info))
			return 0;
	}
	return err ?: -ETIMEDOUT;
}

/* How often the disk is asked for each time. */
static int flush_times(struct blk *blk, unsigned int times, int wanted)
{
	int before = get("flushes"), asked;
	unsigned int i;
	int err = 0;

	for (i = 0; i < times && !err; i++) {
		uint64_t id = blk->ring.req_prod_pvt;

		blk_next_request(blk, BLKIF_OP_FLUSH_DISKCACHE);
		blk_push(blk);
		err = blk_take_answer(blk, id);
	}
	asked = get("flushes") - before;
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
	err = err ?: set("powercut", 1);
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
	int err = with_disk(share, store, node, number, false, turned);

	device_readonly = true;
	err = err ?: with_disk(share, store, node, number, false, only_reads);
	device_readonly = false;
	return err;
}

/* A device whose pages come to TESTDISK by ways of its own. */
int stable_above(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	int err = set("checking", 1);

	err = err ?: with_disk(share, store, node, number, true, stable);
	return set("checking", 0) ?: err;
}

int stable_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	int err = set("checking", 1);

	err = err ?: with_disk(share, store, TESTDISK, number, true, stable);
	err = err   ?:
		      with_disk(share, store, node, number, true,
				stable_after_swap);
	return set("checking", 0) ?: err;
}
