// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A domain that keeps pages mapped which were given up, as the client of a vchan
 * can that connects again and again, and one that lets go of them a while later, as
 * the display of a domain's windows: here this domain is the other one, too.
 */

#include "devices.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ALL 800 /* what all may have */
#define EACH 40 /* shared at a time */
#define OTHER 7 /* a domain that keeps nothing */
#define ROUNDS 30
/* until what is kept is looked at rarely */
#define LONG_SECONDS 2
/* a look may be a second away, and the debug kernel takes seconds to free many */
#define SOON_SECONDS 20

/* A window, and what there may be of them: an eighth is one. */
#define WINDOW 1000
#define WINDOWS "8000"
#define RESIZES 20

/* Many pages, and how many of them free memory has to show at least. */
#define MANY 8000
#define FREED 6000

/* Mappings of pages that were given up. */
struct kept {
	char *at[ROUNDS];
	unsigned int nr;
};

/* Shares pages, maps them and gives them up; whether that was possible. */
static long keep(int gd, unsigned int count, char **at)
{
	int ga = open_device("/dev/xen/gntalloc");
	static uint32_t ref[MANY];
	uint64_t mine, theirs;
	long ret;

	ret = share(ga, count, &mine, ref);
	if (!ret) {
		check_eq("request", map(gd, count, ref, &theirs), 0);
		*at = show(gd, theirs, count, PROT_READ, MAP_SHARED);
		check_eq("mapped", !!*at, 1);
		check_eq("index", unmap(gd, theirs, count), 0);
	}
	close(ga);
	return ret;
}

/* What another domain can have: all that is left, and no more. */
static void test_others(unsigned int left)
{
	int ga = open_device("/dev/xen/gntalloc");
	uint32_t ref[ALL];
	uint64_t mine;

	check_eq("more than is left to another",
		 share_with(ga, OTHER, left + 1, &mine, ref), -ENOSPC);
	check_eq("what is left to another",
		 share_with(ga, OTHER, left, &mine, ref), 0);
	close(ga);
}

/* In-tree forgets such pages, and the next client takes the next ones. */
static void keep_most(int gd, struct kept *kept)
{
	long ret = 0;

	for (kept->nr = 0; kept->nr < ROUNDS && !ret; kept->nr += !ret)
		ret = keep(gd, EACH, &kept->at[kept->nr]);
	/* until it keeps more than an eighth */
	check_eq("times that pages were kept", kept->nr, ALL / 8 / EACH + 1);
	check_eq("once more", ret, -ENOSPC);
}

/* When the driver has not looked at them for a while. */
static void let_go(struct kept *kept)
{
	unsigned int i;

	sleep(LONG_SECONDS);
	for (i = 0; i < kept->nr; i++)
		munmap(kept->at[i], EACH * PAGE);
}

static void test_keeper(int gd)
{
	int ga = open_device("/dev/xen/gntalloc");
	uint32_t ref[EACH];
	struct kept kept;
	uint64_t mine;

	keep_most(gd, &kept);
	test_others(ALL - kept.nr * EACH);
	let_go(&kept);
	check_eq("as soon as they were let go", share(ga, EACH, &mine, ref), 0);
	close(ga);

	keep_most(gd, &kept);
	let_go(&kept);
	/* others do not wait either */
	test_others(ALL);
}

/* A window is given up when the next one is there; its display is a bit late. */
static void test_windows(int gd)
{
	unsigned int i;
	long ret = 0;
	char *at;

	for (i = 0; i < RESIZES && !ret; i++) {
		ret = keep(gd, WINDOW, &at);
		if (!ret)
			munmap(at, WINDOW * PAGE);
	}
	check_eq("a window, and the next one at once", ret, 0);
}

/*
 * Pages that nobody has. Those that a CPU has in store are not counted as free
 * elsewhere: since Linux 6.7 thousands are, for many seconds.
 */
static long free_pages(void)
{
	FILE *zones = fopen("/proc/zoneinfo", "r");
	long total = 0, pages;
	char line[128];

	while (zones && fgets(line, sizeof(line), zones))
		if (sscanf(line, " pages free %ld", &pages) == 1 ||
		    sscanf(line, " count: %ld", &pages) == 1)
			total += pages;
	if (zones)
		fclose(zones);
	return total;
}

/* What was let go of is free soon, if nobody shares a page either. */
static void test_freed(int gd)
{
	long before, missing = FREED;
	time_t begin;
	char *at;

	check_eq("many", keep(gd, MANY, &at), 0);
	before = free_pages();
	munmap(at, MANY * PAGE);
	begin = time(NULL);
	while (missing > 0 && time(NULL) - begin <= SOON_SECONDS) {
		usleep(10000);
		missing = FREED - (free_pages() - before);
	}
	check_eq("pages that are not free soon", missing > 0 ? missing : 0, 0);
}

static void with_limit(const char *limit, void (*test)(int gd))
{
	int gd = open_device("/dev/xen/gntdev");
	struct parameter par;

	set_parameter(&par, ALLOC "limit", limit);
	test(gd);
	restore_parameter(&par);
	close(gd);
}

void test_kept(void)
{
	char text[16];

	if (intree)
		return;
	snprintf(text, sizeof(text), "%u", ALL);
	with_limit(text, test_keeper);
	with_limit(WINDOWS, test_windows);
	with_limit("16384", test_freed);
}
