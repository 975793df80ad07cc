// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Packets out of a guest, from the bytes of their slots to a verdict. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../../netback/parse.c"

#define FATAL_SLOTS 20
#define MORE XEN_NETTXF_more_data
#define EXTRA XEN_NETTXF_extra_info

static union netback_tx_slot piece(u16 offset, u16 size, u16 flags)
{
	return (union netback_tx_slot){
		.req = { .gref = 7,
			 .offset = offset,
			 .size = size,
			 .flags = flags,
			 .id = size },
	};
}

static union netback_tx_slot extra(u8 type, u8 flags)
{
	return (union netback_tx_slot){
		.extra = { .type = type, .flags = flags },
	};
}

static union netback_tx_slot gso(u8 type, u16 size, u8 flags)
{
	union netback_tx_slot slot = extra(XEN_NETIF_EXTRA_TYPE_GSO, flags);

	slot.extra.u.gso.type = type;
	slot.extra.u.gso.size = size;
	return slot;
}

/* The verdict on slots given one by one; none may come before the last. */
static enum netback_verdict run(struct kunit *test, struct netback_chain *chain,
				const union netback_tx_slot *slot,
				unsigned int nr)
{
	enum netback_verdict verdict = NETBACK_MORE;
	unsigned int i;

	memset(chain, 0xa5, sizeof(*chain));
	netback_chain_start(chain);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, verdict, NETBACK_MORE);
		verdict = netback_chain_add(chain, &slot[i], FATAL_SLOTS);
	}
	return verdict;
}

static struct netback_chain *alloc_chain(struct kunit *test)
{
	struct netback_chain *chain =
		kunit_kzalloc(test, sizeof(*chain), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chain);
	return chain;
}

static void good_packets(struct kunit *test)
{
	struct netback_chain *c = alloc_chain(test);
	union netback_tx_slot s[4];

	s[0] = piece(100, 60, XEN_NETTXF_csum_blank);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 1), NETBACK_PACKET);
	KUNIT_EXPECT_EQ(test, c->total, 60);
	KUNIT_EXPECT_EQ(test, c->nr, 1);
	KUNIT_EXPECT_EQ(test, c->piece[0].size, 60);
	KUNIT_EXPECT_EQ(test, c->piece[0].offset, 100);
	KUNIT_EXPECT_EQ(test, c->flags, XEN_NETTXF_csum_blank);
	KUNIT_EXPECT_EQ(test, c->gso_size, 0);

	/* The first piece has what the others leave to it. */
	s[0] = piece(0, 5000, MORE);
	s[1] = piece(96, 4000, MORE);
	s[2] = piece(0, 0, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 3), NETBACK_PACKET);
	KUNIT_EXPECT_EQ(test, c->piece[0].size, 1000);
	KUNIT_EXPECT_EQ(test, c->piece[1].size, 4000);
	KUNIT_EXPECT_EQ(test, c->piece[2].size, 0);

	/* An extra stands before the other pieces. */
	s[0] = piece(0, 4096, MORE | EXTRA);
	s[1] = gso(XEN_NETIF_GSO_TYPE_TCPV6, 1448, 0);
	s[2] = piece(0, 4000, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 3), NETBACK_PACKET);
	KUNIT_EXPECT_EQ(test, c->gso_size, 1448);
	KUNIT_EXPECT_EQ(test, c->gso_type, XEN_NETIF_GSO_TYPE_TCPV6);
	KUNIT_EXPECT_EQ(test, c->nr_extras, 1);
	KUNIT_EXPECT_EQ(test, c->nr, 2);

	s[0] = piece(0, 64, EXTRA);
	s[1] = extra(XEN_NETIF_EXTRA_TYPE_HASH, XEN_NETIF_EXTRA_FLAG_MORE);
	s[2] = gso(XEN_NETIF_GSO_TYPE_TCPV4, 500, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 3), NETBACK_PACKET);
	KUNIT_EXPECT_EQ(test, c->nr_extras, 2);
}

