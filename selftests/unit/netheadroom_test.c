// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The slots that a packet takes with room in front of it. */

#include <kunit/test.h>
#include <linux/module.h>

#include "netback/headroom.h"

static const unsigned int rooms[] = { 0, 1, 256, NETBACK_HEADROOM_MAX };

static void as_few_slots_as_hold_it(struct kunit *test)
{
	unsigned int i, len, slots;

	for (i = 0; i < ARRAY_SIZE(rooms); i++)
		for (len = 1; len <= XEN_NETIF_MAX_TX_SIZE; len++) {
			unsigned int bytes = rooms[i] + len;

			slots = netback_headroom_slots(len, rooms[i]);
			KUNIT_ASSERT_GE(test, slots * XEN_PAGE_SIZE, bytes);
			KUNIT_ASSERT_LT(test, (slots - 1) * XEN_PAGE_SIZE,
					bytes);
		}
}

static void the_room_counts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, netback_headroom_slots(4096, 0), 1);
	KUNIT_EXPECT_EQ(test, netback_headroom_slots(4097, 0), 2);
	KUNIT_EXPECT_EQ(test, netback_headroom_slots(3840, 256), 1);
	KUNIT_EXPECT_EQ(test, netback_headroom_slots(3841, 256), 2);
	KUNIT_EXPECT_EQ(test, netback_headroom_slots(2048, 2048), 1);
	KUNIT_EXPECT_EQ(test, netback_headroom_slots(2049, 2048), 2);
}

/* What frontends are promised, whatever room they want. */
static void never_too_many(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			netback_headroom_slots(VLAN_ETH_FRAME_LEN,
					       NETBACK_HEADROOM_MAX),
			1);
	KUNIT_EXPECT_LE(test,
			netback_headroom_slots(XEN_NETIF_MAX_TX_SIZE,
					       NETBACK_HEADROOM_MAX),
			XEN_NETIF_NR_SLOTS_MIN);
}

static struct kunit_case headroom_cases[] = {
	KUNIT_CASE(as_few_slots_as_hold_it),
	KUNIT_CASE(the_room_counts),
	KUNIT_CASE(never_too_many),
	{},
};

static struct kunit_suite headroom_suite = {
	.name = "netback-headroom",
	.test_cases = headroom_cases,
};

kunit_test_suite(headroom_suite);

MODULE_DESCRIPTION("Tests of the slots of packets with room in front");
MODULE_LICENSE("Dual MIT/GPL");
