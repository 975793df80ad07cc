// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Slots for packets that a backend has to find: posted without an event by a
 * frontend that never promised one, and posted while the one channel that both
 * directions have is busy with a flood.
 */

#include "posts.h"
#include "wire.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

/* Without a look of its own the backend finds them after 10 s. */
#define SOON_MS 2000
#define TRIES 10
#define DROPPED "statistics/tx_dropped"

/*
 * A frame waits, then a slot is posted. One that has been dropped meanwhile, for
 * the 30 ms were over, is another try.
 */
static int found_in_time(struct wire *wire)
{
	int tries, got;

	for (tries = 0; tries < TRIES; tries++) {
		int before = wire_statistic(wire, DROPPED);

		if (wire_send(wire))
			return -98;
		wire_post_unsaid(wire, wire->ref);
		got = wire_arrived(wire, SOON_MS);
		if (got != -99 || wire_statistic(wire, DROPPED) == before)
			return got;
		/* the slot is there: the next frame is for it */
		if (wire_send(wire) || wire_arrived(wire, SOON_MS) != FRAME)
			return -97;
	}
	return -96;
}

static int unsaid(struct share *share, struct xs_handle *store,
		  unsigned int number)
{
	/* and two more things that no backend may insist on */
	static const struct net_ways ways = { .sg = 2 };
	struct wire wire;
	int err, ended;

	err = wire_open_so(&wire, share, store, number, &ways);
	if (!err) {
		wire_expect(&wire, "a slot that nobody was told of",
			    found_in_time(&wire), FRAME);
		/* one that nobody posts a slot for is held no longer */
		wire_expect(&wire, "sent", wire_send(&wire), 0);
		usleep(SOON_MS * 1000);
		wire_expect(&wire, "dropped",
			    wire_statistic(&wire, DROPPED) > 0, 1);
	}
	ended = wire_close(&wire);
	return err ?: ended ?: wire.failures ? -EPROTO : 0;
}

struct flood {
	struct wire *wire;
	atomic_bool over;
	unsigned long packets;
};

/* Packets too short to be one: they cost the backend next to nothing. */
static void *pour(void *arg)
{
	struct flood *flood = arg;
	struct wire *wire = flood->wire;
	netif_tx_sring_t *shared = wire->tx.sring;

	while (!atomic_load(&flood->over)) {
		uint32_t answered =
			__atomic_load_n(&shared->rsp_prod, __ATOMIC_ACQUIRE);
		int notify;

		while (wire->tx.req_prod_pvt - answered < 256) {
			wire_put(wire, wire->ref, 0, 13, 0);
			flood->packets++;
		}
		RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&wire->tx, notify);
		if (notify)
			wire_notify(wire);
	}
	return NULL;
}

static int beside_a_flood(struct wire *wire)
{
	struct flood flood = { .wire = wire };
	pthread_t thread;
	int i;

	if (pthread_create(&thread, NULL, pour, &flood))
		return -EAGAIN;
	usleep(SOON_MS * 100);
	for (i = 0; i < TRIES; i++) {
		wire_expect(wire, "sent beside a flood", wire_send(wire), 0);
		usleep(SOON_MS * 10);
		wire_post_unsaid(wire, wire->ref);
		wire_notify(wire);
		wire_expect(wire, "a slot beside a flood",
			    wire_arrived(wire, SOON_MS), FRAME);
	}
	atomic_store(&flood.over, true);
	pthread_join(thread, NULL);
	printf("%lu packets poured meanwhile\n", flood.packets);
	return 0;
}

static int flooded(struct share *share, struct xs_handle *store,
		   unsigned int number)
{
	struct wire wire;
	int err, ended;

	err = wire_open(&wire, share, store, number);
	err = err ?: beside_a_flood(&wire);
	ended = wire_close(&wire);
	return err ?: ended ?: wire.failures ? -EPROTO : 0;
}

int posts_all(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number)
{
	(void)node;
	return unsaid(share, store, number) ?: flooded(share, store, number);
}
