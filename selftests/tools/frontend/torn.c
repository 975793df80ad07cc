// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Blocks of 512 bytes on /dev/testdisk, whose blocks are larger, and its power
 * fails: each of them is old or new as a whole, what was flushed is new, and what
 * stands beside them is untouched. And it fails itself: the write that it had not
 * is answered so, and what is written whole need not be read.
 */

#include "blkif.h"
#include "testdisk.h"
#include "torn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT "/sys/module/testdisk/parameters/kept"
#define PAGE_BYTES 4096
#define SECTORS 8
#define FIRST 8 /* the sector where KEPT begins */
#define ROUNDS 10
#define BACKGROUND 200
#define SECOND 100 /* what the second writes of a round are above the first */

struct torn {
	struct blk blk;
	uint8_t *page[2 * SECTORS];
	uint32_t ref[2 * SECTORS];
};

/* Each sector has one of two bytes, which may be the same. */
static int kept_is(unsigned int at, unsigned int old, unsigned int new)
{
	char text[16] = "";
	unsigned int i, is = 0;
	FILE *file = fopen(KEPT, "r");

	for (i = 0; file && i <= at; i++)
		if (fscanf(file, "%15s", text) != 1)
			break;
	if (file)
		fclose(file);
	is = atoi(text);
	if (i > at && (is == old || is == new) && strcmp(text, "mixed"))
		return 0;
	fprintf(stderr, "the disk keeps \"%s\" in sector %u, not %u or %u\n",
		text, FIRST + at, old, new);
	return -EILSEQ;
}

static int all_kept(unsigned int old, unsigned int new)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < SECTORS && !err; i++)
		err = kept_is(i, old, new);
	return err;
}

/* Page `from` has what sector `at` is to be. */
static void put_sector(struct torn *torn, unsigned int at, unsigned int from,
		       uint8_t byte)
{
	blkif_request_t *request = blk_next_request(&torn->blk, BLKIF_OP_WRITE);

	memset(torn->page[from], byte, PAGE_BYTES);
	request->nr_segments = 1;
	request->sector_number = FIRST + at;
	request->seg[0].gref = torn->ref[from];
	request->seg[0].first_sect = at;
	request->seg[0].last_sect = at;
}

static int take_all(struct torn *torn, unsigned int count)
{
	blkif_response_t answer;
	int err = 0;

	blk_push(&torn->blk);
	while (count-- > 0 && !err) {
		err = blk_next_answer(&torn->blk, &answer);
		if (!err && answer.status != BLKIF_RSP_OKAY)
			err = -EIO;
	}
	return err;
}

static int flush(struct torn *torn)
{
	blk_next_request(&torn->blk, BLKIF_OP_FLUSH_DISKCACHE);
	return take_all(torn, 1);
}

/* One sector, and those beside it. */
static int one(struct torn *torn)
{
	int err = blk_write_byte(&torn->blk, FIRST, BACKGROUND);

	err = err ?: flush(torn);
	err = err ?: all_kept(BACKGROUND, BACKGROUND);
	if (err)
		return err;
	put_sector(torn, 3, 0, 1);
	err = take_all(torn, 1);
	err = err ?: kept_is(2, BACKGROUND, BACKGROUND);
	err = err ?: kept_is(3, BACKGROUND, 1);
	err = err ?: kept_is(4, BACKGROUND, BACKGROUND);
	err = err ?: flush(torn);
	err = err ?: kept_is(2, BACKGROUND, BACKGROUND);
	err = err ?: kept_is(3, 1, 1);
	return err ?: kept_is(4, BACKGROUND, BACKGROUND);
}

