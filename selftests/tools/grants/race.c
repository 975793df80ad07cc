// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel takes hold of mapped pages while they are taken away: one thread
 * has grants copied into a mapping of grants, another discards the mapping.
 */

#include "grants.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 16
#define ROUNDS 500

struct race {
	struct copy copy;
	int fd;
	unsigned long done;
	unsigned long refused;
	atomic_int stop;
};

/* Each page is copied onto itself, so that what it holds stays right. */
static void *copy_on(void *arg)
{
	struct race *race = arg;

	while (!race->stop) {
		if (copy_run(&race->copy, race->fd))
			race->refused++;
		else
			race->done++;
	}
	return NULL;
}

static unsigned int discard(struct race *race, const struct shared *shared,
			    char *at)
{
	unsigned int round, wrong = 0;
	uint64_t offset;

	for (round = 0; round < ROUNDS; round++) {
		wrong += grants_request(race->fd, shared, 0, PAGES, &offset) !=
			 0;
		wrong += mmap(at, PAGES * PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, race->fd, offset) != at;
		usleep(round % 7 * 300);
		/* needs mmap_lock for reading only, as the copies do */
		madvise(at + round % PAGES * PAGE, PAGE, MADV_DONTNEED);
		madvise(at, PAGES * PAGE, MADV_DONTNEED);
		if (round % 2)
			munmap(at, PAGES * PAGE);
		grants_forget(race->fd, offset, PAGES);
	}
	return wrong;
}

unsigned int grants_race(const struct shared *shared)
{
	char *at = mmap(NULL, PAGES * PAGE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct race race = { 0 };
	unsigned int i, wrong;
	pthread_t thread;

	race.fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	copy_prepare(&race.copy, shared, 0, PAGES);
	for (i = 0; i < PAGES; i++)
		race.copy.seg[i].dest.virt = at + i * PAGE;
	if (pthread_create(&thread, NULL, copy_on, &race))
		return 1;
	wrong = discard(&race, shared, at);
	race.stop = 1;
	pthread_join(thread, NULL);
	for (i = 0; i < PAGES; i++)
		wrong += *(unsigned int *)(shared->at + i * PAGE) != i;
	/* both must have happened, or nothing was shown */
	wrong += !race.done + !race.refused;
	munmap(at, PAGES * PAGE);
	close(race.fd);
	copy_free(&race.copy);
	printf("%u mappings discarded under %lu copies, %lu refused, %u wrong\n",
	       ROUNDS, race.done, race.refused, wrong);
	return wrong;
}
