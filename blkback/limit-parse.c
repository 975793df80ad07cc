// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The texts that set limits of a vbd; see limit-parse.h. */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "xenbus/bucket.h"
#include "limit-parse.h"

/* Enough to recognise a value by. */
#define SHOWN 24

const struct blkback_limit_key blkback_limit_keys[BLKBACK_NR_LIMITS] = {
	[BLKBACK_LIMIT_IOPS] = { "iops", 1, 10000000 },
	[BLKBACK_LIMIT_IOPS_BURST] = { "iops-burst", 1, 10000000 },
	/* Less would have a full request wait for minutes. */
	[BLKBACK_LIMIT_BPS] = { "bps", 4096, 100000000000 },
	[BLKBACK_LIMIT_BPS_BURST] = { "bps-burst", 512, XBE_BUCKET_MOST },
};

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