static void dropped_packets(struct kunit *test)
{
	struct netback_chain *c = alloc_chain(test);
	union netback_tx_slot s[FATAL_SLOTS + 1];
	unsigned int i;

	s[0] = piece(0, ETH_HLEN - 1, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 1), NETBACK_DROP);
	s[0] = piece(0, 0, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 1), NETBACK_DROP);

	/* Pieces larger than the first size says; every one is answered. */
	s[0] = piece(0, 100, MORE);
	s[1] = piece(0, 101, MORE);
	s[2] = piece(0, 5, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 3), NETBACK_DROP);
	KUNIT_EXPECT_EQ(test, c->nr, 3);
	KUNIT_EXPECT_EQ(test, c->piece[1].id, 101);

	/* 18 slots behind the first are legal, and as many as FATAL_SLOTS bearable. */
	s[0] = piece(0, 4000, MORE);
	for (i = 1; i <= FATAL_SLOTS; i++)
		s[i] = piece(0, 10, MORE);
	s[18].req.flags = 0;
	KUNIT_EXPECT_EQ(test, run(test, c, s, 19), NETBACK_PACKET);
	KUNIT_EXPECT_EQ(test, c->nr, 19);
	KUNIT_EXPECT_EQ(test, c->piece[0].size, 4000 - 180);
	s[18].req.flags = MORE;
	s[19].req.flags = 0;
	KUNIT_EXPECT_EQ(test, run(test, c, s, 20), NETBACK_DROP);
	KUNIT_EXPECT_EQ(test, c->nr, 20);
	s[19].req.flags = MORE;
	s[20].req.flags = 0;
	KUNIT_EXPECT_EQ(test, run(test, c, s, 21), NETBACK_DROP);
}

/* The slot before the extra may say anything, also that more follows. */
static void multicast(struct kunit *test)
{
	static const u8 addr[ETH_ALEN] = { 1, 2, 3, 4, 5, 6 };
	struct netback_chain *c = alloc_chain(test);
	union netback_tx_slot s[3];

	s[0] = piece(5000, 0, EXTRA | MORE);
	s[1] = extra(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 0);
	memcpy(s[1].extra.u.mcast.addr, addr, ETH_ALEN);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_MCAST);
	KUNIT_EXPECT_EQ(test, c->mcast, XEN_NETIF_EXTRA_TYPE_MCAST_ADD);
	KUNIT_EXPECT_EQ(test, memcmp(c->addr, addr, ETH_ALEN), 0);
	KUNIT_EXPECT_EQ(test, c->nr, 1);
	KUNIT_EXPECT_EQ(test, c->nr_extras, 1);

	/* Of two the first counts; both are answered. */
	s[1].extra.flags = XEN_NETIF_EXTRA_FLAG_MORE;
	s[2] = extra(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 3), NETBACK_MCAST);
	KUNIT_EXPECT_EQ(test, c->mcast, XEN_NETIF_EXTRA_TYPE_MCAST_ADD);
	KUNIT_EXPECT_EQ(test, memcmp(c->addr, addr, ETH_ALEN), 0);
	KUNIT_EXPECT_EQ(test, c->nr_extras, 2);

	/* The next packet has none of it. */
	s[0] = piece(0, 100, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 1), NETBACK_PACKET);
	KUNIT_EXPECT_EQ(test, c->mcast, 0);
}

