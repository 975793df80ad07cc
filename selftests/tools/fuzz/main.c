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
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 3
#define CALLS 3000

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
	fuzz->calls++;
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
	static struct fuzz mine, other;
	pthread_t second;
	unsigned int i, j;

	signal(SIGIO, SIG_IGN);
	mine.seed = seed;
	for (i = 0; i < 3; i++)
		for (j = 0; j < FDS; j++)
			mine.fd[i][j] = open(device[i],
					     O_RDWR | O_CLOEXEC | O_NONBLOCK);
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
	printf("%u workers of %u calls, %u died of what they did\n", started,
	       2 * CALLS, signalled);
	return started == 0;
}
