/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A token bucket, for what a frontend may use a second. Pure: time comes from
 * outside.
 *
 * bucket.c: xbe_bucket_set() xbe_bucket_wait() xbe_bucket_charge()
 */
#ifndef XEN_BACKENDS_BUCKET_H
#define XEN_BACKENDS_BUCKET_H

#include <linux/bits.h>
#include <linux/types.h>

/*
 * The most tokens of a burst, or of one charge. It keeps every product in 64 bits,
 * and a bucket's debt within what a person would still call a limit: 8 GiB.
 */
#define XBE_BUCKET_MOST BIT_ULL(33)

/**
 * struct xbe_bucket - a token bucket, kept as the time at which it is full
 * @rate: tokens a second; 0 is no limit
 * @depth: nanoseconds that a full bucket is ahead of an empty one
 * @full_at: when it is full if nothing more is taken, in nanoseconds
 *
 * Whatever is taken moves @full_at on; while it is more than @depth ahead of
 * the clock the bucket is empty. One that is not empty gives as much as is
 * asked for and owes the rest, so a request larger than the bucket has its turn.
 */
struct xbe_bucket {
	u64 rate;
	u64 depth;
	u64 full_at;
};

void xbe_bucket_set(struct xbe_bucket *bucket, u64 rate, u64 burst, u64 now);
u64 xbe_bucket_wait(const struct xbe_bucket *bucket, u64 now);
u64 xbe_bucket_charge(struct xbe_bucket *bucket, u64 tokens, u64 now);

#endif
