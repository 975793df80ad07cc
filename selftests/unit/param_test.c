// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Module parameters with good and bad values, given at load and later. */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../gntdev/param.c"

static struct module fake = { .name = "fake" };

static unsigned int value;
static struct gnt_param number = { .value = &value, .min = 5, .max = 100 };
static bool flag;

static unsigned int a_thousand(void)
{
	return 1000;
}

static struct gnt_param found = { .value = &value, .most = a_thousand };

static int give(void *arg, const struct kernel_param_ops *ops,
		enum module_state state, const char *text)
{
	struct kernel_param kp = {
		.name = "thing",
		.mod = &fake,
		.ops = ops,
		.arg = arg,
	};

	fake.state = state;
	return ops->set(text, &kp);
}

static int load(const char *text)
{
	return give(&number, &gnt_param_ops, MODULE_STATE_COMING, text);
}

static int store(const char *text)
{
	return give(&number, &gnt_param_ops, MODULE_STATE_LIVE, text);
}

static int setup(struct kunit *test)
{
	value = 64;
	flag = false;
	return 0;
}

static void a_good_value_is_taken(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, load("5"), 0);
	KUNIT_EXPECT_EQ(test, value, 5);
	KUNIT_EXPECT_EQ(test, store("100\n"), 0);
	KUNIT_EXPECT_EQ(test, value, 100);
	KUNIT_EXPECT_EQ(test, store("0x10"), 0);
	KUNIT_EXPECT_EQ(test, value, 16);
}

static void too_large_is_all_there_is(struct kunit *test)
{
	static const char *const large[] = {
		"101",
		"1073741824",
		"4294967296\n",
		"18446744073709551616",
		"99999999999999999999999999999999999999\n",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(large); i++) {
		value = 64;
		KUNIT_EXPECT_EQ_MSG(test, store(large[i]), 0, "%s", large[i]);
		KUNIT_EXPECT_EQ_MSG(test, value, 100, "%s", large[i]);
		value = 64;
		KUNIT_EXPECT_EQ_MSG(test, load(large[i]), 0, "%s", large[i]);
		KUNIT_EXPECT_EQ_MSG(test, value, 100, "%s", large[i]);
	}
}

static const char *const bad[] = {
	"",
	"\n",
	"x",
	"-1",
	"4",
	"0",
	"12k",
	" 12",
	"1 2",
	"99999999999999999999999999999999999999x",
	"-99999999999999999999999",
};

static void a_bad_value_is_refused_later(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, store(bad[i]), -EINVAL, "%s", bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, value, 64, "%s", bad[i]);
	}
}

static void a_bad_value_does_not_stop_a_load(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, load(NULL), 0);
	KUNIT_EXPECT_EQ(test, value, 64);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, load(bad[i]), 0, "%s", bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, value, 64, "%s", bad[i]);
	}
}

static int store_found(const char *text)
{
	return give(&found, &gnt_param_ops, MODULE_STATE_LIVE, text);
}

static void the_machine_is_asked(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, store_found("1001"), 0);
	KUNIT_EXPECT_EQ(test, value, 1000);
	KUNIT_EXPECT_EQ(test, store_found("0"), 0);
	KUNIT_EXPECT_EQ(test, value, 0);
}

static int set(enum module_state state, const char *text)
{
	return give(&flag, &gnt_param_flag_ops, state, text);
}

static void flags_are_yes_or_no(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, set(MODULE_STATE_COMING, NULL), 0);
	KUNIT_EXPECT_TRUE(test, flag);
	KUNIT_EXPECT_EQ(test, set(MODULE_STATE_LIVE, "N\n"), 0);
	KUNIT_EXPECT_FALSE(test, flag);
	KUNIT_EXPECT_EQ(test, set(MODULE_STATE_LIVE, "1"), 0);
	KUNIT_EXPECT_TRUE(test, flag);
	KUNIT_EXPECT_EQ(test, set(MODULE_STATE_LIVE, "maybe"), -EINVAL);
	KUNIT_EXPECT_TRUE(test, flag);
	KUNIT_EXPECT_EQ(test, set(MODULE_STATE_COMING, "2"), 0);
	KUNIT_EXPECT_TRUE(test, flag);
}

static struct kunit_case param_cases[] = {
	KUNIT_CASE(a_good_value_is_taken),
	KUNIT_CASE(too_large_is_all_there_is),
	KUNIT_CASE(a_bad_value_is_refused_later),
	KUNIT_CASE(a_bad_value_does_not_stop_a_load),
	KUNIT_CASE(the_machine_is_asked),
	KUNIT_CASE(flags_are_yes_or_no),
	{},
};

static struct kunit_suite param_suite = {
	.name = "gnt-param",
	.init = setup,
	.test_cases = param_cases,
};

kunit_test_suite(param_suite);

MODULE_DESCRIPTION("Tests of module parameters");
MODULE_LICENSE("Dual MIT/GPL");
