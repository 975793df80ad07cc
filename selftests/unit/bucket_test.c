// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The token bucket of a vbd's limits, on a clock of the test's own. */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../xenbus/bucket.c"
#include "../../blkback/limit-parse.c"

#define SECOND ((u64)NSEC_PER_SEC)

/* Takes tokens by ones until none is left; how many there were. */
static unsigned int empty(struct xbe_bucket *bucket, u64 now)
{
	unsigned int n = 0;

	while (n < 100000 && !xbe_bucket_wait(bucket, now)) {
		xbe_bucket_charge(bucket, 1, now);
		n++;
	}
	return n;
}

static void no_limit_never_waits(struct kunit *test)
{
	struct xbe_bucket bucket = {};

	xbe_bucket_set(&bucket, 0, 0, SECOND);
	KUNIT_EXPECT_EQ(test, empty(&bucket, SECOND), 100000);
	KUNIT_EXPECT_EQ(test, xbe_bucket_charge(&bucket, ~0ull, SECOND), 0);
}

static void burst_then_rate(struct kunit *test)
{
	struct xbe_bucket bucket = {};
	u64 now = 5 * SECOND;

	xbe_bucket_set(&bucket, 100, 20, now);
	KUNIT_EXPECT_EQ(test, empty(&bucket, now), 20);
	/* One more each hundredth of a second, and no two. */
	KUNIT_EXPECT_GT(test, xbe_bucket_wait(&bucket, now), 0);
	KUNIT_EXPECT_LE(test, xbe_bucket_wait(&bucket, now), SECOND / 100);
	KUNIT_EXPECT_EQ(test, empty(&bucket, now + SECOND / 100), 1);
	/* What has come back by then is there all at once. */
	KUNIT_EXPECT_EQ(test, empty(&bucket, now + SECOND / 10), 9);
	/* Rest does not fill it above its burst. */
	KUNIT_EXPECT_EQ(test, empty(&bucket, now + 3600 * SECOND), 20);
}

static void wait_is_exact(struct kunit *test)
{
	static const u64 rates[] = { 1, 3, 7, 1000, 999999, 10000000 };
	struct xbe_bucket bucket = {};
	unsigned int i;
	u64 now, wait;

	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		now = SECOND;
		xbe_bucket_set(&bucket, rates[i], 1, now);
		xbe_bucket_charge(&bucket, 1, now);
		wait = xbe_bucket_wait(&bucket, now);
		KUNIT_EXPECT_GT(test, wait, 0);
		now += wait;
		KUNIT_EXPECT_GT(test, xbe_bucket_wait(&bucket, now - 1), 0);
		KUNIT_EXPECT_EQ(test, xbe_bucket_wait(&bucket, now), 0);
	}
}

static void rate_over_time(struct kunit *test)
{
	struct xbe_bucket bucket = {};
	u64 now = SECOND, end = 11 * SECOND, taken = 0;

	/* 44 KiB at a time, more than the bucket holds: 1 MiB a second. */
	xbe_bucket_set(&bucket, 1 << 20, 4096, now);
	while (now < end) {
		now += xbe_bucket_wait(&bucket, now);
		xbe_bucket_charge(&bucket, 45056, now);
		taken += 45056;
	}
	KUNIT_EXPECT_GE(test, taken, 10ull << 20);
	KUNIT_EXPECT_LE(test, taken, (10ull << 20) + 2 * 45056);
}

static void default_burst(struct kunit *test)
{
	struct xbe_bucket bucket = {};

	xbe_bucket_set(&bucket, 1000, 0, SECOND);
	KUNIT_EXPECT_EQ(test, empty(&bucket, SECOND), 100);
	xbe_bucket_set(&bucket, 2, 0, SECOND);
	KUNIT_EXPECT_EQ(test, empty(&bucket, SECOND), 1);
}