/* All of them, and again while the disk still has what was written first. */
static int one_round(struct torn *torn, unsigned int round)
{
	unsigned int i;
	int err;

	for (i = 0; i < SECTORS; i++)
		put_sector(torn, i, i, round);
	err = take_all(torn, SECTORS);
	if (err)
		return err;
	blk_next_request(&torn->blk, BLKIF_OP_FLUSH_DISKCACHE);
	for (i = 0; i < SECTORS; i++)
		put_sector(torn, i, SECTORS + i, SECOND + round);
	err = take_all(torn, SECTORS + 1);
	err = err ?: all_kept(round, SECOND + round);
	err = err ?: flush(torn);
	return err ?: all_kept(SECOND + round, SECOND + round);
}

/*
 * One page that is whole, and a part of the next, which cannot be read: what is
 * written of that is by the time of the answer, and nothing comes down later.
 */
static int part_fails(struct torn *torn)
{
	blkif_request_t *request = blk_next_request(&torn->blk, BLKIF_OP_WRITE);
	int err = testdisk_fail(TESTDISK_READS, EIO, 0);
	int before;

	memset(torn->page[0], 1, PAGE_BYTES);
	request->nr_segments = 2;
	request->sector_number = FIRST;
	request->seg[0].gref = torn->ref[0];
	request->seg[0].last_sect = SECTORS - 1;
	request->seg[1].gref = torn->ref[1];
	err = err ?: blk_refused(&torn->blk, "a part", BLKIF_RSP_ERROR);
	err = testdisk_heal() ?: err;
	before = testdisk_get("writes");
	sync();
	if (!err && testdisk_get("writes") != before) {
		fprintf(stderr, "what was answered as failed is written\n");
		err = -EIO;
	}
	return err;
}

/* An error that was told keeps nobody from connecting. */
static int reconnects(struct torn *torn)
{
	int err = testdisk_fail(TESTDISK_WRITES, EIO, 0);

	put_sector(torn, 3, 0, 1);
	err = err ?: blk_refused(&torn->blk, "a write", BLKIF_RSP_ERROR);
	err = testdisk_heal() ?: err;
	return err ?: blk_reconnect(&torn->blk);
}

static int errors(struct torn *torn)
{
	int err = testdisk_fail(TESTDISK_WRITES, EIO, 0);

	put_sector(torn, 3, 0, 1);
	err = err ?: blk_refused(&torn->blk, "a write", BLKIF_RSP_ERROR);
	blk_put_transfer(&torn->blk, BLKIF_OP_WRITE, FIRST);
	err = err ?: blk_refused(&torn->blk, "a whole one", BLKIF_RSP_ERROR);
	err = err ?: testdisk_fail(TESTDISK_READS, EIO, 0);
	put_sector(torn, 3, 0, 1);
	err = err   ?:
		      blk_refused(&torn->blk, "a block that cannot be read",
				  BLKIF_RSP_ERROR);
	err = err ?: blk_write_byte(&torn->blk, FIRST, BACKGROUND);
	err = err ?: testdisk_heal();
	err = err ?: blk_page_is(&torn->blk, FIRST, BACKGROUND);
	put_sector(torn, 3, 0, 1);
	err = err ?: take_all(torn, 1);
	err = err ?: part_fails(torn);
	return err ?: reconnects(torn);
}

static int use(struct torn *torn)
{
	unsigned int round;
	int err = errors(torn) ?: one(torn);

	for (round = 1; round <= ROUNDS && !err; round++)
		err = one_round(torn, round);
	return err;
}

int torn_blocks(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	struct torn *torn = calloc(1, sizeof(*torn));
	unsigned int i;
	int err, ended;

	if (!torn)
		return -ENOMEM;
	err = blk_connect(&torn->blk, share, store, node, number);
	for (i = 0; i < 2 * SECTORS && !err; i++)
		err = share_page(share, (void **)&torn->page[i], &torn->ref[i]);
	err = err ?: use(torn);
	ended = blk_disconnect(&torn->blk);
	for (i = 0; i < 2 * SECTORS; i++)
		share_free(share, torn->page[i]);
	free(torn);
	return err ?: ended;
}
