// SPDX-License-Identifier: GPL-2.0 OR MIT
/* GRANT_COPY between two grants, and of nothing at all. */

#include "devices.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BOTH (GREF_SOURCE | GREF_DEST)
#define NO_GRANT 0x7fffff

static struct gntdev_grant_copy_segment far(uint32_t from, unsigned int from_at,
					    uint32_t to, unsigned int to_at,
					    unsigned int len)
{
	struct gntdev_grant_copy_segment seg = {
		.source.foreign = { .ref = from, .offset = from_at },
		.dest.foreign = { .ref = to, .offset = to_at },
		.len = len,
		.flags = BOTH,
		.status = 77,
	};

	return seg;
}

static long copy(struct both *both, struct gntdev_grant_copy_segment *seg,
		 unsigned int count)
{
	struct ioctl_gntdev_grant_copy arg = { count, seg };

	return call(both->gd, IOCTL_GNTDEV_GRANT_COPY, &arg);
}

/* How many of @len bytes are not @value. */
static unsigned int other_than(const char *at, unsigned int len, int value)
{
	unsigned int i, other = 0;

	for (i = 0; i < len; i++)
		other += at[i] != value;
	return other;
}

static void test_between(struct both *both)
{
	struct gntdev_grant_copy_segment seg[3];
	char *a = both->a;

	memset(a, 1, PAGE);
	memset(a + PAGE, 2, PAGE);
	memset(a + 2 * PAGE, 3, PAGE);
	seg[0] = far(both->ref[0], 100, both->ref[1], 3001, 1095);
	seg[1] = far(both->ref[2], 0, both->ref[3], 0, PAGE);
	seg[2] = far(both->ref[3], 4095, both->ref[1], 0, 1);
	check_eq("between grants", copy(both, seg, 3), 0);
	check_eq("statuses", seg[0].status || seg[1].status || seg[2].status,
		 0);
	check_eq("before the piece", other_than(a + PAGE + 1, 3000, 2), 0);
	check_eq("the piece", other_than(a + PAGE + 3001, 1095, 1), 0);
	check_eq("the page", other_than(a + 3 * PAGE, PAGE, 3), 0);
	check_eq("the byte", a[PAGE], 3);
}

static void test_between_bad(struct both *both)
{
	struct gntdev_grant_copy_segment seg[3];
	char *a = both->a;

	memset(a, 1, PAGE);
	memset(a + PAGE, 2, PAGE);
	seg[0] = far(NO_GRANT, 0, both->ref[1], 0, 8);
	seg[1] = far(both->ref[0], 0, NO_GRANT, 0, 8);
	seg[2] = far(both->ref[0], 0, both->ref[1], 8, 8);
	check_eq("with bad grants", copy(both, seg, 3), 0);
	check_eq("no source", seg[0].status, -3);
	check_eq("no destination", seg[1].status, -3);
	check_eq("the good one", seg[2].status, 0);
	check_eq("the bad one's bytes", other_than(a + PAGE, 8, 2), 0);
	check_eq("the good one's bytes", other_than(a + PAGE + 8, 8, 1), 0);
	seg[0] = far(both->ref[0], 4000, both->ref[1], 0, 97);
	check_eq("beyond the source", copy(both, seg, 1), -EINVAL);
	seg[0] = far(both->ref[0], 0, both->ref[1], 4000, 97);
	check_eq("beyond the destination", copy(both, seg, 1), -EINVAL);
}

/* What is granted for reading is not written, and is read. */
static void test_readonly(struct both *both)
{
	struct ioctl_gntalloc_alloc_gref arg = { .count = 1 };
	struct gntdev_grant_copy_segment seg[2];
	int fd = open_device("/dev/xen/gntalloc");
	char *at;

	check_eq("share for reading", call(fd, IOCTL_GNTALLOC_ALLOC_GREF, &arg),
		 0);
	at = show(fd, arg.index, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
	memset(at, 7, PAGE);
	memset(both->a, 1, PAGE);
	seg[0] = far(both->ref[0], 0, arg.gref_ids[0], 0, 8);
	seg[1] = far(arg.gref_ids[0], 0, both->ref[0], 8, 8);
	check_eq("read-only grant", copy(both, seg, 2), 0);
	check_eq("written", seg[0].status < 0, 1);
	check_eq("what was in it", other_than(at, PAGE, 7), 0);
	check_eq("read", seg[1].status, 0);
	check_eq("what came", other_than(both->a + 8, 8, 7), 0);
	munmap(at, PAGE);
	close(fd);
}

/* Nothing is looked at for a copy of nothing but whether it is one. */
static void test_nothing(struct both *both)
{
	struct gntdev_grant_copy_segment seg[4];
	char local[8] = { 5, 5, 5, 5, 5, 5, 5, 5 };

	memset(both->a, 1, 2 * PAGE);
	seg[0] = far(both->ref[0], 0, both->ref[1], PAGE, 0);
	seg[1] = far(NO_GRANT, 0, NO_GRANT, 0, 0);
	seg[2] = far(both->ref[0], 0, 0, 0, 0);
	seg[2].flags = GREF_SOURCE;
	seg[2].dest.virt = (void *)16;
	seg[3] = far(both->ref[0], 0, 0, 0, 4);
	seg[3].flags = GREF_SOURCE;
	seg[3].dest.virt = local;
	check_eq("of no bytes", copy(both, seg, 4), 0);
	check_eq("its status", seg[0].status, 0);
	check_eq("status without a grant", seg[1].status, 0);
	check_eq("status without memory", seg[2].status, 0);
	check_eq("status of the next", seg[3].status, 0);
	check_eq("bytes of the next", other_than(local, 4, 1), 0);
	check_eq("bytes after it", other_than(local + 4, 4, 5), 0);
	check_eq("bytes of none", other_than(both->a, 2 * PAGE, 1), 0);
	seg[0] = far(both->ref[0], 4000, both->ref[1], PAGE + 1, 0);
	check_eq("nothing beyond the page", copy(both, seg, 1), -EINVAL);
	seg[0].flags = 0;
	check_eq("nothing without a grant", copy(both, seg, 1), -EINVAL);
	check_eq("no segments", copy(both, NULL, 0), 0);
}

void test_copies(void)
{
	struct both both;

	both_open(&both);
	test_between(&both);
	test_between_bad(&both);
	test_readonly(&both);
	test_nothing(&both);
	both_close(&both);
}
