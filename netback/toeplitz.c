// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The Toeplitz hash: for each bit of the input that is set, 32 bits of the key
 * from that bit's number on. Pure.
 *
 * The hash of each half byte is looked up, as bit by bit it would take 96 to
 * 288 rounds a packet: 24 to 72 of them are left, and no cache is needed.
 */

#include <linux/kernel.h>
#include <linux/build_bug.h>

#include "toeplitz.h"

/* 32 bits of the key, from a bit on. */
static u32 window(const u8 *key, unsigned int bit)
{
	const u8 *from = key + bit / 8;
	u64 bits = 0;
	unsigned int i;

	for (i = 0; i < 5; i++)
		bits = bits << 8 | from[i];
	return bits >> (8 - bit % 8);
}

/**
 * netback_toeplitz_set() - make a key ready
 * @toeplitz: filled
 * @key: NETBACK_HASH_KEY_SIZE bytes
 *
 * Context: any; pure.
 */
void netback_toeplitz_set(struct netback_toeplitz *toeplitz, const u8 *key)
{
	unsigned int half, bit, value;

	/* The last byte of the input meets the last 32 bits of a key. */
	BUILD_BUG_ON(ARRAY_SIZE(toeplitz->part) / 2 + 4 >
		     NETBACK_HASH_KEY_SIZE);
	for (half = 0; half < ARRAY_SIZE(toeplitz->part); half++) {
		u32 *part = toeplitz->part[half];

		part[0] = 0;
		/* The leftmost bit of a half is its greatest. */
		for (bit = 0; bit < 4; bit++)
			part[8 >> bit] = window(key, 4 * half + bit);
		for (value = 1; value < 16; value++)
			part[value] = part[value & 8] ^ part[value & 4] ^
				      part[value & 2] ^ part[value & 1];
	}
}

/**
 * netback_toeplitz_hash() - hash some bytes
 * @toeplitz: a key made ready
 * @input: the bytes
 * @len: how many, at most NETBACK_HASH_INPUT
 *
 * Context: any; pure.
 * Return: the hash.
 */
u32 netback_toeplitz_hash(const struct netback_toeplitz *toeplitz,
			  const u8 *input, unsigned int len)
{
	unsigned int i;
	u32 hash = 0;

	for (i = 0; i < len; i++)
		hash ^= toeplitz->part[2 * i][input[i] >> 4] ^
			toeplitz->part[2 * i + 1][input[i] & 15];
	return hash;
}
