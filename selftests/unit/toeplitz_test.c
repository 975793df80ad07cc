// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The Toeplitz hash, against what Microsoft has published to verify it by
 * ("Verifying the RSS Hash Calculation") and against its definition.
 */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <asm/byteorder.h>

#include "../../netback/toeplitz.c"

static const u8 published_key[NETBACK_HASH_KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

#define IP4(_a, _b, _c, _d)    \
	{                      \
		_a, _b, _c, _d \
	}

static const struct vector4 {
	u8 dst[4];
	u16 dport;
	u8 src[4];
	u16 sport;
	u32 without;
	u32 with;
} vectors4[] = {
	{ IP4(161, 142, 100, 80), 1766, IP4(66, 9, 149, 187), 2794, 0x323e8fc2,
	  0x51ccc178 },
	{ IP4(65, 69, 140, 83), 4739, IP4(199, 92, 111, 2), 14230, 0xd718262a,
	  0xc626b0ea },
	{ IP4(12, 22, 207, 184), 38024, IP4(24, 19, 198, 95), 12898, 0xd2d0a5de,
	  0x5c2b394a },
	{ IP4(209, 142, 163, 6), 2217, IP4(38, 27, 205, 30), 48228, 0x82989176,
	  0xafc7327f },
	{ IP4(202, 188, 127, 2), 1303, IP4(153, 39, 163, 191), 44251,
	  0x5d1809c5, 0x10e828a2 },
};

static const struct vector6 {
	u16 dst[8];
	u16 dport;
	u16 src[8];
	u16 sport;
	u32 without;
	u32 with;
} vectors6[] = {
	{ { 0x3ffe, 0x2501, 0x200, 3, 0, 0, 0, 1 },
	  1766,
	  { 0x3ffe, 0x2501, 0x200, 0x1fff, 0, 0, 0, 7 },
	  2794,
	  0x2cc18cd5,
	  0x40207d3d },
	{ { 0xff02, 0, 0, 0, 0, 0, 0, 1 },
	  4739,
	  { 0x3ffe, 0x501, 8, 0, 0x260, 0x97ff, 0xfe40, 0xefab },
	  14230,
	  0x0f0c461c,
	  0xdde51bbf },
	{ { 0xfe80, 0, 0, 0, 0x200, 0xf8ff, 0xfe21, 0x67cf },
	  38024,
	  { 0x3ffe, 0x1900, 0x4545, 3, 0x200, 0xf8ff, 0xfe21, 0x67cf },
	  44251,
	  0x4b61e985,
	  0x02d1feef },
};

static u8 *put16(u8 *at, u16 value)
{
	at[0] = value >> 8;
	at[1] = value & 255;
	return at + 2;
}

static u8 *put_ip6(u8 *at, const u16 *words)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		at = put16(at, words[i]);
	return at;
}

static struct netback_toeplitz *alloc_toeplitz(struct kunit *test)
{
	struct netback_toeplitz *toeplitz =
		kunit_kzalloc(test, sizeof(*toeplitz), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, toeplitz);
	return toeplitz;
}

static void published_ipv4(struct kunit *test)
{
	struct netback_toeplitz *toeplitz = alloc_toeplitz(test);
	u8 input[NETBACK_HASH_INPUT];
	unsigned int i;

	netback_toeplitz_set(toeplitz, published_key);
	for (i = 0; i < ARRAY_SIZE(vectors4); i++) {
		const struct vector4 *v = &vectors4[i];

		memcpy(input, v->src, 4);
		memcpy(input + 4, v->dst, 4);
		put16(put16(input + 8, v->sport), v->dport);
		KUNIT_EXPECT_EQ(test, netback_toeplitz_hash(toeplitz, input, 8),
				v->without);
		KUNIT_EXPECT_EQ(test,
				netback_toeplitz_hash(toeplitz, input, 12),
				v->with);
	}
}

static void published_ipv6(struct kunit *test)
{
	struct netback_toeplitz *toeplitz = alloc_toeplitz(test);
	u8 input[NETBACK_HASH_INPUT];
	unsigned int i;

	netback_toeplitz_set(toeplitz, published_key);
	for (i = 0; i < ARRAY_SIZE(vectors6); i++) {
		const struct vector6 *v = &vectors6[i];
		u8 *ports = put_ip6(put_ip6(input, v->src), v->dst);

		put16(put16(ports, v->sport), v->dport);
		KUNIT_EXPECT_EQ(test,
				netback_toeplitz_hash(toeplitz, input, 32),
				v->without);
		KUNIT_EXPECT_EQ(test,
				netback_toeplitz_hash(toeplitz, input, 36),
				v->with);
	}
}

/* netif.h's definition, bit by bit. */
static u32 by_definition(const u8 *key, const u8 *input, unsigned int len)
{
	unsigned int bit, i;
	u32 hash = 0;

	for (bit = 0; bit < 8 * len; bit++) {
		u32 leftmost = 0;

		if (!(input[bit / 8] & 0x80 >> bit % 8))
			continue;
		for (i = bit; i < bit + 32; i++)
			leftmost = leftmost << 1 |
				   !!(key[i / 8] & 0x80 >> i % 8);
		hash ^= leftmost;
	}
	return hash;
}

static void any_key_and_length(struct kunit *test)
{
	struct netback_toeplitz *toeplitz = alloc_toeplitz(test);
	u8 key[NETBACK_HASH_KEY_SIZE], input[NETBACK_HASH_INPUT];
	struct rnd_state rnd;
	unsigned int n, len;

	prandom_seed_state(&rnd, 20260103);
	for (n = 0; n < 200; n++) {
		prandom_bytes_state(&rnd, key, sizeof(key));
		prandom_bytes_state(&rnd, input, sizeof(input));
		netback_toeplitz_set(toeplitz, key);
		for (len = 0; len <= sizeof(input); len++)
			KUNIT_ASSERT_EQ(test,
					netback_toeplitz_hash(toeplitz, input,
							      len),
					by_definition(key, input, len));
	}
}

/* netif.h: without a key the hash is always 0. */
static void no_key(struct kunit *test)
{
	struct netback_toeplitz *toeplitz = alloc_toeplitz(test);
	u8 key[NETBACK_HASH_KEY_SIZE] = {}, input[NETBACK_HASH_INPUT];
	u32 hash;

	memset(input, 0xff, sizeof(input));
	netback_toeplitz_set(toeplitz, published_key);
	netback_toeplitz_set(toeplitz, key);
	hash = netback_toeplitz_hash(toeplitz, input, sizeof(input));
	KUNIT_EXPECT_EQ(test, hash, 0);
}

static struct kunit_case toeplitz_cases[] = {
	KUNIT_CASE(published_ipv4),
	KUNIT_CASE(published_ipv6),
	KUNIT_CASE(any_key_and_length),
	KUNIT_CASE(no_key),
	{},
};

static struct kunit_suite toeplitz_suite = {
	.name = "netback-toeplitz",
	.test_cases = toeplitz_cases,
};

kunit_test_suite(toeplitz_suite);

MODULE_DESCRIPTION("Tests of the Toeplitz hash");
MODULE_LICENSE("Dual MIT/GPL");
