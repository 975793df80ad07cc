// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A mapping of as many grants as a request may have, made and taken away while
 * another program wants the same CPU every millisecond.
 */

#define _GNU_SOURCE /* CPU_SET() */
#include "devices.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRANTS 65536
#define SHARED 1024 /* Xen maps none of them more than 127 times */
#define TRIES 3
#define PART 4 /* of the time, which the other may be kept waiting at most */

/* What the other program tells, in memory that both have. */
struct watch {
	atomic_long worst_us; /* how late it had the CPU */
	atomic_int ready;
};

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000l + now.tv_nsec / 1000;
}

static void use_first_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	check_eq("on one CPU", sched_setaffinity(0, sizeof(set), &set), 0);
}

static void watch_on(struct watch *watch)
{
	struct sched_param first = { .sched_priority = 10 };
	long before, late;

	if (sched_setscheduler(0, SCHED_FIFO, &first))
		_exit(1);
	watch->ready = 1;
	for (;;) {
		before = now_us();
		usleep(1000);
		late = now_us() - before - 1000;
		if (late > watch->worst_us)
			watch->worst_us = late;
	}
}

static void judge(const char *what, struct watch *watch, long took_us,
		  long *best)
{
	long late_us = watch->worst_us;

	printf("%s took %ld us, the other waited %ld\n", what, took_us,
	       late_us);
	if (late_us * 100 / took_us < *best)
		*best = late_us * 100 / took_us;
}

/* One mapping; the least part of the time, in percent, that the other waited. */
static void map_once(int gd, const uint32_t *ref, struct watch *watch,
		     long *made, long *gone)
{
	uint64_t index;
	long begin;
	char *at;

	check_eq("request", map(gd, GRANTS, ref, &index), 0);
	watch->worst_us = 0;
	begin = now_us();
	at = show(gd, index, GRANTS, PROT_READ | PROT_WRITE, MAP_SHARED);
	judge("the mapping", watch, now_us() - begin, made);
	check_eq("mapped", !!at, 1);
	if (!at)
		return;
	at[0] = 1;
	at[(GRANTS - 1) * PAGE] = 2;
	watch->worst_us = 0;
	begin = now_us();
	munmap(at, GRANTS * PAGE);
	judge("its end", watch, now_us() - begin, gone);
	check_eq("unmap", unmap(gd, index, GRANTS), 0);
}

static void map_often(struct watch *watch)
{
	int ga = open_device("/dev/xen/gntalloc");
	int gd = open_device("/dev/xen/gntdev");
	uint32_t *ref = calloc(GRANTS, sizeof(*ref));
	long made = 100, gone = 100;
	uint64_t index;
	unsigned int i;

	check_eq("share", share(ga, SHARED, &index, ref), 0);
	for (i = SHARED; i < GRANTS; i++)
		ref[i] = ref[i % SHARED];
	/* the machine itself is late at times: the best of a few tries counts */
	for (i = 0; i < TRIES && !failures; i++)
		map_once(gd, ref, watch, &made, &gone);
	check_eq("kept waiting by a mapping", made > 100 / PART, 0);
	check_eq("kept waiting by its end", gone > 100 / PART, 0);
	free(ref);
	close(gd);
	close(ga);
}

void test_large(void)
{
	struct watch *watch = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t other;

	memset(watch, 0, sizeof(*watch));
	use_first_cpu();
	other = fork();
	if (!other)
		watch_on(watch);
	while (!watch->ready && !waitpid(other, NULL, WNOHANG))
		usleep(1000);
	check_eq("the other program", watch->ready, 1);
	map_often(watch);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	munmap(watch, PAGE);
}
