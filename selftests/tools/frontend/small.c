// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Blocks of 512 bytes on a disk of larger ones: many writes of a block each, side
 * by side and at the same time, none of which may take another's away.
 */

#define _GNU_SOURCE
#include "blkif.h"
#include "small.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define SECTOR 512
#define PAGE_BYTES 4096
#define SECTORS_A_PAGE (PAGE_BYTES / SECTOR)
#define SECTORS 30
#define FIRST 100 /* in the middle of a page */
#define ROUNDS 20
#define BACKGROUND 7

struct small {
	struct blk blk;
	uint8_t *page[SECTORS];
	uint32_t ref[SECTORS];
	uint8_t is[SECTORS]; /* what each block must hold */
};

static int has_small_blocks(struct blk *blk)
{
	char path[PATH_SIZE + 32];
	char *value;
	int err;

	snprintf(path, sizeof(path), "%s/sector-size", blk->dev.back);
	value = xs_read(blk->dev.store, XBT_NULL, path, NULL);
	err = value && !strcmp(value, "512") ? 0 : -EPROTO;
	if (err)
		fprintf(stderr, "%s is %s, not 512\n", path,
			value ?: "missing");
	free(value);
	return err;
}

static int make_pages(struct small *small, struct share *share)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < SECTORS && !err; i++)
		err = share_page(share, (void **)&small->page[i],
				 &small->ref[i]);
	return err;
}

static void put_block(struct small *small, unsigned int i, uint8_t op)
{
	blkif_request_t *request = blk_next_request(&small->blk, op);
	unsigned int at = i % SECTORS_A_PAGE;

	request->nr_segments = 1;
	request->sector_number = FIRST + i;
	request->seg[0].gref = small->ref[i];
	request->seg[0].first_sect = at;
	request->seg[0].last_sect = at;
}

static int take_all(struct small *small, unsigned int count)
{
	blkif_response_t answer;
	int err = 0;

	blk_push(&small->blk);
	while (count-- > 0 && !err) {
		err = blk_next_answer(&small->blk, &answer);
		if (!err && answer.status != BLKIF_RSP_OKAY) {
			fprintf(stderr, "answer %d\n", answer.status);
			err = -EIO;
		}
	}
	return err;
}

/* All blocks, or every third, at once. */
static int write_round(struct small *small, unsigned int round)
{
	unsigned int i, count = 0;

	for (i = 0; i < SECTORS; i++) {
		if (round && i % 3 != round % 3)
			continue;
		small->is[i] = round * SECTORS + i;
		memset(small->page[i], small->is[i], PAGE_BYTES);
		put_block(small, i, BLKIF_OP_WRITE);
		count++;
	}
	return take_all(small, count);
}

static int check_round(struct small *small)
{
	unsigned int i, at;
	int err;

	for (i = 0; i < SECTORS; i++) {
		memset(small->page[i], ~small->is[i], PAGE_BYTES);
		put_block(small, i, BLKIF_OP_READ);
	}
	err = take_all(small, SECTORS);
	for (i = 0; i < SECTORS && !err; i++)
		for (at = 0; at < SECTOR && !err; at++)
			if (small->page[i][i % SECTORS_A_PAGE * SECTOR + at] !=
			    small->is[i]) {
				fprintf(stderr, "block %u differs\n", i);
				err = -EILSEQ;
			}
	return err;
}

/* Sectors that a block device was asked to write so far; -1 for a file. */
static long long written(const char *node)
{
	long long sectors = -1;
	char path[PATH_SIZE];
	struct stat status;
	FILE *file;

	if (stat(node, &status) || !S_ISBLK(status.st_mode))
		return -1;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/stat",
		 major(status.st_rdev), minor(status.st_rdev));
	file = fopen(path, "r");
	if (file && fscanf(file, "%*u %*u %*u %*u %*u %*u %lld", &sectors) != 1)
		sectors = -1;
	if (file)
		fclose(file);
	return sectors;
}

/* The disk has what was answered, and nothing of it waits in dom0's cache. */
static int write_through(struct small *small, const char *node)
{
	long long before = written(node);
	int err = write_round(small, 0);

	if (!err && before >= 0 && written(node) < before + SECTORS) {
		fprintf(stderr, "the disk had %lld sectors written\n",
			written(node) - before);
		err = -EIO;
	}
	return err;
}

static int flush_all(struct small *small)
{
	blk_next_request(&small->blk, BLKIF_OP_FLUSH_DISKCACHE);
	return take_all(small, 1);
}

