// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Where the blank checksum of a frame is: found where it is, and nowhere else. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/random.h>

#include "../../netback/csum.c"

#define ETH ETH_HLEN
#define TCP_CHECK offsetof(struct tcphdr, check)
#define UDP_CHECK offsetof(struct udphdr, check)

static void put_type(u8 *frame, unsigned int at, u16 type)
{
	frame[at] = type >> 8;
	frame[at + 1] = type;
}

/* An IPv4 frame; @words of its header. */
static void make_v4(u8 *frame, unsigned int at, unsigned int words, u8 protocol)
{
	memset(frame, 0, 256);
	put_type(frame, at - 2, ETH_P_IP);
	frame[at] = 0x40 | words;
	frame[at + 9] = protocol;
}

static void make_v6(u8 *frame, u8 next)
{
	memset(frame, 0, 512);
	put_type(frame, ETH - 2, ETH_P_IPV6);
	frame[ETH] = 0x60;
	frame[ETH + 6] = next;
}

static void expect(struct kunit *test, const u8 *frame, unsigned int len,
		   unsigned int start, unsigned int at)
{
	struct netback_csum csum = {};

	KUNIT_ASSERT_TRUE(test, netback_csum_find(frame, len, &csum));
	KUNIT_EXPECT_EQ(test, csum.start, start);
	KUNIT_EXPECT_EQ(test, csum.at, start + at);
}

static void expect_none(struct kunit *test, const u8 *frame, unsigned int len)
{
	struct netback_csum csum;

	KUNIT_EXPECT_FALSE(test, netback_csum_find(frame, len, &csum));
}

static void v4(struct kunit *test)
{
	u8 frame[256];

	make_v4(frame, ETH, 5, IPPROTO_TCP);
	expect(test, frame, ETH + 40, ETH + 20, TCP_CHECK);
	expect_none(test, frame, ETH + 39);
	make_v4(frame, ETH, 15, IPPROTO_UDP);
	expect(test, frame, ETH + 68, ETH + 60, UDP_CHECK);
	expect_none(test, frame, ETH + 67);
	make_v4(frame, ETH, 5, IPPROTO_ICMP);
	expect_none(test, frame, 256);
	make_v4(frame, ETH, 4, IPPROTO_TCP);
	expect_none(test, frame, 256);
}

static void fragments(struct kunit *test)
{
	u8 frame[512];

	make_v4(frame, ETH, 5, IPPROTO_UDP);
	frame[ETH + 6] = 0x40; /* must not be one */
	expect(test, frame, 256, ETH + 20, UDP_CHECK);
	frame[ETH + 6] = 0x20;
	expect_none(test, frame, 256);
	frame[ETH + 6] = 0;
	frame[ETH + 7] = 1;
	expect_none(test, frame, 256);

	make_v6(frame, NEXTHDR_FRAGMENT);
	frame[ETH + 40] = IPPROTO_UDP;
	expect(test, frame, 512, ETH + 48, UDP_CHECK);
	frame[ETH + 43] = 1;
	expect_none(test, frame, 512);
}

static void tags(struct kunit *test)
{
	u8 frame[256];

	make_v4(frame, ETH + 4, 5, IPPROTO_TCP);
	put_type(frame, ETH - 2, ETH_P_8021Q);
	expect(test, frame, 256, ETH + 24, TCP_CHECK);
	make_v4(frame, ETH + 8, 5, IPPROTO_TCP);
	put_type(frame, ETH - 2, ETH_P_8021AD);
	put_type(frame, ETH + 2, ETH_P_8021Q);
	expect(test, frame, 256, ETH + 28, TCP_CHECK);
	make_v4(frame, ETH + 12, 5, IPPROTO_TCP);
	put_type(frame, ETH - 2, ETH_P_8021AD);
	put_type(frame, ETH + 2, ETH_P_8021Q);
	put_type(frame, ETH + 6, ETH_P_8021Q);
	expect_none(test, frame, 256);
}

static void v6_headers(struct kunit *test)
{
	u8 frame[512];

	make_v6(frame, IPPROTO_TCP);
	expect(test, frame, ETH + 60, ETH + 40, TCP_CHECK);
	expect_none(test, frame, ETH + 59);
	make_v6(frame, NEXTHDR_HOP);
	frame[ETH + 40] = NEXTHDR_AUTH;
	frame[ETH + 41] = 1; /* 16 bytes */
	frame[ETH + 56] = IPPROTO_UDP;
	frame[ETH + 57] = 4; /* 24 bytes */
	expect(test, frame, 512, ETH + 80, UDP_CHECK);
	/* As far as skb_checksum_setup() looks. */
	make_v6(frame, NEXTHDR_DEST);
	frame[ETH + 40] = IPPROTO_UDP;
	frame[ETH + 41] = 31;
	expect_none(test, frame, 512);
}

/* No byte beyond the end is read: KASAN would say so. */
static void any_frame(struct kunit *test)
{
	static const u16 types[] = { ETH_P_IP, ETH_P_IPV6, ETH_P_8021Q };
	unsigned int len, i;

	for (i = 0; i < 20000; i++) {
		struct netback_csum csum;
		u8 *frame;

		len = 1 + i % 128;
		frame = kunit_kmalloc(test, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, frame);
		get_random_bytes(frame, len);
		if (len >= ETH)
			put_type(frame, ETH - 2, types[i % 3]);
		if (netback_csum_find(frame, len, &csum))
			KUNIT_ASSERT_LE(test, csum.at + 2, len);
		kunit_kfree(test, frame);
	}
}

static struct kunit_case netcsum_cases[] = {
	KUNIT_CASE(v4),		KUNIT_CASE(fragments), KUNIT_CASE(tags),
	KUNIT_CASE(v6_headers), KUNIT_CASE(any_frame), {},
};

static struct kunit_suite netcsum_suite = {
	.name = "netback-csum",
	.test_cases = netcsum_cases,
};

kunit_test_suite(netcsum_suite);

MODULE_DESCRIPTION("Tests of where a blank checksum is");
MODULE_LICENSE("Dual MIT/GPL");
