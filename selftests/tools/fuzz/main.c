// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Any bytes to the ioctls, reads, writes and mappings of the three devices.
 *
 *   fuzz SEED SECONDS
 *
 * Workers come and go: each is a process of two threads that makes a few
 * thousand calls, half of them sensible in part (a port, an offset, a grant that
 * exists), and ends with everything still open. What it dies of does not
 * matter: the kernel's log and its own checks say what is wrong.
 */

#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 3
#define CALLS 3000

/* Calls of all workers, in memory that they share. */
static atomic_ulong *made;

static const char *const device[] = {
	"/dev/xen/evtchn",
	"/dev/xen/gntdev",
	"/dev/xen/gntalloc",
};

static void (*const poke[])(struct fuzz *, int fd) = {
	fuzz_evtchn,
	fuzz_gntdev,
	fuzz_gntalloc,
};

uint64_t fuzz_random(struct fuzz *fuzz)
{
	fuzz->seed ^= fuzz->seed << 13;
	fuzz->seed ^= fuzz->seed >> 7;
	fuzz->seed ^= fuzz->seed << 17;
	return fuzz->seed;
}

static void step(struct fuzz *fuzz)
{
	unsigned int which = fuzz_random(fuzz) % 3;
	unsigned int slot = fuzz_random(fuzz) % FDS;
	int *fd = &fuzz->fd[which][slot];

	if (*fd < 0 || !(fuzz_random(fuzz) % 64)) {
		if (*fd >= 0)
			close(*fd);
		*fd = open(device[which], O_RDWR | O_CLOEXEC | O_NONBLOCK);
		return;
	}
	if (fuzz_random(fuzz) % 8)
		poke[which](fuzz, *fd);
	else
		fuzz_anything(fuzz, *fd);
	atomic_fetch_add(made, 1);
}

static void *thread(void *arg)
{
	struct fuzz *fuzz = arg;
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		step(fuzz);
	return NULL;
}

/* Two threads on the same files and addresses, with a random order each. */
static void work(uint64_t seed)
{
	static struct memory memory;
	static struct fuzz mine, other;
	pthread_t second;
	unsigned int i;
	int *fd;

	signal(SIGIO, SIG_IGN);
	mine.memory = &memory;
	mine.seed = seed;
	for (i = 0; i < 3 * FDS; i++) {
		fd = &mine.fd[i / FDS][i % FDS];
		*fd = open(device[i / FDS], O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (*fd < 0)
			_exit(2);
	}
	other = mine;
	other.seed = seed * 2862933555777941757ull + 1;
	alarm(20);
	if (pthread_create(&second, NULL, thread, &other))
		_exit(1);
	thread(&mine);
	pthread_join(second, NULL);
	_exit(0);
}

int main(int argc, char **argv)
{
	uint64_t seed;
	unsigned int started = 0, running = 0, signalled = 0;
	time_t end;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: %s SEED SECONDS\n", argv[0]);
		return 2;
	}
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		return 1;
	seed = strtoull(argv[1], NULL, 0);
	end = time(NULL) + atoi(argv[2]);
	while (time(NULL) < end || running) {
		while (running < WORKERS && time(NULL) < end) {
			started++;
			running++;
			if (!fork())
				work((seed + started) * 0x9e3779b97f4a7c15ull |
				     1);
		}
		if (wait(&status) < 0)
			break;
		running--;
		signalled += WIFSIGNALED(status) ? 1 : 0;
	}
	printf("%u workers made %lu calls, %u died of what they did\n", started,
	       *made, signalled);
	/* too few are no test: most workers must get through their work */
	return *made < (unsigned long)started * CALLS;
}