/* A guest cannot run up a debt without end, nor make a product overflow. */
static void extremes(struct kunit *test)
{
	struct xbe_bucket bucket = {};

	xbe_bucket_set(&bucket, 4096, 512, SECOND);
	xbe_bucket_charge(&bucket, ~0ull, SECOND);
	KUNIT_EXPECT_LE(test, xbe_bucket_wait(&bucket, SECOND),
			(XBE_BUCKET_MOST / 4096 + 1) * SECOND);
	xbe_bucket_set(&bucket, 100000000000, XBE_BUCKET_MOST, SECOND);
	KUNIT_EXPECT_EQ(test, xbe_bucket_wait(&bucket, SECOND), 0);
	KUNIT_EXPECT_EQ(test, xbe_bucket_charge(&bucket, 4096, SECOND), 40);
}

struct text {
	enum blkback_limit which;
	const char *text;
	int err;
	u64 value;
};

static const struct text texts[] = {
	{ BLKBACK_LIMIT_IOPS, NULL, 0, 0 },
	{ BLKBACK_LIMIT_IOPS, "", 0, 0 },
	{ BLKBACK_LIMIT_IOPS, "0", 0, 0 },
	{ BLKBACK_LIMIT_IOPS, "1", 0, 1 },
	{ BLKBACK_LIMIT_IOPS, "10000000", 0, 10000000 },
	{ BLKBACK_LIMIT_IOPS, "10000001", -ERANGE, 0 },
	{ BLKBACK_LIMIT_IOPS, "-1", -EINVAL, 0 },
	{ BLKBACK_LIMIT_IOPS, "+1", -EINVAL, 0 },
	{ BLKBACK_LIMIT_IOPS, " 1", -EINVAL, 0 },
	{ BLKBACK_LIMIT_IOPS, "1k", -EINVAL, 0 },
	{ BLKBACK_LIMIT_IOPS, "0x10", -EINVAL, 0 },
	{ BLKBACK_LIMIT_IOPS, "18446744073709551616", -ERANGE, 0 },
	{ BLKBACK_LIMIT_BPS, "4095", -ERANGE, 0 },
	{ BLKBACK_LIMIT_BPS, "4096", 0, 4096 },
	{ BLKBACK_LIMIT_BPS, "100000000000", 0, 100000000000 },
	{ BLKBACK_LIMIT_BPS, "100000000001", -ERANGE, 0 },
	{ BLKBACK_LIMIT_BPS_BURST, "8589934593", -ERANGE, 0 },
};

static void limit_texts(struct kunit *test)
{
	const struct blkback_limit_key *key;
	char why[128];
	unsigned int i;
	u64 value;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		key = &blkback_limit_keys[texts[i].which];
		value = 0;
		why[0] = '\0';
		KUNIT_EXPECT_EQ_MSG(test,
				    blkback_limit_parse(key, texts[i].text,
							&value, why,
							sizeof(why)),
				    texts[i].err, "%s",
				    texts[i].text ? texts[i].text : "NULL");
		KUNIT_EXPECT_EQ(test, value, texts[i].value);
		if (!texts[i].err)
			continue;
		KUNIT_EXPECT_PTR_NE_MSG(test, strstr(why, key->name),
					(char *)NULL, "%s", why);
		KUNIT_EXPECT_PTR_NE_MSG(test, strstr(why, "allowed is"),
					(char *)NULL, "%s", why);
	}
}

static struct kunit_case bucket_cases[] = {
	KUNIT_CASE(no_limit_never_waits), KUNIT_CASE(burst_then_rate),
	KUNIT_CASE(wait_is_exact),	  KUNIT_CASE(rate_over_time),
	KUNIT_CASE(default_burst),	  KUNIT_CASE(extremes),
	KUNIT_CASE(limit_texts),	  {},
};

static struct kunit_suite bucket_suite = {
	.name = "blkback-bucket",
	.test_cases = bucket_cases,
};

kunit_test_suite(bucket_suite);

MODULE_DESCRIPTION("Tests of the token bucket");
MODULE_LICENSE("Dual MIT/GPL");
