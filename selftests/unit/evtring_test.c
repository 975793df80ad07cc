// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The ring between an event channel's interrupt and read(2). */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../evtchn/ring.c"

static void push(struct kunit *test, struct evtchn_ring *ring,
		 unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		bool empty = !evtchn_ring_readable(ring);

		KUNIT_EXPECT_EQ(test, evtchn_ring_push(ring, first + i), empty);
	}
}

/* Takes out that many, which must be numbered in order. */
static void take(struct kunit *test, struct evtchn_ring *ring,
		 unsigned int first, unsigned int nr)
{
	evtchn_port_t port[7];
	unsigned int i, done = 0;
	int n;

	while (done < nr) {
		n = evtchn_ring_peek(ring, done, port,
				     min_t(unsigned int, nr - done, 7));
		KUNIT_ASSERT_GT(test, n, 0);
		for (i = 0; i < n; i++)
			KUNIT_EXPECT_EQ(test, port[i], first + done + i);
		done += n;
	}
	evtchn_ring_consume(ring, done);
}

static void events_come_in_order(struct kunit *test)
{
	struct evtchn_ring ring;
	evtchn_port_t port;
	unsigned int round;

	evtchn_ring_init(&ring);
	KUNIT_EXPECT_EQ(test, evtchn_ring_peek(&ring, 0, &port, 1), 0);
	KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 64), 0);
	for (round = 0; round < 5; round++) {
		push(test, &ring, round * 100, 40);
		take(test, &ring, round * 100, 15);
		push(test, &ring, round * 100 + 40, 39);
		take(test, &ring, round * 100 + 15, 64);
		KUNIT_EXPECT_FALSE(test, evtchn_ring_readable(&ring));
	}
	evtchn_ring_destroy(&ring);
}

static void an_overflow_is_told(struct kunit *test)
{
	struct evtchn_ring ring;
	evtchn_port_t port;

	evtchn_ring_init(&ring);
	KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 1), 0);
	push(test, &ring, 1, 64);
	KUNIT_EXPECT_EQ(test, evtchn_ring_peek(&ring, 0, &port, 1), 1);
	push(test, &ring, 65, 1);
	KUNIT_EXPECT_EQ(test, evtchn_ring_peek(&ring, 0, &port, 1), -EFBIG);
	evtchn_ring_consume(&ring, 64);
	KUNIT_EXPECT_TRUE(test, evtchn_ring_readable(&ring));
	evtchn_ring_reset(&ring);
	KUNIT_EXPECT_FALSE(test, evtchn_ring_readable(&ring));
	push(test, &ring, 5, 2);
	take(test, &ring, 5, 2);
	evtchn_ring_destroy(&ring);
}

/* Memory is exchanged while events wait, at a place where they wrap. */
static void growing_keeps_what_waits(struct kunit *test)
{
	struct evtchn_ring ring;

	evtchn_ring_init(&ring);
	KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 1), 0);
	push(test, &ring, 0, 50);
	take(test, &ring, 0, 50);
	push(test, &ring, 50, 30);
	KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 200), 0);
	push(test, &ring, 80, 200);
	take(test, &ring, 50, 230);
	KUNIT_EXPECT_FALSE(test, evtchn_ring_readable(&ring));
	evtchn_ring_destroy(&ring);
}

/* What waits of a port goes with it, but not what a reader looks at. */
static void an_unbound_port_is_forgotten(struct kunit *test)
{
	struct evtchn_ring ring;
	evtchn_port_t port[8];
	unsigned int i;

	evtchn_ring_init(&ring);
	KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 8), 0);
	for (i = 0; i < 8; i++)
		evtchn_ring_push(&ring, i & 1 ? i : 100);
	KUNIT_EXPECT_EQ(test, evtchn_ring_peek(&ring, 0, port, 3), 3);
	evtchn_ring_forget(&ring, 100);
	evtchn_ring_consume(&ring, 3);
	KUNIT_ASSERT_EQ(test, evtchn_ring_peek(&ring, 0, port, 8), 3);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, port[i], 3 + 2 * i);
	evtchn_ring_consume(&ring, 3);
	KUNIT_EXPECT_FALSE(test, evtchn_ring_readable(&ring));
	evtchn_ring_destroy(&ring);
}

/*
 * Bound, an event, unbound, again and again, the event read or not: no more room
 * is made.
 */
static void the_ring_grows_with_ports_only(struct kunit *test)
{
	struct evtchn_ring ring;
	unsigned int i;

	evtchn_ring_init(&ring);
	for (i = 0; i < 1000; i++) {
		KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 1), 0);
		evtchn_ring_push(&ring, i);
		if (i & 1)
			take(test, &ring, i, 1);
		evtchn_ring_forget(&ring, i);
	}
	KUNIT_EXPECT_EQ(test, ring.size, 64);
	KUNIT_EXPECT_FALSE(test, evtchn_ring_readable(&ring));
	evtchn_ring_destroy(&ring);
}

/*
 * A program that unmasks a port without reading it fills the ring with that
 * port. It gets no more room for that when it binds another one.
 */
static void a_full_ring_does_not_grow(struct kunit *test)
{
	struct evtchn_ring ring;
	unsigned int i;

	evtchn_ring_init(&ring);
	for (i = 0; i < 20; i++) {
		KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 1), 0);
		while (ring.tail - ring.head < ring.size)
			evtchn_ring_push(&ring, 1);
		KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 2), 0);
		KUNIT_ASSERT_EQ(test, ring.size, 64);
		evtchn_ring_forget(&ring, 2);
	}
	evtchn_ring_destroy(&ring);
}

/*
 * All ports are unbound while a reader looks at their events, and as many are
 * bound: there is room for the events of both.
 */
static void what_is_looked_at_has_room(struct kunit *test)
{
	struct evtchn_ring ring;
	evtchn_port_t port[64];
	unsigned int i;

	evtchn_ring_init(&ring);
	KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, 64), 0);
	push(test, &ring, 0, 64);
	KUNIT_ASSERT_EQ(test, evtchn_ring_peek(&ring, 0, port, 64), 64);
	for (i = 0; i < 64; i++)
		evtchn_ring_forget(&ring, i);
	for (i = 1; i <= 64; i++)
		KUNIT_ASSERT_EQ(test, evtchn_ring_reserve(&ring, i), 0);
	push(test, &ring, 100, 64);
	evtchn_ring_consume(&ring, 64);
	take(test, &ring, 100, 64);
	KUNIT_EXPECT_FALSE(test, evtchn_ring_readable(&ring));
	KUNIT_EXPECT_EQ(test, ring.size, 128);
	evtchn_ring_destroy(&ring);
}

static struct kunit_case evtring_cases[] = {
	KUNIT_CASE(events_come_in_order),
	KUNIT_CASE(an_overflow_is_told),
	KUNIT_CASE(growing_keeps_what_waits),
	KUNIT_CASE(an_unbound_port_is_forgotten),
	KUNIT_CASE(the_ring_grows_with_ports_only),
	KUNIT_CASE(a_full_ring_does_not_grow),
	KUNIT_CASE(what_is_looked_at_has_room),
	{},
};

static struct kunit_suite evtring_suite = {
	.name = "evtchn-ring",
	.test_cases = evtring_cases,
};

kunit_test_suite(evtring_suite);

MODULE_DESCRIPTION("Tests of the ring of events for processes");
MODULE_LICENSE("Dual MIT/GPL");
