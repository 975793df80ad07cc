// SPDX-License-Identifier: GPL-2.0 OR MIT
/* How hotplug scripts name a disk: every way to write it wrong. */

#include <kunit/test.h>
#include <linux/blkdev.h>
#include <linux/module.h>

#include "../../blkback/where.c"

static void good_devices(struct kunit *test)
{
	static const struct {
		const char *text;
		dev_t device;
	} table[] = {
		{ "0:0", MKDEV(0, 0) },
		{ "8:10", MKDEV(8, 16) },
		{ "fd:A", MKDEV(253, 10) },
		{ "fff:fffff", MKDEV(4095, 1048575) },
		{ "00000008:00000001", MKDEV(8, 1) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		dev_t device = MKDEV(77, 77);

		const char *text = table[i].text;

		KUNIT_EXPECT_EQ(test, blkback_where_device(text, &device), 0);
		KUNIT_EXPECT_EQ(test, device, table[i].device);
	}
}

static void bad_devices(struct kunit *test)
{
	static const char *const table[] = {
		"",	    ":",	   "8",		  "8:",
		":1",	    "8:1:",	   "8:1 ",	  " 8:1",
		"8: 1",	    "-8:1",	   "+8:1",	  "8:1x",
		"0x8:1",    "8.1",	   "1000:0",	  "0:100000",
		"8:1@5",    "g:0",	   "8:000000001", "000000008:1",
		"fff:-1",   "8:1\n",	   "ffffffff:0",  "0:ffffffff",
		"/dev/sda", "100000008:1",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		dev_t device = MKDEV(77, 77);

		KUNIT_EXPECT_EQ_MSG(test,
				    blkback_where_device(table[i], &device),
				    -EINVAL, "\"%s\"", table[i]);
		KUNIT_EXPECT_EQ(test, device, MKDEV(77, 77));
	}
}

static void diskseqs(struct kunit *test)
{
	static const char *const bad[] = {
		"",
		"0",
		"0000000000000000",
		"00000000000000001",
		"g",
		"-1",
		"1 ",
		" 1",
		"0x1",
		"1.",
		"10000000000000000",
		"1\n",
	};
	unsigned int i;
	u64 seq = 5;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, blkback_where_diskseq(bad[i], &seq),
				    -EINVAL, "\"%s\"", bad[i]);
	KUNIT_EXPECT_EQ(test, seq, 5);
	KUNIT_EXPECT_EQ(test, blkback_where_diskseq("1", &seq), 0);
	KUNIT_EXPECT_EQ(test, seq, 1);
	KUNIT_EXPECT_EQ(test, blkback_where_diskseq("000000000000001F", &seq),
			0);
	KUNIT_EXPECT_EQ(test, seq, 31);
	KUNIT_EXPECT_EQ(test, blkback_where_diskseq("ffffffffffffffff", &seq),
			0);
	KUNIT_EXPECT_EQ(test, seq, U64_MAX);
}

static void paths(struct kunit *test)
{
	char *longest = kunit_kzalloc(test, PATH_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, longest);
	KUNIT_EXPECT_EQ(test, blkback_where_path("/a"), 0);
	KUNIT_EXPECT_EQ(test, blkback_where_path(""), -EINVAL);
	KUNIT_EXPECT_EQ(test, blkback_where_path("a/b"), -EINVAL);
	KUNIT_EXPECT_EQ(test, blkback_where_path("./a"), -EINVAL);
	memset(longest, '/', PATH_MAX - 1);
	KUNIT_EXPECT_EQ(test, blkback_where_path(longest), 0);
	longest[PATH_MAX - 1] = '/';
	KUNIT_EXPECT_EQ(test, blkback_where_path(longest), -EINVAL);
}

static struct kunit_case where_cases[] = {
	KUNIT_CASE(good_devices),
	KUNIT_CASE(bad_devices),
	KUNIT_CASE(diskseqs),
	KUNIT_CASE(paths),
	{},
};

static struct kunit_suite where_suite = {
	.name = "blkback-where",
	.test_cases = where_cases,
};

kunit_test_suite(where_suite);

MODULE_DESCRIPTION("Tests of the parsing of what names a disk");
MODULE_LICENSE("Dual MIT/GPL");
