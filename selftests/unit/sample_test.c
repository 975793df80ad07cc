// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Proves the runner: the block ABI's fixed numbers in the kernel's headers. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/types.h>
#include <xen/interface/xen.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>

static void ring_request_size(struct kunit *test)
{
	/* 8 bytes head, 16 bytes id and sector, 11 segments of 8 bytes */
	KUNIT_EXPECT_EQ(test, sizeof(struct blkif_request), 112);
}

static void segments_in_request(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, BLKIF_MAX_SEGMENTS_PER_REQUEST, 11);
}

static struct kunit_case sample_cases[] = { KUNIT_CASE(ring_request_size),
					    KUNIT_CASE(segments_in_request),
					    {} };

static struct kunit_suite sample_suite = {
	.name = "sample",
	.test_cases = sample_cases,
};

kunit_test_suite(sample_suite);

MODULE_DESCRIPTION("Sample suite of the unit test runner");
MODULE_LICENSE("Dual MIT/GPL");
