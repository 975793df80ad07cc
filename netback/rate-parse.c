// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The text of a vif's limit, as libxl and xapi write it: "BYTES,MICROSECONDS".
 * Pure.
 */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "rate.h"

/* Enough to recognise a value by. */
#define SHOWN 48
/* Its product with a second's microseconds is in 64 bits. */
#define MOST_BYTES BIT_ULL(40)
#define MOST_USEC (3600ull * USEC_PER_SEC)

#define RANGE "BYTES,MICROSECONDS with 1 to %llu and 0 (no limit) to %llu"

/* A decimal without a sign, of the first @len bytes. */
static int parse_number(const char *text, size_t len, u64 *value)
{
	char digits[24];

	if (!len || len >= sizeof(digits) || !isdigit(text[0]))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = 0;
	return isdigit(digits[len - 1]) ? kstrtou64(digits, 10, value) :
					  -EINVAL;
}

static int parse(const char *text, struct netback_rate_text *rate)
{
	const char *comma = strchr(text, ',');
	int err;

	if (!comma)
		return -EINVAL;
	err = parse_number(text, comma - text, &rate->bytes);
	if (!err)
		err = parse_number(comma + 1, strlen(comma + 1), &rate->usec);
	if (err)
		return err;
	if (!rate->bytes || rate->bytes > MOST_BYTES || rate->usec > MOST_USEC)
		return -ERANGE;
	return 0;
}

/**
 * netback_rate_parse() - check the text of a vif's limit
 * @text: the text; NULL or an empty one is no limit
 * @rate: set on success only; 0 microseconds are no limit, as in-tree has it
 * @why: filled with the value and what is allowed on failure
 * @size: room in @why, 1 or more
 *
 * Context: any; pure.
 * Return: 0, -EINVAL or -ERANGE.
 */
int netback_rate_parse(const char *text, struct netback_rate_text *rate,
		       char *why, size_t size)
{
	struct netback_rate_text read = {};
	size_t len = text ? strlen(text) : 0;
	int err = len ? parse(text, &read) : 0;

	if (!err) {
		*rate = read;
		return 0;
	}
	len = min_t(size_t, len, SHOWN);
	scnprintf(why, size, "rate is \"%*pE\", allowed is " RANGE, (int)len,
		  text, MOST_BYTES, MOST_USEC);
	return err;
}

/**
 * netback_rate_of() - what a limit comes to
 * @rate: as it was parsed
 * @burst: filled with the bytes that may come at once after a rest
 *
 * The burst is the in-tree driver's: what comes in one interval, and no less than
 * two of the largest packets, which a guest would never get through with otherwise.
 *
 * Context: any; pure.
 * Return: bytes a second, 0 for no limit.
 */
u64 netback_rate_of(const struct netback_rate_text *rate, u64 *burst)
{
	*burst = max_t(u64, rate->bytes, NETBACK_LEAST_BURST);
	if (!rate->usec)
		return 0;
	return max_t(u64, 1, div64_u64(rate->bytes * USEC_PER_SEC, rate->usec));
}
