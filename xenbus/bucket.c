// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A token bucket; see bucket.h. */

#include <linux/bits.h>
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "bucket.h"

/* Without a burst of its own a bucket holds what comes in a tenth of a second. */
#define DEFAULT_DEPTH (NSEC_PER_SEC / 10)

static u64 time_of(const struct xbe_bucket *bucket, u64 tokens)
{
	return div64_u64(min(tokens, XBE_BUCKET_MOST) * NSEC_PER_SEC,
			 bucket->rate);
}

/**
 * xbe_bucket_set() - give a bucket its rate; it is full then
 * @bucket: the bucket
 * @rate: tokens a second; 0 is no limit
 * @burst: tokens of a full bucket; 0 is a tenth of @rate, 1 at least
 * @now: nanoseconds
 *
 * Context: any; pure.
 */
void xbe_bucket_set(struct xbe_bucket *bucket, u64 rate, u64 burst, u64 now)
{
	bucket->rate = rate;
	bucket->full_at = now;
	if (!rate)
		return;
	if (burst)
		bucket->depth = time_of(bucket, burst);
	else
		bucket->depth = max_t(u64, DEFAULT_DEPTH, time_of(bucket, 1));
}
EXPORT_SYMBOL_NS_GPL(xbe_bucket_set, XEN_BACKENDS);

/**
 * xbe_bucket_wait() - how long until something may be taken
 * @bucket: the bucket
 * @now: nanoseconds
 *
 * Context: any; pure.
 * Return: nanoseconds; 0 when something may be taken.
 */
u64 xbe_bucket_wait(const struct xbe_bucket *bucket, u64 now)
{
	if (!bucket->rate || bucket->full_at < now + bucket->depth)
		return 0;
	return bucket->full_at - now - bucket->depth + 1;
}
EXPORT_SYMBOL_NS_GPL(xbe_bucket_wait, XEN_BACKENDS);

/**
 * xbe_bucket_charge() - take tokens, more than there are if need be
 * @bucket: the bucket
 * @tokens: how many; above 2^33 it is 2^33
 * @now: nanoseconds
 *
 * Context: any; pure.
 * Return: the nanoseconds in which as many come back.
 */
u64 xbe_bucket_charge(struct xbe_bucket *bucket, u64 tokens, u64 now)
{
	u64 cost;

	if (!bucket->rate)
		return 0;
	cost = time_of(bucket, tokens);
	bucket->full_at = max(bucket->full_at, now) + cost;
	return cost;
}
EXPORT_SYMBOL_NS_GPL(xbe_bucket_charge, XEN_BACKENDS);
