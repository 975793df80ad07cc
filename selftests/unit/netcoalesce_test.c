// SPDX-License-Identifier: GPL-2.0 OR MIT
/* When a tx poll waits for more: guests that send at will, and those that wait. */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../netback/coalesce-decide.c"

/*
 * A guest and the poll that serves it. @period is ns from a packet to the next, each
 * of @slots; one with a @window sends as many so long after the last ones were taken.
 */
struct guest {
	struct netback_coalesce coalesce;
	u64 now;
	u64 sent;
	u32 taken;
	unsigned int period;
	unsigned int slots;
	unsigned int usecs;
	unsigned int window;
	unsigned int events;
	unsigned int waits;
	unsigned int most;
};

static unsigned int sent_meanwhile(const struct guest *guest)
{
	if (guest->now < guest->sent + guest->period)
		return 0;
	if (guest->window)
		return guest->window;
	return (guest->now - guest->sent) / guest->period;
}

/* One poll: what is there is taken; then there is an event, or a wait. */
static void poll_once(struct guest *guest)
{
	struct netback_coalesce *coalesce = &guest->coalesce;
	unsigned int packets;

	if (coalesce->wait) {
		guest->now += coalesce->wait;
		guest->waits++;
	} else {
		guest->now = max(guest->now, guest->sent + guest->period);
		guest->events++;
	}
	packets = sent_meanwhile(guest);
	if (packets && guest->window)
		guest->sent = guest->now;
	else
		guest->sent += (u64)packets * guest->period;
	guest->taken += packets * guest->slots;
	guest->most = max(guest->most, packets * guest->slots);
	coalesce->found = packets;
	if (netback_coalesce_judge(coalesce))
		netback_coalesce_block(coalesce, guest->now, guest->taken,
				       guest->usecs);
}

static void polls(struct guest *guest, unsigned int nr)
{
	while (nr--)
		poll_once(guest);
}

static void one_that_sends_at_will(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 5000, .slots = 1, .usecs = 50
	};

	guest.taken = U32_MAX - 100;
	guest.coalesce.slots = guest.taken;
	polls(&guest, 1000);
	/* The first block has events, and one in 64 of those after it. */
	KUNIT_EXPECT_LE(test, guest.events, 5 * BLOCK);
	KUNIT_EXPECT_GE(test, guest.waits, 1000 - 5 * BLOCK);
	KUNIT_EXPECT_EQ(test, guest.coalesce.wait, 50000);
	KUNIT_EXPECT_EQ(test, guest.most, 10);
}

static void one_that_waits_for_answers(struct kunit *test)
{
	struct guest guest = { .now = 1,
			       .sent = 1,
			       .period = 5000,
			       .slots = 1,
			       .usecs = 50,
			       .window = 1 };

	polls(&guest, 20000);
	/* Two waits each time, tried again ever more seldom: 2 to 256 blocks. */
	KUNIT_EXPECT_GE(test, guest.waits, VAIN * MAX_FAILS);
	KUNIT_EXPECT_LE(test, guest.waits, 20000 / 300);
}

/* What each wait brings looks well, but without it there were more. */
static void one_with_a_window(struct kunit *test)
{
	struct guest guest = { .now = 1,
			       .sent = 1,
			       .period = 20000,
			       .slots = 1,
			       .usecs = 50,
			       .window = 8 };

	polls(&guest, 20000);
	/* A block each time. */
	KUNIT_EXPECT_GE(test, guest.waits, BLOCK / 8 * MAX_FAILS);
	KUNIT_EXPECT_LE(test, guest.waits, 20000 / 40);
	/* One that is never empty is as fast with a wait. */
	guest = (struct guest){
		.now = 1,
		.sent = 1,
		.period = 5000,
		.slots = 1,
		.usecs = 50,
	};
	polls(&guest, 20000);
	KUNIT_EXPECT_GE(test, guest.waits, 17000);
}

static void one_that_is_slow(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 25001, .slots = 1, .usecs = 50
	};

	polls(&guest, 1000);
	KUNIT_EXPECT_EQ(test, guest.waits, 0);
	guest.period = 24000;
	polls(&guest, 1000);
	KUNIT_EXPECT_GT(test, guest.waits, 0);
}

