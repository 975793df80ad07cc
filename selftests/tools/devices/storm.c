// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Events without end, while the ports they go to are unbound and bound again.
 * Every new binding must have its events: a port that stays masked, or whose
 * interrupt is lost, has none.
 */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PAIRS 6
#define SENDERS 3
#define PORTS_MAX 131072
#define EVENTS_EACH 3
#define PATIENCE_S 5

struct pair {
	atomic_uint near; /* what is notified */
	uint32_t far; /* where the event arrives */
};

static struct {
	int sender;
	int receiver;
	struct pair pair[PAIRS];
	atomic_uint seen[PORTS_MAX];
	atomic_ulong notified;
	atomic_ulong missed; /* the port was just unbound */
	atomic_ulong events;
	atomic_ulong wrong;
	atomic_int stop;
} storm;

static void *send_on(void *unused)
{
	unsigned int i;
	long ret;

	(void)unused;
	for (i = 0; !storm.stop; i++) {
		ret = port_call(storm.sender, IOCTL_EVTCHN_NOTIFY,
				storm.pair[i % PAIRS].near);
		if (!ret)
			storm.notified++;
		else if (ret == -ENOTCONN)
			storm.missed++;
		else
			storm.wrong++;
	}
	return NULL;
}

static void *receive_on(void *unused)
{
	uint32_t port[64];
	ssize_t bytes;
	unsigned int i;

	(void)unused;
	while (!storm.stop) {
		if (!events(storm.receiver, 100))
			continue;
		bytes = read(storm.receiver, port, sizeof(port));
		if (bytes < 0) {
			storm.wrong += errno != EAGAIN;
			continue;
		}
		for (i = 0; i < bytes / sizeof(*port); i++)
			storm.seen[port[i] % PORTS_MAX]++;
		storm.events += i;
		write(storm.receiver, port, bytes);
	}
	return NULL;
}

static long monotonic_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Waits for events of a pair; whether they came. */
static bool served(const struct pair *pair)
{
	unsigned int first = storm.seen[pair->far % PORTS_MAX];
	long end = monotonic_s() + PATIENCE_S;

	while (storm.seen[pair->far % PORTS_MAX] - first < EVENTS_EACH) {
		if (monotonic_s() > end)
			return false;
		usleep(200);
	}
	return true;
}

/* Takes one end or both, in either order, and binds what is missing. */
static unsigned int rebind(struct pair *pair, unsigned int how)
{
	unsigned int wrong = 0;
	uint32_t near = pair->near;

	if (how & 1)
		wrong += port_call(storm.receiver, IOCTL_EVTCHN_UNBIND,
				   pair->far) != 0;
	if (how & 2) {
		wrong += port_call(storm.sender, IOCTL_EVTCHN_UNBIND, near) !=
			 0;
		near = bind_unbound(storm.sender, 0);
	}
	if (!(how & 1))
		wrong += port_call(storm.receiver, IOCTL_EVTCHN_UNBIND,
				   pair->far) != 0;
	pair->far = bind_remote(storm.receiver, 0, near);
	pair->near = near;
	return wrong + ((int)near <= 0) + ((int)pair->far <= 0);
}

static bool storm_open(void)
{
	unsigned int i;
	uint32_t near;

	storm.sender = open_device("/dev/xen/evtchn");
	storm.receiver = open_device("/dev/xen/evtchn");
	fcntl(storm.receiver, F_SETFL, O_NONBLOCK);
	for (i = 0; i < PAIRS; i++) {
		near = bind_unbound(storm.sender, 0);
		storm.pair[i].near = near;
		storm.pair[i].far = bind_remote(storm.receiver, 0, near);
		if ((int)near <= 0 || (int)storm.pair[i].far <= 0)
			return false;
	}
	return true;
}

int run_storm(unsigned int seconds)
{
	long end = monotonic_s() + seconds;
	pthread_t thread[SENDERS + 1];
	unsigned int i, rounds = 0;

	if (!storm_open())
		return 1;
	for (i = 0; i < SENDERS; i++)
		if (pthread_create(&thread[i], NULL, send_on, NULL))
			return 1;
	if (pthread_create(&thread[i], NULL, receive_on, NULL))
		return 1;
	for (; monotonic_s() < end && !storm.wrong; rounds++) {
		struct pair *pair = &storm.pair[rounds % PAIRS];

		storm.wrong += rebind(pair, rounds / PAIRS % 4);
		if (!served(pair)) {
			printf("port %u: no more events\n", pair->far);
			storm.wrong++;
		}
	}
	storm.stop = 1;
	for (i = 0; i <= SENDERS; i++)
		pthread_join(thread[i], NULL);
	close(storm.sender);
	close(storm.receiver);
	printf("%u rebinds under %lu notifications, %lu to no port; %lu events, %lu wrong\n",
	       rounds, storm.notified, storm.missed, storm.events, storm.wrong);
	/* too few are no test */
	return storm.wrong || rounds < 10 * PAIRS || !storm.missed;
}
