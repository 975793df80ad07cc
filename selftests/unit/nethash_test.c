// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What a guest may set of the hash, and what becomes of a frame by it. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../../netback/toeplitz.c"
#include "../../netback/flow.c"
#include "../../netback/hash.c"

#define OK XEN_NETIF_CTRL_STATUS_SUCCESS
#define NOT_SUPPORTED XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define OVERFLOW XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW
#define NONE XEN_NETIF_CTRL_HASH_ALGORITHM_NONE
#define TOEPLITZ XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ
#define V4 XEN_NETIF_CTRL_HASH_TYPE_IPV4
#define V4_TCP XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP
#define V6 XEN_NETIF_CTRL_HASH_TYPE_IPV6
#define V6_TCP XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP
#define QUEUES 4
#define UDP 17
#define TCP 6

static int setup(struct kunit *test)
{
	struct netback_hash *hash =
		kunit_kzalloc(test, sizeof(*hash), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, hash);
	test->priv = hash;
	return netback_hash_start(hash, QUEUES);
}

static void end(struct kunit *test)
{
	netback_hash_stop(test->priv);
}

static void commit(struct netback_hash *hash)
{
	netback_hash_commit(hash);
	netback_hash_settle(hash);
}

/* Bytes 1, 2, ... stand for addresses and ports, from the first address on. */
static unsigned int frame_v4(u8 *frame, u8 protocol, unsigned int options)
{
	unsigned int i;
	u8 *ip = frame + 14;

	memset(frame, 0, NETBACK_FLOW_HEAD);
	frame[12] = 8;
	ip[0] = 0x45 + options;
	ip[9] = protocol;
	for (i = 0; i < 8; i++)
		ip[12 + i] = 1 + i;
	for (i = 0; i < 4; i++)
		ip[20 + 4 * options + i] = 9 + i;
	return 14 + 20 + 4 * options + 4;
}

static unsigned int frame_v6(u8 *frame, u8 next)
{
	unsigned int i;
	u8 *ip = frame + 14;

	memset(frame, 0, NETBACK_FLOW_HEAD);
	frame[12] = 0x86;
	frame[13] = 0xdd;
	ip[0] = 0x60;
	ip[6] = next;
	for (i = 0; i < 36; i++)
		ip[8 + i] = 1 + i;
	return 14 + 40 + 4;
}

/* The type that a frame is hashed by, with the right input; -1 for none. */
static int read_type(struct kunit *test, const u8 *frame, unsigned int len,
		     u32 flags)
{
	struct netback_flow flow;
	unsigned int i;

	memset(&flow, 0xa5, sizeof(flow));
	if (!netback_flow_read(&flow, frame, len, flags))
		return -1;
	for (i = 0; i < flow.len; i++)
		KUNIT_EXPECT_EQ(test, flow.input[i], 1 + i);
	switch (flow.type) {
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV4:
		KUNIT_EXPECT_EQ(test, flow.len, 8);
		break;
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP:
		KUNIT_EXPECT_EQ(test, flow.len, 12);
		break;
	case _XEN_NETIF_CTRL_HASH_TYPE_IPV6:
		KUNIT_EXPECT_EQ(test, flow.len, 32);
		break;
	default:
		KUNIT_EXPECT_EQ(test, flow.len, 36);
		break;
	}
	return flow.type;
}

static void frames_of_ipv4(struct kunit *test)
{
	u8 frame[NETBACK_FLOW_HEAD];
	unsigned int options, len;

	for (options = 0; options <= 10; options += 5) {
		len = frame_v4(frame, TCP, options);
		KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES),
				1);
		KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V4_TCP), 1);
		KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V4), 0);
		KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V6 | V6_TCP),
				-1);
		/* Its ports are cut off. */
		KUNIT_EXPECT_EQ(test, read_type(test, frame, len - 1, V4_TCP),
				-1);
		KUNIT_EXPECT_EQ(test,
				read_type(test, frame, len - 1, ALL_TYPES), 0);
	}
	len = frame_v4(frame, UDP, 0);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), 0);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V4_TCP), -1);
	/* Fragments: one that others follow, and one behind others. */
	len = frame_v4(frame, TCP, 0);
	frame[14 + 6] = 0x20;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), 0);
	frame[14 + 6] = 0;
	frame[14 + 7] = 1;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V4_TCP), -1);
	frame[14 + 6] = 0x40;
	frame[14 + 7] = 0;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V4_TCP), 1);
	/* No header of IPv4. */
	frame[14] = 0x44;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), -1);
	frame[14] = 0x65;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), -1);
}

