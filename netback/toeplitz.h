/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The Toeplitz hash of xen/interface/io/netif.h.
 *
 * toeplitz.c: netback_toeplitz_set() netback_toeplitz_hash()
 */
#ifndef XEN_BACKENDS_NETBACK_TOEPLITZ_H
#define XEN_BACKENDS_NETBACK_TOEPLITZ_H

#include <linux/types.h>

/* Bytes of a key; in-tree's limit, and what Windows uses. */
#define NETBACK_HASH_KEY_SIZE 40
/* Most bytes that are hashed: two IPv6 addresses and two ports. */
#define NETBACK_HASH_INPUT 36

/**
 * struct netback_toeplitz - a key, made ready
 * @part: what each value of each half of a byte of the input adds to the hash;
 *	the upper half of byte 0 comes first
 */
struct netback_toeplitz {
	u32 part[2 * NETBACK_HASH_INPUT][16];
};

void netback_toeplitz_set(struct netback_toeplitz *toeplitz, const u8 *key);
u32 netback_toeplitz_hash(const struct netback_toeplitz *toeplitz,
			  const u8 *input, unsigned int len);

#endif