static void fatal_packets(struct kunit *test)
{
	struct netback_chain *c = alloc_chain(test);
	union netback_tx_slot s[FATAL_SLOTS + 2];
	unsigned int i;

	s[0] = piece(0, 4000, MORE);
	for (i = 1; i < FATAL_SLOTS + 2; i++)
		s[i] = piece(0, 10, MORE);
	KUNIT_EXPECT_EQ(test, run(test, c, s, FATAL_SLOTS + 2), NETBACK_FATAL);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, c->why);

	s[0] = piece(4000, 97, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 1), NETBACK_FATAL);
	s[0] = piece(65535, 65535, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 1), NETBACK_FATAL);
	s[0] = piece(0, 5000, MORE);
	s[1] = piece(4095, 2, MORE);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	/* More is left to the first piece than its page holds. */
	s[1] = piece(0, 1, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);

	s[0] = piece(0, 1000, EXTRA);
	s[1] = gso(XEN_NETIF_GSO_TYPE_TCPV4, 0, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	s[1] = gso(XEN_NETIF_GSO_TYPE_NONE, 1448, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	s[1] = gso(3, 1448, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	s[1] = extra(XEN_NETIF_EXTRA_TYPE_NONE, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	s[1] = extra(XEN_NETIF_EXTRA_TYPE_MAX, 0);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	s[1] = extra(255, 255);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 2), NETBACK_FATAL);
	/* An endless chain of extras. */
	for (i = 1; i < 7; i++)
		s[i] = extra(XEN_NETIF_EXTRA_TYPE_HASH,
			     XEN_NETIF_EXTRA_FLAG_MORE);
	KUNIT_EXPECT_EQ(test, run(test, c, s, 7), NETBACK_FATAL);
}

static void check_packet(struct kunit *test, const struct netback_chain *c)
{
	unsigned int i, sum = 0;

	KUNIT_ASSERT_GE(test, c->nr, 1);
	KUNIT_ASSERT_LE(test, c->nr, NETBACK_LEGAL_SLOTS);
	KUNIT_ASSERT_GE(test, c->total, ETH_HLEN);
	for (i = 0; i < c->nr; i++) {
		KUNIT_ASSERT_LE(test, c->piece[i].offset + c->piece[i].size,
				4096);
		sum += c->piece[i].size;
	}
	KUNIT_ASSERT_EQ(test, sum, c->total);
}

/* The greatest limit there may be is what the array holds. */
static void most_slots(struct kunit *test)
{
	union netback_tx_slot slot = piece(0, 4000, MORE);
	struct netback_chain *c = alloc_chain(test);
	unsigned int i;

	netback_chain_start(c);
	netback_chain_add(c, &slot, U32_MAX);
	slot = piece(0, 10, MORE);
	for (i = 0; i < NETBACK_MAX_SLOTS; i++)
		KUNIT_EXPECT_EQ(test, netback_chain_add(c, &slot, U32_MAX),
				NETBACK_MORE);
	KUNIT_EXPECT_EQ(test, c->nr, ARRAY_SIZE(c->piece));
	KUNIT_EXPECT_EQ(test, netback_chain_add(c, &slot, U32_MAX),
			NETBACK_FATAL);
}

/* Whatever the bytes are: bounded, and what is accepted adds up. */
static void random_bytes(struct kunit *test)
{
	struct netback_chain *c = alloc_chain(test);
	unsigned int n, len, slots = 0, packets = 0;
	union netback_tx_slot slot;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 20260102);
	for (n = 0; n < 200000; n++) {
		enum netback_verdict verdict;

		netback_chain_start(c);
		len = 0;
		do {
			prandom_bytes_state(&rnd, &slot, sizeof(slot));
			slot.req.offset &= 0x7ff;
			slot.req.size &= len ? 0x1ff : 0x7ff;
			slot.req.flags &= n & 1 ? 0xf : MORE;
			verdict = netback_chain_add(c, &slot, FATAL_SLOTS);
			len++;
		} while (verdict == NETBACK_MORE);
		slots += len;
		KUNIT_ASSERT_LE(test, len,
				FATAL_SLOTS + 2 + NETBACK_MAX_EXTRAS);
		KUNIT_ASSERT_LE(test, c->nr, FATAL_SLOTS + 1);
		if (verdict != NETBACK_FATAL)
			KUNIT_ASSERT_EQ(test, c->nr + c->nr_extras, len);
		if (verdict == NETBACK_PACKET) {
			packets++;
			check_packet(test, c);
		}
	}
	KUNIT_EXPECT_GT(test, packets, 1000);
	kunit_info(test, "%u slots, %u packets", slots, packets);
}

static struct kunit_case netparse_cases[] = {
	KUNIT_CASE(good_packets),
	KUNIT_CASE(dropped_packets),
	KUNIT_CASE(multicast),
	KUNIT_CASE(fatal_packets),
	KUNIT_CASE(most_slots),
	KUNIT_CASE(random_bytes),
	{},
};

static struct kunit_suite netparse_suite = {
	.name = "netback-parse",
	.test_cases = netparse_cases,
};

kunit_test_suite(netparse_suite);

MODULE_DESCRIPTION("Tests of the parsing of packets");
MODULE_LICENSE("Dual MIT/GPL");