static void frames_of_ipv6(struct kunit *test)
{
	u8 frame[NETBACK_FLOW_HEAD];
	unsigned int len = frame_v6(frame, TCP);

	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), 3);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V6), 2);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, V4 | V4_TCP), -1);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len - 1, V6_TCP), -1);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len - 1, ALL_TYPES), 2);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len - 5, ALL_TYPES), -1);
	/* Behind another header. */
	len = frame_v6(frame, 0);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), 2);
	frame[14] = 0x40;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), -1);
}

static void other_frames(struct kunit *test)
{
	u8 frame[NETBACK_FLOW_HEAD], tagged[NETBACK_FLOW_HEAD + 4];
	unsigned int len = frame_v4(frame, TCP, 0);

	memcpy(tagged, frame, 12);
	memcpy(tagged + 12, "\x81\x00\x00\x07", 4);
	memcpy(tagged + 16, frame + 12, sizeof(frame) - 12);
	KUNIT_EXPECT_EQ(test, read_type(test, tagged, len + 4, ALL_TYPES), 1);
	KUNIT_EXPECT_EQ(test, read_type(test, tagged, 17, ALL_TYPES), -1);
	/* A second tag is not looked behind. */
	memcpy(tagged + 16, "\x81\x00", 2);
	KUNIT_EXPECT_EQ(test, read_type(test, tagged, len + 4, ALL_TYPES), -1);
	frame[13] = 6;
	KUNIT_EXPECT_EQ(test, read_type(test, frame, len, ALL_TYPES), -1);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, 13, ALL_TYPES), -1);
	KUNIT_EXPECT_EQ(test, read_type(test, frame, 0, ALL_TYPES), -1);
}

/* Of all bytes and lengths; KASAN looks whether any is read past the end. */
static void any_frame(struct kunit *test)
{
	unsigned int n, len, i, found = 0;
	struct netback_flow flow;
	struct rnd_state rnd;
	u8 *frame;

	prandom_seed_state(&rnd, 20260104);
	for (n = 0; n < 20000; n++) {
		len = prandom_u32_state(&rnd) % (NETBACK_FLOW_HEAD + 1);
		frame = kmalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_TRUE(test, !!frame);
		prandom_bytes_state(&rnd, frame, len);
		if (n & 1 && len > 23) {
			memcpy(frame + 12, n & 2 ? "\x08\x00" : "\x86\xdd", 2);
			frame[14] = n & 2 ? 0x40 | (frame[14] & 15) : 0x60;
			frame[n & 2 ? 23 : 20] = TCP;
		}
		i = netback_flow_read(&flow, frame, len,
				      prandom_u32_state(&rnd) & ALL_TYPES);
		found += i;
		if (i)
			KUNIT_EXPECT_LE(test, flow.len, NETBACK_HASH_INPUT);
		kfree(frame);
	}
	KUNIT_EXPECT_GT(test, found, 1000);
	kunit_info(test, "%u of %u frames are hashed", found, n);
}

static void nothing_set(struct kunit *test)
{
	struct netback_hash *hash = test->priv;
	struct netback_hashed hashed;
	u8 frame[NETBACK_FLOW_HEAD];
	u32 flags = 7;

	KUNIT_EXPECT_EQ(test, netback_hash_get_flags(hash, &flags),
			NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, flags, 7);
	KUNIT_EXPECT_EQ(test, netback_hash_set_flags(hash, V4), INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_algorithm(hash, 2), INVALID);
	/* Windows begins with this one, and goes no further without. */
	KUNIT_EXPECT_EQ(test, netback_hash_set_algorithm(hash, NONE), OK);
	commit(hash);
	frame_v4(frame, TCP, 0);
	KUNIT_EXPECT_FALSE(test, netback_hash_frame(hash, frame, sizeof(frame),
						    &hashed));
	KUNIT_EXPECT_FALSE(test, hashed.valid);
}

