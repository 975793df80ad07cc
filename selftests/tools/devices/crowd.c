// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Programs that bind ports all the time, each in a file of its own. Those on the
 * first CPU are stopped again and again, many times in the middle of a bind, as
 * something more urgent wants that CPU. The kernel says where each of them sleeps:
 * none may sleep for a lock of the driver's that a stopped one holds.
 */

#define _GNU_SOURCE /* CPU_SET() */
#include "devices.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BINDERS 8
#define URGENT_US 20000
#define PAUSE_US 3000
#define LEAST_BINDS 100
#define LEAST_LOOKS 20

static struct {
	atomic_int stop;
	atomic_uint binds;
	atomic_uint wrong;
	unsigned int looks;
	atomic_int thread[BINDERS];
} crowd;

static void use_cpu(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	crowd.wrong += sched_setaffinity(0, sizeof(set), &set) != 0;
}

static void *bind_on(void *number)
{
	int fd = open_device("/dev/xen/evtchn");
	long port;

	use_cpu((uintptr_t)number % 2);
	crowd.thread[(uintptr_t)number] = syscall(SYS_gettid);
	while (!crowd.stop) {
		port = bind_unbound(fd, 0);
		if (port <= 0 || port_call(fd, IOCTL_EVTCHN_UNBIND, port))
			crowd.wrong++;
		crowd.binds++;
	}
	close(fd);
	return NULL;
}

static long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000l + now.tv_nsec / 1000;
}

static void *be_urgent(void *unused)
{
	struct sched_param first = { .sched_priority = 10 };
	long begin;

	use_cpu(0);
	crowd.wrong += sched_setscheduler(0, SCHED_FIFO, &first) != 0;
	while (!crowd.stop) {
		begin = now_us();
		while (now_us() - begin < URGENT_US)
			;
		usleep(PAUSE_US);
	}
	return unused;
}

/* What a file of a thread's in /proc holds; nothing if it cannot be read. */
static void read_file(int thread, const char *file, char *text, size_t size)
{
	char name[64];
	ssize_t got;
	int fd;

	snprintf(name, sizeof(name), "/proc/self/task/%d/%s", thread, file);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, size - 1);
	text[got < 0 ? 0 : got] = 0;
	close(fd);
}

/* Whether a thread sleeps for something; one that was stopped does not. */
bool sleeps(int thread)
{
	char text[256], *state;

	read_file(thread, "stat", text, sizeof(text));
	state = strrchr(text, ')');
	return state && !strncmp(state, ") D", 3);
}

/*
 * Whether a thread sleeps for a lock that the driver takes. Its stack, innermost
 * function first, begins with who called the scheduler or a lock's function; the
 * kernel leaves out those.
 */
static bool waits_for_driver(int thread)
{
	char stack[4096], *end;

	if (!sleeps(thread))
		return false;
	crowd.looks++;
	read_file(thread, "stack", stack, sizeof(stack));
	end = strchr(stack, '\n');
	if (!end || !sleeps(thread))
		return false;
	*end = 0;
	return strstr(stack, "[xen_evtchn]");
}

int run_crowd(unsigned int seconds)
{
	time_t end = time(NULL) + seconds;
	pthread_t thread[BINDERS], urgent;
	unsigned int waiting = 0;
	uintptr_t i;

	for (i = 0; i < BINDERS; i++)
		if (pthread_create(&thread[i], NULL, bind_on, (void *)i))
			return 1;
	if (pthread_create(&urgent, NULL, be_urgent, NULL))
		return 1;
	use_cpu(1);
	while (time(NULL) < end) {
		for (i = 0; i < BINDERS; i++)
			waiting += waits_for_driver(crowd.thread[i]);
		usleep(1000);
	}
	crowd.stop = 1;
	for (i = 0; i < BINDERS; i++)
		pthread_join(thread[i], NULL);
	pthread_join(urgent, NULL);
	printf("%u binds, %u wrong; seen asleep %u times, for the driver %u\n",
	       crowd.binds, crowd.wrong, crowd.looks, waiting);
	/* too few are no test */
	return crowd.wrong || waiting || crowd.binds < LEAST_BINDS ||
	       crowd.looks < LEAST_LOOKS;
}
