// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Mappings that are moved, and pages that are in use when they are unmapped. */

#define _GNU_SOURCE /* mremap(), vmsplice() */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* Moves four pages to where nothing is. */
static char *move(char *at)
{
	char *room = mmap(NULL, 4 * PAGE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *now = mremap(at, 4 * PAGE, 4 * PAGE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, room);

	return now == MAP_FAILED ? NULL : now;
}

/* Waits two seconds for that many mapped grants; returns how many there are. */
static long settled(long want)
{
	long now = grants_mapped();
	int i;

	for (i = 0; i < 4 && now != want; i++) {
		usleep(500000);
		now = grants_mapped();
	}
	return now;
}

static void test_moved(void)
{
	struct ioctl_gntdev_get_offset_for_vaddr where = { 0 };
	long before = grants_mapped();
	struct both both;
	char *old;

	both_open(&both);
	check_eq("four are mapped", grants_mapped() - before, 4);

	old = both.a;
	both.a = move(both.a);
	check_eq("gntalloc: moved", both.a && both.a != old, 1);
	check_eq("gntalloc: the old place", write_signal(old), SIGSEGV);
	check_eq("gntalloc: the new place", write_signal(both.a + PAGE), 0);
	check_eq("gntalloc: it arrived", both.b[PAGE], 9);

	/* Xen has the grants in page tables that are left behind. */
	old = both.b;
	both.b = move(both.b);
	check_eq("gntdev: moved", both.b && both.b != old, 1);
	check_eq("gntdev: the old place", write_signal(old), SIGSEGV);
	check_eq("gntdev: the new place", write_signal(both.b + PAGE), SIGBUS);
	check_eq("gntdev: none is mapped", settled(before), before);
	where.vaddr = (uintptr_t)both.b;
	check_eq("gntdev: offset",
		 call(both.gd, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &where), 0);
	check_eq("gntdev: offset's value", where.offset, both.theirs);
	check_eq("gntdev: unmap", unmap(both.gd, both.theirs, 4), 0);
	both_close(&both);
	check_eq("after the end", settled(before), before);
}

/*
 * A pipe holds a page as input and output do, until it is read. Not tried on
 * in-tree, whose munmap() leaves such a page's entry: "Bad page map".
 */
static void test_busy(void)
{
	long before;
	struct iovec vec = { .iov_len = PAGE };
	struct both both;
	static char got[PAGE];
	int ends[2];

	if (intree)
		return;
	before = grants_mapped();
	both_open(&both);
	pipe(ends);
	vec.iov_base = both.b + 2 * PAGE;
	both.a[2 * PAGE] = 6;
	check_eq("pages in a pipe", vmsplice(ends[1], &vec, 1, 0), PAGE);
	/* something else is there at once: what comes and goes there is no help */
	check_eq("unmap",
		 mmap(both.b, 4 * PAGE, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == both.b,
		 1);
	check_eq("one is still mapped", settled(before + 1), before + 1);
	check_eq("read the pipe", read(ends[0], got, PAGE), PAGE);
	check_eq("what it held", got[0] == 6 && got[1] == 1, 1);
	/* the offset is still there: nothing but the input and output ends */
	check_eq("busy no more", settled(before), before);
	check_eq("the offset", unmap(both.gd, both.theirs, 4), 0);
	close(ends[0]);
	close(ends[1]);
	both_close(&both);
}

void test_move(void)
{
	test_moved();
	test_busy();
}
