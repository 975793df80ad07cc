/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The limits of a vbd as texts. Pure.
 *
 * limit-parse.c: blkback_limit_parse() blkback_limit_keys
 */
#ifndef XEN_BACKENDS_BLKBACK_LIMIT_PARSE_H
#define XEN_BACKENDS_BLKBACK_LIMIT_PARSE_H

#include <linux/types.h>

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

int blkback_limit_parse(const struct blkback_limit_key *key, const char *text,
			u64 *value, char *why, size_t size);

#endif