static void one_that_becomes_slow(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 5000, .slots = 1, .usecs = 50
	};
	unsigned int waits;

	polls(&guest, 200);
	KUNIT_EXPECT_NE(test, guest.coalesce.wait, 0);
	guest.period = 100000;
	polls(&guest, 2);
	KUNIT_EXPECT_EQ(test, guest.coalesce.wait, 0);
	waits = guest.waits;
	polls(&guest, 1000);
	KUNIT_EXPECT_EQ(test, guest.waits, waits);
}

/* It is measured from the first packet on: a block of them later there is a wait. */
static void one_that_stops_and_goes_on(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 5000, .slots = 1, .usecs = 50
	};
	unsigned int events;

	polls(&guest, 200);
	guest.sent += NSEC_PER_SEC;
	poll_once(&guest);
	KUNIT_EXPECT_EQ(test, guest.coalesce.wait, 0);
	guest.now = guest.sent;
	events = guest.events;
	polls(&guest, BLOCK + 10);
	KUNIT_EXPECT_NE(test, guest.coalesce.wait, 0);
	KUNIT_EXPECT_LE(test, guest.events, events + BLOCK + 1);
}

/* Its ring must not be full before it is looked at. */
static void one_with_large_packets(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 20000, .slots = 18, .usecs = 1000
	};

	polls(&guest, 1000);
	KUNIT_EXPECT_GT(test, guest.waits, 900);
	KUNIT_EXPECT_LE(test, guest.most, ROOM + guest.slots);
	/* Xen's timers are too late for one that is much faster. */
	guest = (struct guest){
		.now = 1, .sent = 1, .period = 5000, .slots = 18, .usecs = 1000
	};
	polls(&guest, 1000);
	KUNIT_EXPECT_EQ(test, guest.waits, 0);
}

/* It sends 44 packets in no time, then waits 150 us for an answer. */
static void one_that_sends_in_bursts(struct kunit *test)
{
	struct netback_coalesce coalesce = {};
	unsigned int bursts, packets, waits = 0;
	u64 now = 1;

	for (bursts = 0; bursts < 1000; bursts++) {
		for (packets = 0; packets < 44 && !coalesce.wait; packets++) {
			now += 1000;
			coalesce.found = 1;
			if (netback_coalesce_judge(&coalesce))
				netback_coalesce_block(&coalesce, now,
						       bursts * 44 + packets,
						       50);
		}
		if (coalesce.wait) {
			waits++;
			now += coalesce.wait;
			coalesce.found = 44 - packets;
			netback_coalesce_judge(&coalesce);
			now += coalesce.wait;
			netback_coalesce_judge(&coalesce);
		}
		now += 150000;
	}
	KUNIT_EXPECT_GT(test, waits, 0);
	KUNIT_EXPECT_LE(test, waits, 12);
}

/* Slow start: what it can without waits is not what it could at first. */
static void one_whose_window_grows(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 5000, .slots = 1, .usecs = 50
	};
	unsigned int waits;

	polls(&guest, 300);
	KUNIT_EXPECT_GT(test, guest.waits, 200);
	guest.window = 24;
	guest.sent = guest.now;
	polls(&guest, 20000);
	waits = guest.waits;
	polls(&guest, 20000);
	KUNIT_EXPECT_LE(test, guest.waits - waits, 2000);
}

static void one_that_has_no_wait(struct kunit *test)
{
	struct guest guest = {
		.now = 1, .sent = 1, .period = 1, .slots = 1, .usecs = 0
	};

	polls(&guest, 1000);
	KUNIT_EXPECT_EQ(test, guest.waits, 0);
}

static struct kunit_case cases[] = { KUNIT_CASE(one_that_sends_at_will),
				     KUNIT_CASE(one_that_waits_for_answers),
				     KUNIT_CASE(one_with_a_window),
				     KUNIT_CASE(one_that_is_slow),
				     KUNIT_CASE(one_that_becomes_slow),
				     KUNIT_CASE(one_that_stops_and_goes_on),
				     KUNIT_CASE(one_that_sends_in_bursts),
				     KUNIT_CASE(one_whose_window_grows),
				     KUNIT_CASE(one_with_large_packets),
				     KUNIT_CASE(one_that_has_no_wait),
				     {} };

static struct kunit_suite suite = {
	.name = "netback-coalesce",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("Tests of netback's waits for packets");
MODULE_LICENSE("Dual MIT/GPL");
