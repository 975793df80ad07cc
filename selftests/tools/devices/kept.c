// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A domain that keeps pages mapped which were given up, as the client of a vchan
 * can that connects again and again: here this domain is the other one, too.
 */

#include "devices.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALL 800 /* what all may have */
#define EACH 40 /* shared at a time */
#define OTHER 7 /* a domain that keeps nothing */
#define ROUNDS 30
#define PATIENCE_MS 5000

/* Shares pages, maps them and gives them up; whether that was possible. */
static long keep(int gd, char **at)
{
	int ga = open_device("/dev/xen/gntalloc");
	uint64_t mine, theirs;
	uint32_t ref[EACH];
	long ret;

	ret = share(ga, EACH, &mine, ref);
	if (!ret) {
		check_eq("request", map(gd, EACH, ref, &theirs), 0);
		*at = show(gd, theirs, EACH, PROT_READ, MAP_SHARED);
		check_eq("mapped", !!*at, 1);
	}
	close(ga);
	return ret;
}

/* Whether as many can be shared as before, after a while. */
static long again(void)
{
	int ga = open_device("/dev/xen/gntalloc"), ms;
	uint32_t ref[EACH];
	long ret = -ENOSPC;
	uint64_t mine;

	for (ms = 0; ms < PATIENCE_MS && ret; ms += 100) {
		usleep(100000);
		ret = share(ga, EACH, &mine, ref);
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
void test_kept(void)
{
	int gd = open_device("/dev/xen/gntdev");
	struct parameter par;
	char *at[ROUNDS];
	unsigned int i, nr;
	char text[16];
	long ret = 0;

	if (intree)
		return;
	snprintf(text, sizeof(text), "%u", ALL);
	set_parameter(&par, ALLOC "limit", text);
	for (nr = 0; nr < ROUNDS && !ret; nr += !ret)
		ret = keep(gd, &at[nr]);
	/* an eighth is enough for who does not let go */
	check_eq("times that pages were kept", nr, ALL / 8 / EACH);
	check_eq("once more", ret, -ENOSPC);
	test_others(ALL - nr * EACH);
	for (i = 0; i < nr; i++)
		munmap(at[i], EACH * PAGE);
	check_eq("when they were let go", again(), 0);
	test_others(ALL);
	restore_parameter(&par);
	close(gd);
}
