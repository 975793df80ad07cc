// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Where a packet's bytes go: each to a place of its own, little memory unused. */

#include <kunit/test.h>
#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/prandom.h>

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
	struct netback_spot spot = netback_spot_first(place);
	unsigned int at = 0, pages = 0;

	while (at < total) {
		KUNIT_ASSERT_GT(test, spot.room, 0u);
		KUNIT_ASSERT_LE(test, spot.offset + spot.room,
				(unsigned int)PAGE_SIZE);
		KUNIT_ASSERT_EQ(test, spot.page, pages++);
		KUNIT_ASSERT_EQ(test, spot.offset,
				spot.page ? 0u : place->headroom);
		at += spot.room;
		/* In two steps: the last byte of it goes behind the others. */
		if (spot.room > 1)
			netback_spot_advance(place, &spot, spot.room - 1);
		KUNIT_ASSERT_EQ(test, spot.room, 1u);
		netback_spot_advance(place, &spot, 1);
	}
	KUNIT_ASSERT_EQ(test, at, total);
	KUNIT_ASSERT_EQ(test, spot.room, 0u);
	KUNIT_ASSERT_EQ(test, pages, 1u + place->nr_pages);
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

#define PIECES (XEN_NETIF_NR_SLOTS_MIN + 1)

static unsigned int sum_of(const struct netback_piece *piece, unsigned int nr)
{
	unsigned int sum = 0;

	while (nr--)
		sum += piece[nr].size;
	return sum;
}

/* Copies: a run of bytes of one piece that go to one place. */
static unsigned int copies(const struct netback_place *place,
			   const struct netback_piece *piece, unsigned int nr)
{
	struct netback_spot spot = netback_spot_first(place);
	unsigned int i, left, n, found = 0;

	for (i = 0; i < nr; i++) {
		for (left = piece[i].size; left; left -= n, found++) {
			n = min(left, spot.room);
			netback_spot_advance(place, &spot, n);
		}
	}
	return found;
}

/* As Linux sends 64 KiB: headers, the end of a page, 15 pages, the beginning of one. */
static void none_is_cut(struct kunit *test)
{
	struct netback_piece piece[PIECES] = { { .size = 66 } };
	struct netback_place place;
	unsigned int i, begin;

	for (i = 2; i < 17; i++)
		piece[i].size = PAGE_SIZE;
	for (begin = 1; begin < PAGE_SIZE; begin += 5) {
		piece[1].size = begin;
		piece[17].size = 65226 - 66 - begin - 15 * PAGE_SIZE;
		if (piece[17].size > PAGE_SIZE)
			continue;
		netback_place(65226, false, &place);
		KUNIT_ASSERT_GE(test, copies(&place, piece, 18), 32u);
		netback_place_apart(&place, 65226, piece, 18);
		check_places(test, &place, 65226);
		/* What is missing in the cell of the 128 bytes for headers cuts one. */
		KUNIT_ASSERT_LE(test, copies(&place, piece, 18), 19u);
	}
}

static void random_pieces(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int round, apart = 0;

	prandom_seed_state(&rnd, 15);
	for (round = 0; round < 100000; round++) {
		unsigned int nr = 1 + prandom_u32_state(&rnd) % PIECES;
		bool full = prandom_u32_state(&rnd) % 2;
		struct netback_piece piece[PIECES];
		struct netback_place place, before;
		unsigned int i, total;

		for (i = 0; i < nr; i++)
			piece[i].size = full && i > 1 ?
						PAGE_SIZE :
						prandom_u32_state(&rnd) %
							(PAGE_SIZE + 1);
		total = sum_of(piece, nr);
		if (total < ETH_HLEN || total > XEN_NETIF_MAX_TX_SIZE)
			continue;
		netback_place(total, false, &place);
		before = place;
		netback_place_apart(&place, total, piece, nr);
		check_places(test, &place, total);
		KUNIT_ASSERT_GE(test, place.linear, min(total, 128u));
		KUNIT_ASSERT_LE(test, place.cell, PAGE_SIZE);
		KUNIT_ASSERT_GE(test, place.cell - INFO,
				NETBACK_HEADROOM + place.linear);
		/* No piece is cut more than once. */
		KUNIT_ASSERT_LE(test, copies(&place, piece, nr), 2 * nr);
		if (!memcmp(&place, &before, sizeof(place)))
			continue;
		apart++;
		KUNIT_ASSERT_LE(test, place.nr_pages * PAGE_SIZE,
				total - place.linear + total / 8);
		KUNIT_ASSERT_LE(test, copies(&place, piece, nr), nr + 1);
		/* As it may be without: see charged_as_in_tree(). */
		KUNIT_ASSERT_LE(test, truesize(&place) * 1000,
				intree(total) * 1132);
	}
	KUNIT_EXPECT_GT(test, apart, 1000u);
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
	KUNIT_CASE(all_sizes),		KUNIT_CASE(room_for_programs),
	KUNIT_CASE(none_is_cut),	KUNIT_CASE(random_pieces),
	KUNIT_CASE(charged_as_in_tree), {},
};

static struct kunit_suite netplace_suite = {
	.name = "netback-place",
	.test_cases = netplace_cases,
};

kunit_test_suite(netplace_suite);

MODULE_DESCRIPTION("Tests of where a packet goes");
MODULE_LICENSE("Dual MIT/GPL");
