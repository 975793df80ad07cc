// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What a frontend writes in xenstore: every way to write it wrong. */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../xenbus/keys.c"

static const struct xbe_key queues = {
	.name = "num-queues",
	.min = 1,
	.max = 8,
	.def = 1,
};

static const struct xbe_key ref = {
	.name = "ring-ref",
	.max = U32_MAX,
	.required = true,
};

static const struct xbe_choice words[] = {
	{ "x86_64-abi", 7 },
	{ "x86_32-abi", 9 },
	{},
};

static const struct xbe_key word = {
	.name = "protocol",
	.choices = words,
	.def = 7,
};

struct good {
	const struct xbe_key *key;
	const char *text;
	u32 value;
};

static void good_texts(struct kunit *test)
{
	static const struct good table[] = {
		{ &queues, "1", 1 },
		{ &queues, "8", 8 },
		{ &queues, NULL, 1 },
		{ &queues, "", 1 },
		{ &queues, "0000000003", 3 },
		{ &ref, "0", 0 },
		{ &ref, "4294967295", U32_MAX },
		{ &word, "x86_32-abi", 9 },
		{ &word, NULL, 7 },
	};
	char why[160];
	unsigned int i;
	u32 value;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		value = 12345;
		KUNIT_EXPECT_EQ(test,
				xbe_key_parse(table[i].key, table[i].text,
					      &value, why, sizeof(why)),
				0);
		KUNIT_EXPECT_EQ(test, value, table[i].value);
	}
}

struct bad {
	const struct xbe_key *key;
	const char *text;
	int err;
	const char *says;
};

static const struct bad bad_table[] = {
	{ &ref, NULL, -ENOENT, "ring-ref is missing" },
	{ &ref, "", -ENOENT, "ring-ref is missing" },
	{ &queues, "0", -ERANGE, "num-queues is \"0\", allowed is 1 to 8" },
	{ &queues, "9", -ERANGE, "num-queues is \"9\", allowed is 1 to 8" },
	{ &queues, "-1", -EINVAL, "num-queues is \"-1\", allowed is 1 to 8" },
	{ &queues, "+1", -EINVAL, "allowed is 1 to 8" },
	{ &queues, "4294967296", -ERANGE, "4294967296" },
	{ &queues, "4294967297", -ERANGE, "4294967297" },
	{ &queues, "18446744073709551617", -ERANGE, "allowed is 1 to 8" },
	{ &queues, "x", -EINVAL, "\"x\"" },
	{ &queues, "1x", -EINVAL, "\"1x\"" },
	{ &queues, "1x1", -EINVAL, "\"1x1\"" },
	{ &queues, "0x2", -EINVAL, "\"0x2\"" },
	{ &queues, " 1", -EINVAL, "\" 1\"" },
	{ &queues, "1 ", -EINVAL, "\"1 \"" },
	{ &queues, "1\n", -EINVAL, "\"1\\n\"" },
	{ &queues, "1.0", -EINVAL, "\"1.0\"" },
	{ &word, "x86_64", -EINVAL,
	  "protocol is \"x86_64\", not one of: x86_64-abi x86_32-abi" },
	{ &word, "\x1b[2J", -EINVAL, "protocol is \"\\e[2J\"" },
};

static void bad_texts(struct kunit *test)
{
	char why[160];
	unsigned int i;
	u32 value;

	for (i = 0; i < ARRAY_SIZE(bad_table); i++) {
		const struct bad *b = &bad_table[i];

		value = 12345;
		memset(why, 0, sizeof(why));
		KUNIT_EXPECT_EQ_MSG(test,
				    xbe_key_parse(b->key, b->text, &value, why,
						  sizeof(why)),
				    b->err, "%s", b->text ? b->text : "NULL");
		KUNIT_EXPECT_EQ(test, value, 12345);
		KUNIT_EXPECT_PTR_NE_MSG(test, strstr(why, b->says),
					(char *)NULL, "%s", why);
	}
}

/* A guest's text may be long and binary; the message stays short and clean. */
static void long_text_is_cut(struct kunit *test)
{
	char *text = kunit_kzalloc(test, 4096, GFP_KERNEL);
	char why[100];
	u32 value;
	int err;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	memset(text, '\n', 4095);
	KUNIT_EXPECT_EQ(test,
			xbe_key_parse(&queues, text, &value, why, sizeof(why)),
			-EINVAL);
	KUNIT_EXPECT_LT(test, strlen(why), sizeof(why));
	KUNIT_EXPECT_PTR_EQ(test, strchr(why, '\n'), (char *)NULL);
	memset(text, '9', 4095);
	err = xbe_key_parse(&queues, text, &value, why, sizeof(why));
	KUNIT_EXPECT_NE(test, err, 0);
	err = xbe_key_parse(&word, text, &value, why, sizeof(why));
	KUNIT_EXPECT_NE(test, err, 0);
}

static void equal_refs(struct kunit *test)
{
	grant_ref_t refs[16] = { 0, 1, 2,  3,  4,  5,  6,  7,
				 8, 9, 10, 11, 12, 13, 14, 15 };

	KUNIT_EXPECT_EQ(test, xbe_refs_distinct(refs, 16), 0);
	KUNIT_EXPECT_EQ(test, xbe_refs_distinct(refs, 1), 0);
	refs[15] = 0;
	KUNIT_EXPECT_EQ(test, xbe_refs_distinct(refs, 15), 0);
	KUNIT_EXPECT_EQ(test, xbe_refs_distinct(refs, 16), -EINVAL);
}

static struct kunit_case keys_cases[] = {
	KUNIT_CASE(good_texts),
	KUNIT_CASE(bad_texts),
	KUNIT_CASE(long_text_is_cut),
	KUNIT_CASE(equal_refs),
	{},
};

static struct kunit_suite keys_suite = {
	.name = "xenbus-keys",
	.test_cases = keys_cases,
};

kunit_test_suite(keys_suite);

MODULE_DESCRIPTION("Tests of the parsing of a frontend's keys");
MODULE_LICENSE("Dual MIT/GPL");
