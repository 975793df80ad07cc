// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grants of one domain that another one, which is auto-translated, makes
 * dma-bufs of: offer_pages() is the first one's end, test_taken() the other's.
 * The domain cannot do it with grants of its own: where Xen maps one of them for
 * an auto-translated domain, it takes the frame away from where it was.
 */

#include "dmabuf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MODULE "/sys/module/testbuf/parameters/"
#define PAGES 64
#define TIMES 50
#define NR_ROUNDS 7
#define KIB_EACH (PAGES * (long)PAGE / 1024)

/* What other work of the kernel's may take meanwhile. */
#define SLACK_KIB 3072

/* Buffers of the first @count pages, each byte of which @add is added to. */
static const struct round {
	unsigned int flags;
	unsigned int count;
	unsigned int add;
} rounds[NR_ROUNDS] = {
	{ 0, 5, 1 },
	{ GNTDEV_DMA_FLAG_WC, 1, 2 },
	{ GNTDEV_DMA_FLAG_WC, 5, 4 },
	{ GNTDEV_DMA_FLAG_WC, FAR_PAGES, 8 },
	{ GNTDEV_DMA_FLAG_COHERENT, 1, 16 },
	{ GNTDEV_DMA_FLAG_COHERENT, FAR_PAGES, 32 },
	{ 0, FAR_PAGES, 64 },
};

static char first_value(unsigned int i)
{
	return i * 5 + i / PAGE + 1;
}

/* What all rounds have made of it. */
static char last_value(unsigned int i)
{
	unsigned int n, sum = 0;

	for (n = 0; n < NR_ROUNDS; n++)
		if (i / PAGE < rounds[n].count)
			sum += rounds[n].add;
	return first_value(i) + sum;
}

/* Prints references; when a line is read the other end is done. */
void offer_pages(unsigned int domid)
{
	int ga = open_device("/dev/xen/gntalloc");
	uint32_t ref[FAR_PAGES];
	unsigned int i, bad = 0;
	uint64_t index;
	char *at;

	check_eq("share", share_with(ga, domid, FAR_PAGES, &index, ref), 0);
	at = show(ga, index, FAR_PAGES, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (!at)
		return check_eq("shown", 0, 1);
	for (i = 0; i < FAR_PAGES * PAGE; i++)
		at[i] = first_value(i);
	for (i = 0; i < FAR_PAGES; i++)
		printf("%u%c", ref[i], i + 1 < FAR_PAGES ? ' ' : '\n');
	check_eq("a line to end", getchar(), '\n');
	for (i = 0; i < FAR_PAGES * PAGE; i++)
		bad += at[i] != last_value(i);
	check_eq("wrong bytes", bad, 0);
	close(ga);
}

static long add_to(long fd, unsigned int value)
{
	FILE *file = fopen(MODULE "add", "w");
	long ret;

	if (!file)
		return -errno;
	fprintf(file, "%ld %u", fd, value);
	ret = fclose(file) ? -errno : 0;
	return ret;
}

static void used(int gd, const struct round *round, const uint32_t *ref)
{
	long fd = export_refs(gd, round->flags, 0, round->count, ref);

	check_eq("export", fd >= 0, 1);
	check_eq("its size", lseek(fd, 0, SEEK_END), round->count * PAGE);
	check_eq("use", add_to(fd, round->add), 0);
	if (round->flags)
		check_eq("pieces", read_number(MODULE "pieces"), 1);
	check_eq("close", close(fd), 0);
	check_eq("wait for what is gone", export_wait(gd, fd, 1000), -ENOENT);
}

static long free_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kib = -1;

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "MemFree: %ld kB", &kib);
	if (file)
		fclose(file);
	return kib;
}

/* KiB that are missing, as the kernel frees some late, after 2 s at most. */
static long lost_kib(long before)
{
	long lost;
	int i;

	for (i = 0; i < 40 && before - free_kib() > SLACK_KIB; i++)
		usleep(50000);
	lost = before - free_kib();
	return lost > SLACK_KIB ? lost : 0;
}

/* Many buffers at a time: Linux has their memory no more, and then again. */
static void held(int gd, unsigned int flags, const uint32_t *ref)
{
	long fd[TIMES], before = free_kib(), took;
	int i, bad = 0;

	for (i = 0; i < TIMES; i++) {
		fd[i] = export_refs(gd, flags, 0, PAGES, ref);
		bad += fd[i] < 0;
	}
	check_eq("exports that failed", bad, 0);
	took = before - free_kib();
	printf("%ld KiB gone with buffers of %ld KiB\n", took,
	       TIMES * KIB_EACH);
	check_eq("the memory is Linux's", took >= TIMES * KIB_EACH - SLACK_KIB,
		 1);
	for (i = 0; i < TIMES; i++)
		close(fd[i]);
	check_eq("KiB lost by buffers", lost_kib(before), 0);
}

/* The same again and again, so that what each time loses adds up. */
static void repeated(int gd, unsigned int flags, const uint32_t *ref)
{
	long fd, before = free_kib();
	int i, bad = 0;

	for (i = 0; i < TIMES; i++) {
		fd = export_refs(gd, flags, 0, PAGES, ref);
		bad += fd < 0 || close(fd);
	}
	check_eq("exports that failed", bad, 0);
	check_eq("KiB lost by good exports", lost_kib(before), 0);
}

/* One grant is bad: the others have been mapped. */
static void refused(int gd, unsigned int flags, const uint32_t *ref)
{
	long before = free_kib();
	uint32_t half[PAGES];
	int i, bad = 0;

	for (i = 0; i < TIMES; i++) {
		memcpy(half, ref, sizeof(half));
		half[i] = 0x7fffff;
		bad += export_refs(gd, flags, 0, PAGES, half) != -EINVAL;
	}
	check_eq("exports with a bad grant that did not fail", bad, 0);
	check_eq("KiB lost by bad exports", lost_kib(before), 0);
}

/* Linux has no more than 4 MiB in a row; without flags that is no matter. */
static void too_many(int gd, unsigned int flags, const uint32_t *ref)
{
	uint32_t many[2000];
	unsigned int i;
	long fd;

	for (i = 0; i < 2000; i++)
		many[i] = ref[i % FAR_PAGES];
	check_eq("2000 pages in a row", export_refs(gd, flags, 0, 2000, many),
		 -ENOMEM);
	fd = export_refs(gd, 0, 0, 2000, many);
	check_eq("2000 pages anywhere", fd >= 0, 1);
	close(fd);
}

/* FAR_PAGES references of domain 0's. */
void test_taken(const uint32_t *ref)
{
	struct ioctl_gntdev_set_max_grants most = { .count = 2000 };
	int gd = open_device("/dev/xen/gntdev");
	unsigned int i, flags;

	check_eq("on PV", is_pv(), 0);
	for (i = 0; i < NR_ROUNDS; i++)
		used(gd, &rounds[i], ref);
	for (flags = GNTDEV_DMA_FLAG_WC; flags <= GNTDEV_DMA_FLAG_COHERENT;
	     flags++) {
		too_many(gd, flags, ref);
		held(gd, flags, ref);
		repeated(gd, flags, ref);
		refused(gd, flags, ref);
	}
	check_eq("both flags", export_refs(gd, 3, 0, 1, ref), -EINVAL);
	check_eq("unknown flag", export_refs(gd, 4, 0, 1, ref), -EINVAL);
	/* What a refused export was charged would be in the way of this one. */
	check_eq("limit a file", call(gd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most),
		 0);
	too_many(gd, GNTDEV_DMA_FLAG_WC, ref);
	close(gd);
}
