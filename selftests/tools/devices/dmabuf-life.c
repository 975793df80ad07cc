// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Buffers, files and mappings that end in every order, and how many may be. */

#include "dmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MODULE "/sys/module/xen_gntdev/"

static void write_number(const char *name, long number)
{
	FILE *file = fopen(name, "w");

	check_eq("write a parameter",
		 file && fprintf(file, "%ld", number) > 0 && !fclose(file), 1);
}

/* What is put off is tried again within a second. */
static long dmabufs_become(long wanted)
{
	int i;

	for (i = 0; i < 100 && dmabufs() != wanted; i++)
		usleep(50000);
	return dmabufs();
}

/* The file goes first: the buffer works on, and holds the module. */
static void export_outlives(int ga)
{
	int gd = open_device("/dev/xen/gntdev");
	long fd, had = dmabufs(), users;
	uint32_t ref[4], again[4];
	uint64_t mine, theirs;
	char *a, *b;

	check_eq("share", share(ga, 4, &mine, ref), 0);
	a = show(ga, mine, 4, PROT_READ | PROT_WRITE, MAP_SHARED);
	fd = export_refs(gd, 0, 0, 4, ref);
	close(gd);
	usleep(100000);
	users = read_number(MODULE "refcnt");
	check_eq("the buffer holds the module", users > 0, 1);

	gd = open_device("/dev/xen/gntdev");
	check_eq("wait by a new file", export_wait(gd, fd, 10), -ENOENT);
	check_eq("import", import(gd, fd, 0, 4, again), 0);
	check_eq("request", map(gd, 4, again, &theirs), 0);
	b = show(gd, theirs, 4, PROT_READ | PROT_WRITE, MAP_SHARED);
	check_eq("mapped", a && b, 1);
	if (a && b)
		check_eq("bytes", differences(a, b, 4), 0);
	munmap(b, 4 * PAGE);
	close(gd);
	check_eq("buffers", dmabufs_become(had + 1), had + 1);
	close(fd);
	check_eq("buffers at the end", dmabufs_become(had), had);
	check_eq("users at the end", read_number(MODULE "refcnt"), users - 1);
	munmap(a, 4 * PAGE);
}

/* The file goes first: its grants cannot be mapped any more. */
static void import_ends(void)
{
	int gd = open_device("/dev/xen/gntdev");
	long had = dmabufs();
	struct buffer buf;
	uint32_t ref[4];
	uint64_t index;

	if (!memfd_buffer(&buf, 4))
		return;
	check_eq("import", import(gd, buf.fd, 0, 4, ref), 0);
	end_buffer(&buf);
	check_eq("buffers, one only imported", dmabufs_become(had + 1),
		 had + 1);
	close(gd);
	check_eq("buffers after the file", dmabufs_become(had), had);
	gd = open_device("/dev/xen/gntdev");
	check_eq("request", map(gd, 4, ref, &index), 0);
	check_eq("its grants", !!show(gd, index, 4, PROT_READ, MAP_SHARED), 0);
	close(gd);
}

/* Nobody but the mapping is left: its memory must not be given out again. */
static void mapping_outlives(bool by_close)
{
	int gd = open_device("/dev/xen/gntdev");
	int other = open_device("/dev/xen/gntdev");
	unsigned int i, bad = 0;
	long had = dmabufs();
	struct buffer buf, more;
	uint32_t ref[64];
	uint64_t index;
	char *b;

	if (!heap_buffer(&buf, 64))
		return;
	memset(buf.at, 0x5a, 64 * PAGE);
	check_eq("import", import(gd, buf.fd, 0, 64, ref), 0);
	check_eq("request", map(other, 64, ref, &index), 0);
	b = show(other, index, 64, PROT_READ | PROT_WRITE, MAP_SHARED);
	check_eq("mapped", !!b, 1);
	if (!by_close)
		check_eq("release", import_release(gd, buf.fd), 0);
	end_buffer(&buf);
	close(gd);
	/* what the heap gives back would be in these */
	for (i = 0; i < 8; i++)
		if (heap_buffer(&more, 64)) {
			memset(more.at, 0xa5, 64 * PAGE);
			end_buffer(&more);
		}
	for (i = 0; b && i < 64 * PAGE; i++)
		bad += b[i] != 0x5a;
	check_eq("bytes of a page still mapped", bad, 0);
	check_eq("buffers while mapped", dmabufs_become(had + 1), had + 1);
	munmap(b, 64 * PAGE);
	close(other);
	check_eq("buffers when unmapped", dmabufs_become(had), had);
}

/* A file that imports its own buffer: nobody but itself holds it. */
static void own_import(int ga)
{
	int gd = open_device("/dev/xen/gntdev");
	long fd, had = dmabufs(), users = read_number(MODULE "refcnt");
	uint32_t ref[4], again[4];
	uint64_t mine;

	check_eq("share", share(ga, 4, &mine, ref), 0);
	fd = export_refs(gd, 0, 0, 4, ref);
	check_eq("import", import(gd, fd, 0, 4, again), 0);
	close(fd);
	check_eq("wait for what the file holds", export_wait(gd, fd, 100),
		 -ETIMEDOUT);
	close(gd);
	check_eq("buffers of a circle", dmabufs_become(had), had);
	check_eq("users after a circle", read_number(MODULE "refcnt"),
		 users - 1);
}

static void limits(int ga)
{
	struct ioctl_gntdev_set_max_grants most = { .count = 6 };
	int gd = open_device("/dev/xen/gntdev");
	uint32_t ref[4], again[4];
	struct buffer buf;
	uint64_t index;
	long fd;

	if (!memfd_buffer(&buf, 3))
		return;
	check_eq("share", share(ga, 4, &index, ref), 0);
	check_eq("limit a file", call(gd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most),
		 0);
	fd = export_refs(gd, 0, 0, 4, ref);
	check_eq("4 of 6", fd >= 0, 1);
	check_eq("7 of 6", import(gd, buf.fd, 0, 3, again), -ENOSPC);
	check_eq("8 of 6", export_refs(gd, 0, 0, 4, ref), -ENOSPC);
	check_eq("6 of 6", map(gd, 2, ref, &index), 0);
	check_eq("7 of 6", export_refs(gd, 0, 0, 1, ref), -ENOSPC);
	close(fd);
	check_eq("5 of 6", import(gd, buf.fd, 0, 3, again), 0);
	check_eq("7 of 6", export_refs(gd, 0, 0, 2, ref), -ENOSPC);
	check_eq("7 of 6", map(gd, 2, ref, &index), -ENOSPC);
	check_eq("2 of 6", import_release(gd, buf.fd), 0);
	fd = export_refs(gd, 0, 0, 4, ref);
	check_eq("6 of 6", fd >= 0, 1);
	close(fd);

	write_number(MODULE "parameters/limit", 2);
	check_eq("export above the limit", export_refs(gd, 0, 0, 3, ref),
		 -EINVAL);
	check_eq("import above the limit", import(gd, buf.fd, 0, 3, again),
		 -EINVAL);
	write_number(MODULE "parameters/limit", 65536);
	end_buffer(&buf);
	close(gd);
}

void test_lives(void)
{
	int ga = open_device("/dev/xen/gntalloc");

	check_eq("buffers at first", dmabufs_become(0), 0);
	export_outlives(ga);
	import_ends();
	mapping_outlives(false);
	mapping_outlives(true);
	own_import(ga);
	limits(ga);
	close(ga);
}
