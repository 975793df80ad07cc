// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * GRANT_COPY with memory of this program's that is in the swap cache: written to
 * a swap device, read again, and there still. The kernel says of each page whether
 * it is.
 */

#define _GNU_SOURCE /* MADV_PAGEOUT */
#include "devices.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#define PAGES 64
#define ROUNDS 4

/* Documentation/admin-guide/mm/pagemap.rst of the kernel. */
#define PAGEMAP_PRESENT 0x8000000000000000ull
#define PAGEMAP_FRAME 0x007fffffffffffffull
#define FLAG_SWAPCACHE 0x2000

/* What a swap area begins with: include/linux/swap.h of the kernel. */
struct swap_start {
	char boot[1024];
	uint32_t version;
	uint32_t last_page;
	uint32_t bad_pages;
	char rest[PAGE - 1024 - 3 * 4 - 10];
	char magic[10];
};

static_assert(sizeof(struct swap_start) == PAGE, "a page");

static long make_swap(const char *device)
{
	struct swap_start start = { .version = 1 };
	int fd = open(device, O_RDWR | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	ssize_t done;

	memcpy(start.magic, "SWAPSPACE2", sizeof(start.magic));
	start.last_page = size / PAGE - 1;
	done = pwrite(fd, &start, sizeof(start), 0);
	if (fsync(fd))
		done = -1;
	close(fd);
	return size >= (off_t)(2 * PAGES * PAGE) && done == sizeof(start);
}

static uint64_t read_word(const char *file, uint64_t index)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	uint64_t word = 0;

	if (pread(fd, &word, sizeof(word), index * sizeof(word)) !=
	    sizeof(word)) {
		perror(file);
		exit(2);
	}
	close(fd);
	return word;
}

/* How many of the pages are mapped and in the swap cache. */
static unsigned int in_swap_cache(const char *at)
{
	unsigned int i, nr = 0;
	uint64_t page;

	for (i = 0; i < PAGES; i++) {
		page = read_word("/proc/self/pagemap",
				 (uintptr_t)at / PAGE + i);
		if (page & PAGEMAP_PRESENT)
			nr += !!(read_word("/proc/kpageflags",
					   page & PAGEMAP_FRAME) &
				 FLAG_SWAPCACHE);
	}
	return nr;
}

/*
 * Out to swap, and in again by being read. What is written then is written where
 * it is: the page stays in the swap cache.
 */
static unsigned int swap_through(char *at)
{
	unsigned int i;

	madvise(at, PAGES * PAGE, MADV_PAGEOUT);
	for (i = 0; i < PAGES; i++)
		__atomic_load_n(at + i * PAGE, __ATOMIC_SEQ_CST);
	for (i = 0; i < PAGES; i++)
		__atomic_fetch_or(at + i * PAGE, 0, __ATOMIC_SEQ_CST);
	return in_swap_cache(at);
}

static void fill(char *at, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		memset(at + i * PAGE, seed + i, PAGE);
}

/* Copies all pages one way, by one call; how many of them failed. */
static unsigned int copy_all(int gd, char *local, const uint32_t *ref,
			     unsigned int flag)
{
	struct gntdev_grant_copy_segment seg[PAGES] = { 0 };
	struct ioctl_gntdev_grant_copy arg = { PAGES, seg };
	unsigned int i, failed = 0;

	for (i = 0; i < PAGES; i++) {
		seg[i].flags = flag;
		seg[i].len = PAGE;
		if (flag == GREF_DEST) {
			seg[i].source.virt = local + i * PAGE;
			seg[i].dest.foreign.ref = ref[i];
		} else {
			seg[i].dest.virt = local + i * PAGE;
			seg[i].source.foreign.ref = ref[i];
		}
	}
	check_eq("copy", call(gd, IOCTL_GNTDEV_GRANT_COPY, &arg), 0);
	for (i = 0; i < PAGES; i++)
		failed += seg[i].status != 0;
	return failed;
}

static void swap_and_copy(int gd, char *local, char *granted,
			  const uint32_t *ref)
{
	unsigned int round, cached = 0;

	for (round = 0; round < ROUNDS; round++) {
		fill(local, round);
		cached += swap_through(local);
		check_eq("copies out that failed",
			 copy_all(gd, local, ref, GREF_DEST), 0);
		check_eq("copied out", memcmp(granted, local, PAGES * PAGE), 0);
		fill(granted, round + 100);
		cached += swap_through(local);
		check_eq("copies in that failed",
			 copy_all(gd, local, ref, GREF_SOURCE), 0);
		check_eq("copied in", memcmp(granted, local, PAGES * PAGE), 0);
	}
	printf("%u of %u pages were in the swap cache\n", cached,
	       2 * ROUNDS * PAGES);
	check_eq("most pages are in the swap cache", cached > ROUNDS * PAGES,
		 1);
}

void test_swapped(const char *device)
{
	int ga = open_device("/dev/xen/gntalloc");
	int gd = open_device("/dev/xen/gntdev");
	char *local = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t ref[PAGES];
	uint64_t index;
	char *granted;

	check_eq("share", share(ga, PAGES, &index, ref), 0);
	granted = show(ga, index, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED);
	check_eq("shown", !!granted, 1);
	/* swap takes single pages */
	madvise(local, PAGES * PAGE, MADV_NOHUGEPAGE);
	check_eq("an area for swap", make_swap(device), 1);
	check_eq("swap on", swapon(device, 0) ? -errno : 0, 0);
	if (!failures)
		swap_and_copy(gd, local, granted, ref);
	munmap(local, PAGES * PAGE);
	check_eq("swap off", swapoff(device) ? -errno : 0, 0);
	munmap(granted, PAGES * PAGE);
	close(gd);
	close(ga);
}