static int use(struct small *small, const char *node)
{
	unsigned int round;
	int err = has_small_blocks(&small->blk);

	/* What stands beside them, in the same blocks of the disk. */
	err = err   ?:
		      blk_write_byte(&small->blk,
				     FIRST / SECTORS_A_PAGE * SECTORS_A_PAGE,
				     BACKGROUND);
	for (round = 0; round < ROUNDS && !err; round++) {
		err = write_round(small, round);
		err = err ?: check_round(small);
	}
	err = err ?: flush_all(small);
	return err ?: write_through(small, node);
}

static int put_part(struct blk *blk, int byte)
{
	blkif_request_t *request = blk_next_request(blk, BLKIF_OP_WRITE);

	memset(blk->page, byte, PAGE_BYTES);
	request->nr_segments = 1;
	request->sector_number = 1;
	request->seg[0].gref = blk->page_ref;
	request->seg[0].first_sect = 1;
	request->seg[0].last_sect = 1;
	return blk_refused(blk, "a part of a block", BLKIF_RSP_OKAY);
}

/*
 * Written below the cache while it has the block: the guest finds what is new, and
 * so does a part of the block that it writes.
 */
static int see_below(struct blk *blk, int fd)
{
	static char page[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
	const char *held = blk->page;
	int err = put_part(blk, 'a');

	memset(page, 'b', sizeof(page));
	if (!err && pwrite(fd, page, sizeof(page), 0) != sizeof(page)) {
		perror("write below");
		err = -EIO;
	}
	err = err ?: blk_page_is(blk, 0, 'b');
	err = err ?: put_part(blk, 'c');
	err = err ?: blk_read(blk, 0);
	if (!err && (held[0] != 'b' || held[SECTOR] != 'c' ||
		     held[2 * SECTOR] != 'b')) {
		fprintf(stderr, "the block holds %c%c%c, not bcb\n", held[0],
			held[SECTOR], held[2 * SECTOR]);
		err = -EILSEQ;
	}
	return err;
}

int fresh_blocks(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	int fd = open("/dev/nullb0", O_WRONLY | O_DIRECT);
	struct blk blk;
	int err, ended;

	if (fd < 0)
		return -errno;
	err = blk_connect(&blk, share, store, node, number);
	err = err ?: see_below(&blk, fd);
	ended = blk_disconnect(&blk);
	close(fd);
	return err ?: ended;
}

/* On the disk itself: also what was beside them. */
static int disk_has(const struct small *small, const char *node)
{
	static uint8_t held[(FIRST + SECTORS + SECTORS_A_PAGE) * SECTOR]
		__attribute__((aligned(PAGE_BYTES)));
	int fd = open(node, O_RDONLY | O_DIRECT);
	ssize_t got =
		fd < 0 ? -1 :
			 read(fd, held, sizeof(held) / PAGE_BYTES * PAGE_BYTES);
	unsigned int i;

	close(fd);
	if (got < (FIRST + SECTORS) * SECTOR) {
		fprintf(stderr, "%s: cannot read\n", node);
		return -EIO;
	}
	for (i = 0; i < SECTORS; i++)
		if (held[(FIRST + i) * SECTOR] != small->is[i] ||
		    held[(FIRST + i + 1) * SECTOR - 1] != small->is[i])
			break;
	if (i == SECTORS && held[FIRST * SECTOR - 1] == BACKGROUND)
		return 0;
	fprintf(stderr, "%s differs at block %u\n", node, i);
	return -EILSEQ;
}

/* The module that is loaded again may have other parameters. */
static int reload_and_use(struct small *small, const char *node)
{
	int err = system("/etc/xen/scripts/reload-backend blkback");

	return err ?: use(small, node);
}

static int small_disk(struct share *share, struct xs_handle *store,
		      const char *node, unsigned int number, bool reload)
{
	struct small *small = calloc(1, sizeof(*small));
	unsigned int i;
	int err, ended;

	if (!small)
		return -ENOMEM;
	err = blk_connect(&small->blk, share, store, node, number);
	err = err ?: make_pages(small, share);
	err = err ?: use(small, node);
	if (reload)
		err = err ?: reload_and_use(small, node);
	err = err ?: disk_has(small, node);
	ended = blk_disconnect(&small->blk);
	for (i = 0; i < SECTORS; i++)
		share_free(share, small->page[i]);
	free(small);
	return err ?: ended;
}

int small_blocks(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	return small_disk(share, store, node, number, false);
}

int small_after_reload(struct share *share, struct xs_handle *store,
		       const char *node, unsigned int number)
{
	return small_disk(share, store, node, number, true);
}
