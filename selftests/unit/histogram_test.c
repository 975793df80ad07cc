// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The buckets of histograms: each value is in one, from its least on. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "../../xenbus/histogram.c"

#define LAST (XBE_HISTOGRAM_BUCKETS - 1)

static void each_value_is_in_its_bucket(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(0), 0);
	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(1), 1);
	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(2), 2);
	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(3), 2);
	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(4), 3);
	for (i = 1; i <= LAST; i++) {
		u64 least = xbe_histogram_least(i);

		KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(least), i);
		KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(least - 1), i - 1);
	}
}

static void the_last_has_all_above(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xbe_histogram_least(LAST), 4194304);
	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(4194304 * 2), LAST);
	KUNIT_EXPECT_EQ(test, xbe_histogram_bucket(U64_MAX), LAST);
}

static void what_is_added_is_shown(struct kunit *test)
{
	static struct xbe_histogram histogram;
	char text[128] = "";
	struct seq_file m = { .buf = text, .size = sizeof(text) };

	xbe_histogram_add(&histogram, 0, 1);
	xbe_histogram_add(&histogram, 5, 3);
	xbe_histogram_add(&histogram, 7, 1);
	xbe_histogram_add(&histogram, U64_MAX, 2);
	xbe_histogram_show(&m, "name", "_us", &histogram);
	text[m.count] = '\0';
	KUNIT_EXPECT_STREQ(test, text,
			   "name_0_us: 1\nname_4_us: 4\nname_4194304_us: 2\n");
}

static struct kunit_case histogram_cases[] = {
	KUNIT_CASE(each_value_is_in_its_bucket),
	KUNIT_CASE(the_last_has_all_above),
	KUNIT_CASE(what_is_added_is_shown),
	{},
};

static struct kunit_suite histogram_suite = {
	.name = "histogram",
	.test_cases = histogram_cases,
};

kunit_test_suite(histogram_suite);

MODULE_DESCRIPTION("Tests of histograms");
MODULE_LICENSE("Dual MIT/GPL");
