/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A token bucket, and the texts that set one. Pure: time comes from outside.
 *
 * bucket.c: blkback_bucket_set() blkback_bucket_wait() blkback_bucket_charge()
 *           blkback_limit_parse() blkback_limit_keys
 */
#ifndef XEN_BACKENDS_BLKBACK_BUCKET_H
#define XEN_BACKENDS_BLKBACK_BUCKET_H

#include <linux/types.h>

/**
 * struct blkback_bucket - a token bucket, kept as the time at which it is full
 * @rate: tokens a second; 0 is no limit
 * @depth: nanoseconds that a full bucket is ahead of an empty one
 * @full_at: when it is full if nothing more is taken, in nanoseconds
 *
 * Whatever is taken moves @full_at on; while it is more than @depth ahead of
 * the clock the bucket is empty. One that is not empty gives as much as is
 * asked for and owes the rest, so a request larger than the bucket has its turn.
 */
struct blkback_bucket {
	u64 rate;
	u64 depth;
	u64 full_at;
};

/**
 * enum blkback_limit - the limits of a vbd
 * @BLKBACK_LIMIT_IOPS: requests a second
 * @BLKBACK_LIMIT_IOPS_BURST: requests at once after a rest
 * @BLKBACK_LIMIT_BPS: bytes a second
 * @BLKBACK_LIMIT_BPS_BURST: bytes at once after a rest
 * @BLKBACK_NR_LIMITS: how many there are
 */
enum blkback_limit {
	BLKBACK_LIMIT_IOPS,
	BLKBACK_LIMIT_IOPS_BURST,
	BLKBACK_LIMIT_BPS,
	BLKBACK_LIMIT_BPS_BURST,
	BLKBACK_NR_LIMITS
};

/**
 * struct blkback_limit_key - what a limit is called and may be
 * @name: its node below "limits" of the backend's directory
 * @min: least value but 0, which is always allowed and means none
 * @max: greatest value
 */
struct blkback_limit_key {
	const char *name;
	u64 min;
	u64 max;
};

extern const struct blkback_limit_key blkback_limit_keys[BLKBACK_NR_LIMITS];

void blkback_bucket_set(struct blkback_bucket *bucket, u64 rate, u64 burst,
			u64 now);
u64 blkback_bucket_wait(const struct blkback_bucket *bucket, u64 now);
u64 blkback_bucket_charge(struct blkback_bucket *bucket, u64 tokens, u64 now);
int blkback_limit_parse(const struct blkback_limit_key *key, const char *text,
			u64 *value, char *why, size_t size);

#endif
