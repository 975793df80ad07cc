// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The text of a vif's limit, as toolstacks write it and as they do not. */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../netback/rate-parse.c"

static void good_texts(struct kunit *test)
{
	static const struct {
		const char *text;
		u64 bytes;
		u64 usec;
		u64 rate;
		u64 burst;
	} table[] = {
		{ NULL, 0, 0, 0, NETBACK_LEAST_BURST },
		{ "", 0, 0, 0, NETBACK_LEAST_BURST },
		/* libxl, rate=10MB/s and 100Kb/s@20ms */
		{ "500000,50000", 500000, 50000, 10000000, 500000 },
		{ "250,20000", 250, 20000, 12500, NETBACK_LEAST_BURST },
		{ "1,3600000000", 1, 3600000000, 1, NETBACK_LEAST_BURST },
		{ "1099511627776,1", 1ull << 40, 1, 1099511627776000000,
		  1ull << 40 },
		/* in-tree's way to say that there is none */
		{ "1000,0", 1000, 0, 0, NETBACK_LEAST_BURST },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct netback_rate_text rate = { 7, 7 };
		char why[192] = "";
		u64 burst;

		KUNIT_EXPECT_EQ(test,
				netback_rate_parse(table[i].text, &rate, why,
						   sizeof(why)),
				0);
		KUNIT_EXPECT_EQ(test, rate.bytes, table[i].bytes);
		KUNIT_EXPECT_EQ(test, rate.usec, table[i].usec);
		KUNIT_EXPECT_EQ(test, netback_rate_of(&rate, &burst),
				table[i].rate);
		KUNIT_EXPECT_EQ(test, burst, table[i].burst);
		KUNIT_EXPECT_STREQ(test, why, "");
	}
}

static void bad_texts(struct kunit *test)
{
	static const struct {
		const char *text;
		int err;
	} table[] = {
		{ "x", -EINVAL },
		{ ",", -EINVAL },
		{ "1", -EINVAL },
		{ "1,", -EINVAL },
		{ ",1", -EINVAL },
		{ "1,2,3", -EINVAL },
		{ "-1,2", -EINVAL },
		{ "+1,2", -EINVAL },
		{ "1 ,2", -EINVAL },
		{ "1,2\n", -EINVAL },
		{ "0x10,2", -EINVAL },
		{ "1.5,2", -EINVAL },
		{ "0,50000", -ERANGE },
		{ "1099511627777,1", -ERANGE },
		{ "1,3600000001", -ERANGE },
		{ "18446744073709551616,1", -ERANGE },
		{ "99999999999999999999999999,1", -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct netback_rate_text rate = { 7, 7 };
		char why[192];

		KUNIT_EXPECT_EQ_MSG(test,
				    netback_rate_parse(table[i].text, &rate,
						       why, sizeof(why)),
				    table[i].err, "\"%s\"", table[i].text);
		KUNIT_EXPECT_EQ(test, rate.bytes, 7);
		KUNIT_EXPECT_EQ(test, rate.usec, 7);
		KUNIT_EXPECT_NOT_NULL(test, strstr(why, "rate is \""));
		KUNIT_EXPECT_NOT_NULL(test,
				      strstr(why, "allowed is BYTES,MICROSEC"));
	}
}

static struct kunit_case netrate_cases[] = {
	KUNIT_CASE(good_texts),
	KUNIT_CASE(bad_texts),
	{},
};

static struct kunit_suite netrate_suite = {
	.name = "netback-rate",
	.test_cases = netrate_cases,
};

kunit_test_suite(netrate_suite);

MODULE_DESCRIPTION("Tests of the text of a vif's limit");
MODULE_LICENSE("Dual MIT/GPL");
