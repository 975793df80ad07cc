// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The limits of gntalloc and gntdev, lowered by their parameters. */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAP "/sys/module/xen_gntdev/parameters/"

static long put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));
	long ret = done < 0 ? -errno : 0;

	close(fd);
	return ret;
}

static void get(const char *file, char *text, size_t size)
{
	int fd = open(file, O_RDONLY);
	ssize_t done = fd < 0 ? -1 : read(fd, text, size - 1);

	text[done < 0 ? 0 : done] = 0;
	close(fd);
}

static unsigned int get_number(const char *file)
{
	char text[32];

	get(file, text, sizeof(text));
	return strtoul(text, NULL, 10);
}

void set_parameter(struct parameter *par, const char *file, const char *text)
{
	par->file = file;
	get(file, par->was, sizeof(par->was));
	check_eq(file, put(file, text), 0);
}

void restore_parameter(struct parameter *par)
{
	char now[32];

	check_eq(par->file, put(par->file, par->was), 0);
	get(par->file, now, sizeof(now));
	check_eq(par->file, strcmp(now, par->was), 0);
}

static long unshare(int fd, uint64_t index, unsigned int count)
{
	struct ioctl_gntalloc_dealloc_gref arg = { .index = index,
						   .count = count };

	return call(fd, IOCTL_GNTALLOC_DEALLOC_GREF, &arg);
}

/* Ten pages are allowed in a file, or in all where @shared. */
static void test_ten(bool shared)
{
	int fd = open_device("/dev/xen/gntalloc");
	int other = open_device("/dev/xen/gntalloc");
	uint64_t index, more;
	uint32_t ref[11];
	char *at;

	check_eq("11 of 10", share(fd, 11, &index, ref), -ENOSPC);
	check_eq("10 of 10", share(fd, 10, &index, ref), 0);
	check_eq("1 more", share(fd, 1, &more, ref), -ENOSPC);
	check_eq("1 of another file", share(other, 1, &more, ref),
		 shared ? -ENOSPC : 0);
	check_eq("give up 3", unshare(fd, index + 7 * PAGE, 3), 0);
	check_eq("4 again", share(fd, 4, &more, ref), -ENOSPC);
	check_eq("3 again", share(fd, 3, &more, ref), 0);

	/* a page that is shown counts until it is not */
	at = show(fd, more, 1, PROT_READ, MAP_SHARED);
	check_eq("shown", !!at, 1);
	check_eq("give up 3", unshare(fd, more, 3), 0);
	check_eq("3 while one is shown", share(fd, 3, &more, ref), -ENOSPC);
	check_eq("2 while one is shown", share(fd, 2, &more, ref), 0);
	munmap(at, PAGE);
	check_eq("1 shown no more", share(fd, 1, &more, ref), 0);
	close(fd);
	close(other);
	fd = open_device("/dev/xen/gntalloc");
	check_eq("10 after a close", share(fd, 10, &index, ref), 0);
	close(fd);
}

/* All that two files may have is there, and nothing beyond it. */
static void test_defaults(void)
{
	int fd = open_device("/dev/xen/gntalloc");
	int other = open_device("/dev/xen/gntalloc");
	unsigned int all = get_number(ALLOC "limit");
	unsigned int each = get_number(ALLOC "limit_per_file");
	uint32_t *ref = calloc(all + 1, sizeof(*ref));
	struct parameter par;
	uint64_t index;

	check_eq("half of the table of 64 frames", all, 16384);
	check_eq("half of that a file", each, 8192);
	/* more than there is stands for all there is */
	set_parameter(&par, ALLOC "limit_per_file", "1073741824");
	check_eq("limit_per_file", get_number(ALLOC "limit_per_file"), all);
	restore_parameter(&par);
	check_eq("more than half", put(ALLOC "limit", "1073741824"), 0);
	check_eq("no number", put(ALLOC "limit", "many"), -EINVAL);
	check_eq("limit", get_number(ALLOC "limit"), all);
	check_eq("limit_per_file", get_number(ALLOC "limit_per_file"), each);
	check_eq("one more than a file's", share(fd, each + 1, &index, ref),
		 -ENOSPC);
	check_eq("a file's", share(fd, each, &index, ref), 0);
	check_eq("another's", share(other, all - each, &index, ref), 0);
	close(fd);
	close(other);
	free(ref);
}

static void test_gntalloc(void)
{
	struct parameter par;
	uint64_t index;
	uint32_t ref[11];
	int fd;

	if (!intree) {
		test_defaults();
		set_parameter(&par, ALLOC "limit_per_file", "10");
		test_ten(false);
		restore_parameter(&par);
	}
	set_parameter(&par, ALLOC "limit", "10");
	test_ten(true);
	restore_parameter(&par);
	fd = open_device("/dev/xen/gntalloc");
	check_eq("11 of what it was", share(fd, 11, &index, ref), 0);
	close(fd);
}

static void test_gntdev(void)
{
	struct ioctl_gntdev_set_max_grants most = { .count = 9 };
	int ga = open_device("/dev/xen/gntalloc");
	int gd = open_device("/dev/xen/gntdev");
	struct parameter par;
	uint64_t index, more;
	uint32_t ref[9];
	char *at;

	check_eq("share", share(ga, 9, &index, ref), 0);
	set_parameter(&par, MAP "limit", "8");
	check_eq("map 9 of 8", map(gd, 9, ref, &index), -EINVAL);
	check_eq("map 8 of 8", map(gd, 8, ref, &index), 0);
	at = show(gd, index, 8, PROT_READ, MAP_SHARED);
	check_eq("shown", !!at, 1);
	/* it is of one request: the next one may have as many */
	check_eq("8 more", map(gd, 8, ref, &more), 0);
	check_differs("most 9 of 8",
		      call(gd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most), -E2BIG,
		      -ENOTTY);
	restore_parameter(&par);
	check_eq("map 9 of what it was", map(gd, 9, ref, &more), 0);

	most.count = 26;
	check_differs("most 26", call(gd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most),
		      0, -ENOTTY);
	check_differs("2 after 25 of 26", map(gd, 2, ref, &more), -ENOSPC, 0);
	check_eq("1 after 25 of 26", map(gd, 1, ref, &more), 0);
	check_differs("1 after 26 of 26", map(gd, 1, ref, &more), -ENOSPC, 0);
	munmap(at, 8 * PAGE);
	check_eq("give up 8", unmap(gd, index, 8), 0);
	check_eq("8 again", map(gd, 8, ref, &more), 0);
	close(gd);
	close(ga);
}

void test_parameters(void)
{
	test_gntalloc();
	test_gntdev();
}
