// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Slots for pieces of memory that are not cut: few more, and no more than 17. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../../netback/fit.h"

static void small_ones_share(struct kunit *test)
{
	struct netback_fit fit = netback_fit_first(0);

	netback_fit_piece(&fit, 2048, 66);
	netback_fit_piece(&fit, 0, 1448);
	KUNIT_EXPECT_EQ(test, fit.slots, 1u);
	KUNIT_EXPECT_EQ(test, fit.room, 4096u - 66 - 1448);
	KUNIT_EXPECT_TRUE(test, netback_fit_is_worth(&fit, 1));
	/* One that just fits, and one byte more. */
	netback_fit_piece(&fit, 0, 4096 - 66 - 1448);
	KUNIT_EXPECT_EQ(test, fit.slots, 1u);
	netback_fit_piece(&fit, 0, 1);
	KUNIT_EXPECT_EQ(test, fit.slots, 2u);
	KUNIT_EXPECT_EQ(test, fit.room, 4095u);
}

static void headroom_counts(struct kunit *test)
{
	struct netback_fit fit = netback_fit_first(256);

	netback_fit_piece(&fit, 0, 3840);
	KUNIT_EXPECT_EQ(test, fit.slots, 1u);
	KUNIT_EXPECT_EQ(test, fit.room, 0u);
	fit = netback_fit_first(256);
	netback_fit_piece(&fit, 0, 3841);
	KUNIT_EXPECT_EQ(test, fit.slots, 2u);
}

/* 64 KiB from anywhere in a page, behind their headers: as Linux sends them. */
static void large_packets(struct kunit *test)
{
	unsigned int begin;

	for (begin = 0; begin < 4096; begin++) {
		struct netback_fit fit = netback_fit_first(0);

		netback_fit_piece(&fit, 100, 66);
		netback_fit_piece(&fit, 4 * 4096 + begin, 65160);
		KUNIT_ASSERT_TRUE(test, netback_fit_is_worth(&fit, 16));
		KUNIT_ASSERT_LE(test, fit.slots, 17u);
	}
}

/* Many small pieces would take too many. */
static void limits(struct kunit *test)
{
	struct netback_fit fit = netback_fit_first(0);
	unsigned int i;

	/* Two never fit one slot: 8 pieces of 2100 bytes would fill 5 slots. */
	for (i = 0; i < 8; i++)
		netback_fit_piece(&fit, 0, 2100);
	KUNIT_EXPECT_EQ(test, fit.slots, 8u);
	KUNIT_EXPECT_FALSE(test, netback_fit_is_worth(&fit, 5));
	fit.slots = 17;
	KUNIT_EXPECT_TRUE(test, netback_fit_is_worth(&fit, 16));
	fit.slots = 18;
	KUNIT_EXPECT_FALSE(test, netback_fit_is_worth(&fit, 16));
	fit.slots = 9;
	KUNIT_EXPECT_TRUE(test, netback_fit_is_worth(&fit, 8));
	KUNIT_EXPECT_FALSE(test, netback_fit_is_worth(&fit, 7));
	fit.slots = 2;
	KUNIT_EXPECT_TRUE(test, netback_fit_is_worth(&fit, 2));
	fit.slots = 3;
	KUNIT_EXPECT_FALSE(test, netback_fit_is_worth(&fit, 2));
}

/* No slot is filled beyond its end, and no piece lies in two. */
static void random_pieces(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int round;

	prandom_seed_state(&rnd, 16);
	for (round = 0; round < 100000; round++) {
		unsigned int headroom = prandom_u32_state(&rnd) % 2 * 256;
		unsigned int offset = prandom_u32_state(&rnd) % 8192;
		unsigned int len = 1 + prandom_u32_state(&rnd) % 20000;
		struct netback_fit fit = netback_fit_first(headroom);
		unsigned int pages = (offset % 4096 + len + 4095) / 4096;
		unsigned int first = min(len, 4096 - offset % 4096);

		netback_fit_piece(&fit, offset, len);
		KUNIT_ASSERT_LE(test, fit.room, 4096u);
		KUNIT_ASSERT_GE(test, fit.slots * 4096, headroom + len);
		/* None but the last two can share a slot, nor must they. */
		KUNIT_ASSERT_LE(test, fit.slots,
				pages + (first > 4096 - headroom));
		KUNIT_ASSERT_GE(test, fit.slots + 2, pages);
	}
}

static struct kunit_case netfit_cases[] = {
	KUNIT_CASE(small_ones_share), KUNIT_CASE(headroom_counts),
	KUNIT_CASE(large_packets),    KUNIT_CASE(limits),
	KUNIT_CASE(random_pieces),    {},
};

static struct kunit_suite netfit_suite = {
	.name = "netback-fit",
	.test_cases = netfit_cases,
};

kunit_test_suite(netfit_suite);

MODULE_DESCRIPTION("Tests of how netback fills a guest's slots");
MODULE_LICENSE("Dual MIT/GPL");
