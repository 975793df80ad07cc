// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A token bucket and the texts that set one; see bucket.h. */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "bucket.h"

/* Without a burst of its own a bucket holds what comes in a tenth of a second. */
#define DEFAULT_DEPTH (NSEC_PER_SEC / 10)

/*
 * Keeps every product below in 64 bits, and a bucket's debt within what a
 * person would still call a limit: 2^33 tokens are 8 GiB.
 */
#define MAX_TOKENS BIT_ULL(33)

/* Enough to recognise a value by. */
#define SHOWN 24

const struct blkback_limit_key blkback_limit_keys[BLKBACK_NR_LIMITS] = {
	[BLKBACK_LIMIT_IOPS] = { "iops", 1, 10000000 },
	[BLKBACK_LIMIT_IOPS_BURST] = { "iops-burst", 1, 10000000 },
	/* Less would have a full request wait for minutes. */
	[BLKBACK_LIMIT_BPS] = { "bps", 4096, 100000000000 },
	[BLKBACK_LIMIT_BPS_BURST] = { "bps-burst", 512, MAX_TOKENS },
};

static u64 time_of(const struct blkback_bucket *bucket, u64 tokens)
{
	return div64_u64(min(tokens, MAX_TOKENS) * NSEC_PER_SEC, bucket->rate);
}

/**
 * blkback_bucket_set() - give a bucket its rate; it is full then
 * @bucket: the bucket
 * @rate: tokens a second; 0 is no limit
 * @burst: tokens of a full bucket; 0 is a tenth of @rate, 1 at least
 * @now: nanoseconds
 *
 * Context: any; pure.
 */
void blkback_bucket_set(struct blkback_bucket *bucket, u64 rate, u64 burst,
			u64 now)
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

/**
 * blkback_bucket_wait() - how long until something may be taken
 * @bucket: the bucket
 * @now: nanoseconds
 *
 * Context: any; pure.
 * Return: nanoseconds; 0 when something may be taken.
 */
u64 blkback_bucket_wait(const struct blkback_bucket *bucket, u64 now)
{
	if (!bucket->rate || bucket->full_at < now + bucket->depth)
		return 0;
	return bucket->full_at - now - bucket->depth + 1;
}

/**
 * blkback_bucket_charge() - take tokens, more than there are if need be
 * @bucket: the bucket
 * @tokens: how many; above 2^33 it is 2^33
 * @now: nanoseconds
 *
 * Context: any; pure.
 * Return: the nanoseconds in which as many come back.
 */
u64 blkback_bucket_charge(struct blkback_bucket *bucket, u64 tokens, u64 now)
{
	u64 cost;

	if (!bucket->rate)
		return 0;
	cost = time_of(bucket, tokens);
	bucket->full_at = max(bucket->full_at, now) + cost;
	return cost;
}

/**
 * blkback_limit_parse() - check the text of a limit
 * @key: which one
 * @text: the text; NULL or an empty one is 0
 * @value: set on success only
 * @why: filled with key, value and allowed range on failure
 * @size: room in @why, 1 or more
 *
 * Context: any; pure.
 * Return: 0, -EINVAL (no number) or -ERANGE.
 */
int blkback_limit_parse(const struct blkback_limit_key *key, const char *text,
			u64 *value, char *why, size_t size)
{
	size_t len = text ? strlen(text) : 0;
	u64 number = 0;
	int err = 0;

	/* kstrtou64() alone would take a sign. */
	if (len)
		err = isdigit(text[0]) && isdigit(text[len - 1]) ?
			      kstrtou64(text, 10, &number) :
			      -EINVAL;
	if (!err && number && (number < key->min || number > key->max))
		err = -ERANGE;
	if (!err) {
		*value = number;
		return 0;
	}
	scnprintf(why, size,
		  "%s is \"%*pE\", allowed is 0 (no limit) and %llu to %llu",
		  key->name, (int)min_t(size_t, len, SHOWN), text, key->min,
		  key->max);
	return err;
}
