// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Somebody in dom0 has the disk open as well and writes to it through the page
 * cache, without sync, before a frontend connects, between two connects and to a
 * disk that is put in place of another. The frontend finds what was written, and
 * what it writes itself stays: also for whoever reads through the cache.
 */

#include "blkif.h"
#include "settled.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define PAGE_SECTORS 8
#define PAGES 1024 /* 4 MiB */
#define OTHER "/dev/nullb1" /* the disk that is put in place */

enum { BEFORE = 'A', GUEST = 'G', BETWEEN = 'B', SWAPPED = 'S' };

/* All of the pages, and none of them written back by us. */
static int fill(int fd, int byte)
{
	char page[PAGE_BYTES];
	unsigned int i;

	memset(page, byte, sizeof(page));
	for (i = 0; i < PAGES; i++)
		if (pwrite(fd, page, sizeof(page), (off_t)i * PAGE_BYTES) !=
		    sizeof(page))
			return -errno;
	return 0;
}

/* As dom0 sees it, whatever its cache has, and with nothing left to write. */
static int dom0_sees(int fd, unsigned int page, int byte)
{
	char held[PAGE_BYTES];

	if (fsync(fd) || pread(fd, held, sizeof(held),
			       (off_t)page * PAGE_BYTES) != sizeof(held))
		return -errno;
	if (held[0] == byte && !memcmp(held, held + 1, sizeof(held) - 1))
		return 0;
	fprintf(stderr, "dom0 finds %d in page %u, not %d\n", held[0], page,
		byte);
	return -EILSEQ;
}

/* The guest reads the first page and writes the second. */
static int use(struct blk *blk, int fd, int byte)
{
	int err = blk_page_is(blk, 0, byte);

	err = err ?: blk_page_is(blk, (PAGES - 1) * PAGE_SECTORS, byte);
	err = err ?: blk_write_byte(blk, PAGE_SECTORS, GUEST);
	err = err ?: dom0_sees(fd, 1, GUEST);
	return err ?: dom0_sees(fd, 2, byte);
}

static int play(struct blk *blk, struct share *share, struct xs_handle *store,
		const char *node, unsigned int number, const int *fd)
{
	int err = fill(fd[0], BEFORE);

	err = err ?: blk_connect(blk, share, store, node, number);
	err = err ?: use(blk, fd[0], BEFORE);
	err = err ?: fill(fd[0], BETWEEN);
	err = err ?: blk_reconnect(blk);
	err = err ?: use(blk, fd[0], BETWEEN);
	err = err ?: fill(fd[1], SWAPPED);
	err = err ?: blk_swap(blk, OTHER);
	return err ?: use(blk, fd[1], SWAPPED);
}

int settled_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	int fd[2] = { open(node, O_RDWR), open(OTHER, O_RDWR) };
	struct blk blk = { 0 };
	int err = -errno, ended = 0;

	if (fd[0] >= 0 && fd[1] >= 0) {
		err = play(&blk, share, store, node, number, fd);
		ended = blk_disconnect(&blk);
	} else {
		fprintf(stderr, "%s, %s: %s\n", node, OTHER, strerror(-err));
	}
	close(fd[0]);
	close(fd[1]);
	return err ?: ended;
}
