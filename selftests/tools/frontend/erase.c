// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Secure discards, on a disk that takes its time for them: they end on the disk
 * before they are answered, and what was asked for after them does not wait.
 */

#include "blkif.h"
#include "erase.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SECTORS 8
#define FIRST 4096 /* sector; the disk has at least 8 MiB */
#define SECTORS 4096 /* 2 MiB: more than the disk takes at once */

static void fill_erase(struct blk *blk, uint64_t sector, uint64_t nr)
{
	blkif_request_discard_t *request =
		(void *)blk_next_request(blk, BLKIF_OP_DISCARD);

	request->flag = BLKIF_DISCARD_SECURE;
	request->sector_number = sector;
	request->nr_sectors = nr;
}

/* The first, one in the middle, the last page; those beside the range. */
static int write_marks(struct blk *blk)
{
	int err = blk_write_byte(blk, FIRST - PAGE_SECTORS, 1);

	err = err ?: blk_write_byte(blk, FIRST, 2);
	err = err ?: blk_write_byte(blk, FIRST + SECTORS / 2, 3);
	err = err ?: blk_write_byte(blk, FIRST + SECTORS - PAGE_SECTORS, 4);
	return err ?: blk_write_byte(blk, FIRST + SECTORS, 5);
}

static int check_marks(struct blk *blk)
{
	int err = blk_page_is(blk, FIRST - PAGE_SECTORS, 1);

	err = err ?: blk_page_is(blk, FIRST, 0);
	err = err ?: blk_page_is(blk, FIRST + SECTORS / 2, 0);
	err = err ?: blk_page_is(blk, FIRST + SECTORS - PAGE_SECTORS, 0);
	return err ?: blk_page_is(blk, FIRST + SECTORS, 5);
}

/* An erase, then a read: the read's answer comes first. */
static int erase_beside_a_read(struct blk *blk)
{
	uint64_t id = blk->ring.req_prod_pvt;
	int err;

	fill_erase(blk, FIRST, SECTORS);
	blk_put_transfer(blk, BLKIF_OP_READ, 0);
	blk_push(blk);
	err = blk_take_answer(blk, id + 1);
	if (err)
		fprintf(stderr, "the read waited for the erase\n");
	return err ?: blk_take_answer(blk, id);
}

static int refused(struct blk *blk, uint64_t sector, uint64_t nr, int status)
{
	fill_erase(blk, sector, nr);
	return blk_refused(blk, "a secure discard", status);
}

/* The disk takes none from now on, of which the frontend is not told. */
static int lose_ability(void)
{
	FILE *piece = fopen("/sys/module/testdisk/parameters/piece", "w");
	int err = piece && fputs("0", piece) >= 0 ? 0 : -EIO;

	if (piece && fclose(piece))
		err = -EIO;
	if (err)
		fprintf(stderr, "testdisk cannot be told to refuse\n");
	return err;
}

static int offered(struct blk *blk)
{
	char path[PATH_SIZE + 32];
	char *value;
	int yes;

	snprintf(path, sizeof(path), "%s/discard-secure", blk->dev.back);
	value = xs_read(blk->dev.store, XBT_NULL, path, NULL);
	yes = value && !strcmp(value, "1");
	if (!yes)
		fprintf(stderr, "%s is %s\n", path, value ?: "not there");
	free(value);
	return yes ? 0 : -EOPNOTSUPP;
}

int erase_disk(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number)
{
	struct blk blk;
	int err, ended;

	err = blk_connect(&blk, share, store, node, number);
	err = err ?: offered(&blk);
	err = err ?: write_marks(&blk);
	err = err ?: erase_beside_a_read(&blk);
	err = err ?: check_marks(&blk);
	err = err ?: refused(&blk, FIRST, 0, BLKIF_RSP_ERROR);
	err = err ?: refused(&blk, 1ull << 40, 8, BLKIF_RSP_ERROR);
	err = err ?: refused(&blk, 8, -8ull, BLKIF_RSP_ERROR);
	err = err ?: lose_ability();
	err = err ?: refused(&blk, FIRST, SECTORS, BLKIF_RSP_EOPNOTSUPP);
	err = err ?: blk_page_is(&blk, FIRST + SECTORS, 5);
	ended = blk_disconnect(&blk);
	return err ?: ended;
}