static void flags_and_algorithm(struct kunit *test)
{
	struct netback_hash *hash = test->priv;
	struct netback_hashed hashed;
	u8 frame[NETBACK_FLOW_HEAD];
	u32 flags = 0;

	frame_v4(frame, TCP, 0);
	KUNIT_EXPECT_EQ(test, netback_hash_set_algorithm(hash, TOEPLITZ), OK);
	KUNIT_EXPECT_EQ(test, netback_hash_get_flags(hash, &flags), OK);
	KUNIT_EXPECT_EQ(test, flags, 15);
	KUNIT_EXPECT_EQ(test, netback_hash_set_flags(hash, 16), INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_flags(hash, ~0u), INVALID);
	/* Without flags nothing is hashed. */
	commit(hash);
	KUNIT_EXPECT_TRUE(test, !rcu_access_pointer(hash->active));
	KUNIT_EXPECT_EQ(test, netback_hash_set_flags(hash, V4), OK);
	KUNIT_EXPECT_FALSE(test, netback_hash_frame(hash, frame, sizeof(frame),
						    &hashed));
	commit(hash);
	KUNIT_EXPECT_TRUE(test, netback_hash_frame(hash, frame, sizeof(frame),
						   &hashed));
	KUNIT_EXPECT_EQ(test, hashed.type, 0);
	KUNIT_EXPECT_EQ(test, hashed.value, 0);
	KUNIT_EXPECT_EQ(test, netback_hash_set_algorithm(hash, NONE), OK);
	commit(hash);
	KUNIT_EXPECT_FALSE(test, netback_hash_frame(hash, frame, sizeof(frame),
						    &hashed));
	/* The flags are there still when it is set again. */
	KUNIT_EXPECT_EQ(test, netback_hash_set_algorithm(hash, TOEPLITZ), OK);
	commit(hash);
	KUNIT_EXPECT_TRUE(test, netback_hash_frame(hash, frame, sizeof(frame),
						   &hashed));
}

static void keys(struct kunit *test)
{
	struct netback_hash *hash = test->priv;
	u8 key[NETBACK_HASH_KEY_SIZE];
	unsigned int i;

	memset(key, 0x5a, sizeof(key));
	KUNIT_EXPECT_EQ(test, netback_hash_set_key(hash, key, sizeof(key)), OK);
	KUNIT_EXPECT_EQ(test, netback_hash_set_key(hash, key, sizeof(key) + 1),
			OVERFLOW);
	KUNIT_EXPECT_EQ(test, netback_hash_set_key(hash, key, ~0u), OVERFLOW);
	commit(hash);
	KUNIT_EXPECT_EQ(test, memcmp(hash->now->key, key, sizeof(key)), 0);
	/* A shorter one has zeros behind it, not what was there. */
	KUNIT_EXPECT_EQ(test, netback_hash_set_key(hash, key, 3), OK);
	commit(hash);
	for (i = 0; i < sizeof(key); i++)
		KUNIT_EXPECT_EQ(test, hash->now->key[i], i < 3 ? 0x5a : 0);
	KUNIT_EXPECT_EQ(test, netback_hash_set_key(hash, key, 0), OK);
	commit(hash);
	KUNIT_EXPECT_EQ(test, hash->now->key[0], 0);
	KUNIT_EXPECT_EQ(test, hash->now->toeplitz.part[0][8], 0);
}

static void mappings(struct kunit *test)
{
	struct netback_hash *hash = test->priv;
	u32 queue[NETBACK_HASH_ENTRIES + 1] = { 3, 2, 1, QUEUES };

	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 0, 0), OK);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 1, 0),
			INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping_size(hash, 129),
			INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping_size(hash, ~0u),
			INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping_size(hash, 128), OK);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping_size(hash, 6), OK);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 3, 3), OK);
	commit(hash);
	KUNIT_EXPECT_EQ(test, hash->now->size, 6);
	KUNIT_EXPECT_EQ(test, hash->now->queue[2], 0);
	KUNIT_EXPECT_EQ(test, hash->now->queue[3], 3);
	KUNIT_EXPECT_EQ(test, hash->now->queue[5], 1);
	/* Past its end, also where the sum wraps (XSA-270). */
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 3, 4),
			INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 0, 7),
			INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 3, -2u),
			INVALID);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 129, -129u),
			OVERFLOW);
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, -1u, 1),
			OVERFLOW);
	/* One queue that is not there: none is set. */
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping(hash, queue, 4, 0),
			INVALID);
	KUNIT_EXPECT_FALSE(test, hash->changed);
	KUNIT_EXPECT_EQ(test, hash->now->queue[0], 0);
	/* Another size begins with zeros. */
	KUNIT_EXPECT_EQ(test, netback_hash_set_mapping_size(hash, 6), OK);
	commit(hash);
	KUNIT_EXPECT_EQ(test, hash->now->queue[3], 0);
}

