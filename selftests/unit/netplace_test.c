// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Where a packet's bytes go: each to a place of its own, little memory unused. */

#include <kunit/test.h>
#include <linux/if_ether.h>
#include <linux/module.h>

#include "../../netback/place.c"

#define INFO SKB_DATA_ALIGN(sizeof(struct skb_shared_info))
#define OVERHEAD (SKB_DATA_ALIGN(sizeof(struct sk_buff)) + INFO)

/* What a socket that a packet waits in is charged. */
static unsigned int truesize(const struct netback_place *place)
{
	return SKB_DATA_ALIGN(sizeof(struct sk_buff)) + place->cell +
	       place->nr_pages * PAGE_SIZE;
}

/*
 * The in-tree driver allocates a head for 128 bytes and charges what is left by
 * its length, while it holds whole pages of the guest's.
 */
static unsigned int intree(unsigned int total)
{
	unsigned int linear = min(total, 128u);

	return SKB_DATA_ALIGN(NET_SKB_PAD + linear) + OVERHEAD +
	       (total - linear);
}

/* Each byte has one place: each run begins where the one before has ended. */
static void check_places(struct kunit *test, const struct netback_place *place,
			 unsigned int total)
{
	unsigned int at = 0, page, offset, room, pages = 0;

	while (at < total) {
		room = netback_place_at(place, at, &page, &offset);
		KUNIT_ASSERT_GT(test, room, 0);
		KUNIT_ASSERT_EQ(test, page, pages++);
		KUNIT_ASSERT_EQ(test, offset, page ? 0 : place->headroom);
		/* Another byte of it goes behind. */
		KUNIT_ASSERT_EQ(test,
				netback_place_at(place, at + room - 1, &page,
						 &offset),
				1);
		at += room;
	}
	KUNIT_ASSERT_EQ(test, pages, 1 + place->nr_pages);
}

static void all_sizes(struct kunit *test)
{
	struct netback_place place;
	unsigned int total;

	for (total = ETH_HLEN; total <= XEN_NETIF_MAX_TX_SIZE; total++) {
		netback_place(total, false, &place);
		check_places(test, &place, total);
		KUNIT_ASSERT_GE(test, place.linear, min(total, 128u));
		KUNIT_ASSERT_LE(test, place.nr_pages, NETBACK_PACKET_PAGES);
		KUNIT_ASSERT_LE(test, place.cell, PAGE_SIZE);
		KUNIT_ASSERT_GE(test, place.cell - INFO,
				NETBACK_HEADROOM + place.linear);
	}
}

/* An XDP program has a page, its room in front, and all of the headers in one piece. */
static void room_for_programs(struct kunit *test)
{
	struct netback_place place;
	unsigned int total;

	for (total = ETH_HLEN; total <= XEN_NETIF_MAX_TX_SIZE; total++) {
		netback_place(total, true, &place);
		check_places(test, &place, total);
		KUNIT_ASSERT_EQ(test, place.headroom, XDP_PACKET_HEADROOM);
		KUNIT_ASSERT_EQ(test, place.cell, PAGE_SIZE);
		KUNIT_ASSERT_GE(test, place.cell - INFO,
				place.headroom + place.linear);
		KUNIT_ASSERT_LE(test, place.nr_pages, NETBACK_PACKET_PAGES);
		KUNIT_ASSERT_EQ(test, !place.nr_pages,
				total <= NETBACK_XDP_LINEAR);
	}
}

/*
 * A receive buffer takes as many as in-tree. The worst packet is one that is just
 * too large for a cell and has a page for what is left.
 */
static void charged_as_in_tree(struct kunit *test)
{
	struct netback_place place;
	unsigned int total, worst = 0;

	for (total = ETH_HLEN; total <= XEN_NETIF_MAX_TX_SIZE; total++) {
		netback_place(total, false, &place);
		if (truesize(&place) > intree(total))
			worst = max(worst, (truesize(&place) - intree(total)) *
						   1000 / intree(total));
	}
	kunit_info(test, "at most %u in 1000 above the in-tree driver", worst);
	KUNIT_EXPECT_LE(test, worst, 132);
	netback_place(60, false, &place);
	KUNIT_EXPECT_LE(test, truesize(&place), intree(60));
	netback_place(1514, false, &place);
	KUNIT_EXPECT_LE(test, truesize(&place), intree(1514) * 102 / 100);
	netback_place(9014, false, &place);
	KUNIT_EXPECT_LE(test, truesize(&place), intree(9014) * 102 / 100);
}

static struct kunit_case netplace_cases[] = {
	KUNIT_CASE(all_sizes),
	KUNIT_CASE(room_for_programs),
	KUNIT_CASE(charged_as_in_tree),
	{},
};

static struct kunit_suite netplace_suite = {
	.name = "netback-place",
	.test_cases = netplace_cases,
};

kunit_test_suite(netplace_suite);

MODULE_DESCRIPTION("Tests of where a packet goes");
MODULE_LICENSE("Dual MIT/GPL");
