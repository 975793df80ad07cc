// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grants mapped, copied, unmapped and forked over, by many threads at once.
 * Every page holds its own number, and is compared.
 */

#define _GNU_SOURCE
#include "grants.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	struct shared *shared;
	unsigned int seed;
	unsigned long maps;
	unsigned long copies;
	unsigned long forks;
	unsigned long wrong;
};

static atomic_int stop;

static unsigned int any(struct worker *worker, unsigned int below)
{
	return rand_r(&worker->seed) % below;
}

static void map_and_compare(struct worker *worker, int fd)
{
	struct shared *shared = worker->shared;
	unsigned int count = 1 + any(worker, 64);
	unsigned int first = any(worker, shared->count - count);
	unsigned int i, from;
	uint64_t offset;
	char *at;

	if (grants_request(fd, shared, first, count, &offset)) {
		worker->wrong++;
		return;
	}
	at = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED, fd, offset);
	if (at == MAP_FAILED) {
		worker->wrong++;
		return;
	}
	for (i = 0; i < count; i++)
		worker->wrong += *(unsigned int *)(at + i * PAGE) != first + i;
	worker->maps += count;
	if (!any(worker, 32)) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		waitpid(child, NULL, 0);
		worker->forks++;
		worker->wrong += *(unsigned int *)at != first;
	}
	/* in two pieces, before or after the range is given up */
	from = any(worker, count);
	if (any(worker, 2))
		grants_forget(fd, offset, count);
	munmap(at + from * PAGE, (count - from) * PAGE);
	for (i = 0; i < from; i++)
		worker->wrong += *(unsigned int *)(at + i * PAGE) != first + i;
	if (from)
		munmap(at, from * PAGE);
	grants_forget(fd, offset, count);
}

static void copy_and_compare(struct worker *worker, int fd)
{
	unsigned int count = 1 + any(worker, 300);
	unsigned int first = any(worker, worker->shared->count - count);

	worker->wrong += grants_copy(fd, worker->shared, first, count);
	worker->copies += count;
}

/* Two files: one of its own, and one that all threads use. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	int own = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);

	while (!stop) {
		map_and_compare(worker,
				any(worker, 2) ? own : worker->shared->fd);
		if (!any(worker, 4))
			copy_and_compare(worker, own);
		if (!any(worker, 64)) {
			close(own);
			own = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
		}
	}
	close(own);
	return NULL;
}

int stress(unsigned int seconds, unsigned int threads, unsigned int pages)
{
	static struct worker worker[THREADS_MAX];
	pthread_t thread[THREADS_MAX];
	struct shared shared;
	unsigned int i;
	unsigned long wrong;

	if (grants_share(&shared, pages))
		return 1;
	wrong = grants_all_at_once(&shared);
	for (i = 0; i < threads; i++) {
		worker[i] = (struct worker){ .shared = &shared, .seed = i };
		if (pthread_create(&thread[i], NULL, work, &worker[i]))
			return 1;
	}
	sleep(seconds);
	stop = 1;
	for (i = 0; i < threads; i++) {
		pthread_join(thread[i], NULL);
		printf("thread %u: %lu maps, %lu copies, %lu forks, %lu wrong\n",
		       i, worker[i].maps, worker[i].copies, worker[i].forks,
		       worker[i].wrong);
		wrong += worker[i].wrong;
		wrong += !worker[i].maps;
	}
	wrong += grants_race(&shared);
	wrong += grants_outlive(&shared);
	printf("%lu wrong\n", wrong);
	return wrong != 0;
}