/* The hash of one bit is what the key has from there on. */
static void queues(struct kunit *test)
{
	struct netback_hash *hash = test->priv;
	u8 frame[NETBACK_FLOW_HEAD], key[5] = { 0, 0, 0, 1, 2 };
	u32 queue[] = { 0, 3, 1 };
	struct netback_hashed hashed;

	frame_v4(frame, UDP, 0);
	memset(frame + 14 + 12, 0, 8);
	frame[14 + 12] = 1; /* the eighth bit: 00 00 00 80 of the key << 7 */
	netback_hash_set_algorithm(hash, TOEPLITZ);
	netback_hash_set_flags(hash, ALL_TYPES);
	netback_hash_set_key(hash, key, sizeof(key));
	commit(hash);
	KUNIT_ASSERT_TRUE(test, netback_hash_frame(hash, frame, sizeof(frame),
						   &hashed));
	KUNIT_EXPECT_EQ(test, hashed.value, 129);
	KUNIT_EXPECT_EQ(test, hashed.queue, 129 % QUEUES);
	netback_hash_set_mapping_size(hash, 4);
	netback_hash_set_mapping(hash, queue, 3, 0);
	/* What is set is seen when it is committed. */
	netback_hash_frame(hash, frame, sizeof(frame), &hashed);
	KUNIT_EXPECT_EQ(test, hashed.queue, 129 % QUEUES);
	commit(hash);
	netback_hash_frame(hash, frame, sizeof(frame), &hashed);
	KUNIT_EXPECT_EQ(test, hashed.queue, 3);
}

/* Whatever is set: a queue is never one that is not there. */
static void any_message(struct kunit *test)
{
	struct netback_hash *hash = test->priv;
	unsigned int n, i, valid = 0;
	struct netback_hashed hashed;
	u8 frame[NETBACK_FLOW_HEAD];
	struct rnd_state rnd;
	u32 r, queue[NETBACK_HASH_ENTRIES];

	prandom_seed_state(&rnd, 20260105);
	for (n = 0; n < 20000; n++) {
		for (i = 0; i < NETBACK_HASH_ENTRIES; i++)
			queue[i] = prandom_u32_state(&rnd) % QUEUES;
		r = prandom_u32_state(&rnd);
		if (!(r & 15))
			queue[r % NETBACK_HASH_ENTRIES] = r;
		switch (r >> 8 & 7) {
		case 0:
			netback_hash_set_algorithm(hash, r >> 16 & 7 ? 1 : r);
			break;
		case 1:
			netback_hash_set_flags(hash, r >> 16 & 31);
			break;
		case 2:
			netback_hash_set_key(hash, (u8 *)queue, r >> 16 & 63);
			break;
		case 3:
			netback_hash_set_mapping_size(hash, r >> 16 & 255);
			break;
		case 4:
			commit(hash);
			break;
		default:
			netback_hash_set_mapping(hash, queue, r >> 16 & 63,
						 r & 16 ? r : r >> 24);
			break;
		}
		frame_v4(frame, r & 32 ? TCP : UDP, 0);
		if (!netback_hash_frame(hash, frame, sizeof(frame), &hashed))
			continue;
		valid++;
		KUNIT_ASSERT_LT(test, hashed.queue, QUEUES);
	}
	KUNIT_EXPECT_GT(test, valid, 1000);
	kunit_info(test, "%u frames were hashed", valid);
}

static struct kunit_case nethash_cases[] = {
	KUNIT_CASE(frames_of_ipv4),
	KUNIT_CASE(frames_of_ipv6),
	KUNIT_CASE(other_frames),
	KUNIT_CASE(any_frame),
	KUNIT_CASE(nothing_set),
	KUNIT_CASE(flags_and_algorithm),
	KUNIT_CASE(keys),
	KUNIT_CASE(mappings),
	KUNIT_CASE(queues),
	KUNIT_CASE(any_message),
	{},
};

static struct kunit_suite nethash_suite = {
	.name = "netback-hash",
	.init = setup,
	.exit = end,
	.test_cases = nethash_cases,
};

kunit_test_suite(nethash_suite);

MODULE_DESCRIPTION("Tests of what a guest sets of the hash of packets");
MODULE_LICENSE("Dual MIT/GPL");
