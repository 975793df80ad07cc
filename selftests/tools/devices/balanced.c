// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * NUMA balancing takes the access to a program's pages away now and then, to see
 * who asks for them next. On PV that would take grants out of a mapping.
 */

#include "devices.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 60
#define LOOKS 4 /* that many times the kernel has to look at the program */
#define OWN_PAGES 16

/* The kernel's count of page table entries whose access it has taken away. */
static long taken_away(void)
{
	FILE *file = fopen("/proc/vmstat", "r");
	char line[128];
	long count = -1;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "numa_pte_updates %ld", &count) == 1)
			break;
	if (file)
		fclose(file);
	return count;
}

/* The private memory of a program with one thread is left alone. */
static void *be_another(void *unused)
{
	pause();
	return unused;
}

/* Writes to each page through the mapping; the signal of the first that fails. */
static int write_all(struct both *both)
{
	int i, number = 0;

	for (i = 0; i < 4 && !number; i++) {
		both->a[i * PAGE] = 0;
		number = write_signal(both->b + i * PAGE);
		if (!number && both->a[i * PAGE] != 9)
			number = -1;
	}
	return number;
}

/* Works until the kernel has looked that often; how often it has. */
static int work(struct both *both, char *own)
{
	long before = taken_away(), now;
	time_t end = time(NULL) + PATIENCE_S;
	int i, round, looks = 0;

	while (looks < LOOKS && time(NULL) < end) {
		/* it looks at programs that use their CPU */
		for (round = 0; round < 20000; round++)
			for (i = 0; i < OWN_PAGES; i++)
				__atomic_fetch_add(own + i * PAGE, 1,
						   __ATOMIC_RELAXED);
		i = write_all(both);
		check_eq("signal of a write to the mapping", i, 0);
		if (i)
			break;
		now = taken_away();
		looks += now > before;
		before = now;
	}
	return looks;
}

void test_balanced(void)
{
	struct both both;
	pthread_t other;
	char *own;

	check_eq("the kernel counts", taken_away() >= 0, 1);
	both_open(&both);
	own = mmap(NULL, OWN_PAGES * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(own, 1, OWN_PAGES * PAGE);
	check_eq("another thread",
		 pthread_create(&other, NULL, be_another, NULL), 0);
	check_eq("looks at the program", work(&both, own), LOOKS);
	check_eq("the mapping afterwards", write_all(&both), 0);
	munmap(own, OWN_PAGES * PAGE);
	both_close(&both);
}
