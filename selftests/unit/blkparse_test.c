// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Block requests, from the bytes of a slot to what may be executed. */

#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/unaligned.h>

#include "../../blkback/parse.c"

static const struct blkback_limits disk = { .sectors = 1000, .block = 1 };
static const struct blkback_limits disk4k = { .sectors = 1000, .block = 8 };
static const struct blkback_limits rodisk = {
	.sectors = 1000,
	.block = 1,
	.readonly = true,
	.discard = true,
};

static const struct blkback_limits ssd = {
	.sectors = 1000,
	.block = 8,
	.discard = true,
};

static const struct blkback_limits card = {
	.sectors = 1000,
	.block = 1,
	.discard = true,
	.secure = true,
};

struct wire {
	u8 op;
	u8 nr;
	u64 sector;
	u8 first;
	u8 last;
};

#define ID 0x1122334455667788ull

static void put(struct blkback_slot *slot, const struct blkback_layout *l,
		const struct wire *w)
{
	struct blkif_request_segment seg = {
		.gref = 5,
		.first_sect = w->first,
		.last_sect = w->last,
	};
	u64 id = ID;
	unsigned int i;

	memset(slot, 0xa5, sizeof(*slot));
	slot->byte[0] = w->op;
	slot->byte[1] = w->nr;
	memcpy(&slot->byte[l->id], &id, 8);
	memcpy(&slot->byte[l->sector], &w->sector, 8);
	for (i = 0; i < min_t(unsigned int, w->nr, 11); i++) {
		seg.gref = 5 + i;
		memcpy(&slot->byte[l->seg + 8 * i], &seg, 8);
	}
}

struct row {
	const struct blkback_limits *limits;
	struct wire w;
	int status;
};

static const struct row rows[] = {
	/* Good ones, up to the last sector. */
	{ &disk, { BLKIF_OP_READ, 1, 0, 0, 7 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_WRITE, 11, 0, 0, 7 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_READ, 1, 992, 0, 7 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_READ, 1, 999, 7, 7 }, BLKIF_RSP_OKAY },
	{ &disk4k, { BLKIF_OP_WRITE, 2, 8, 0, 7 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_FLUSH_DISKCACHE, 0, ~0ull, 0, 0 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_FLUSH_DISKCACHE, 1, 8, 0, 7 }, BLKIF_RSP_OKAY },
	{ &rodisk, { BLKIF_OP_READ, 1, 0, 0, 7 }, BLKIF_RSP_OKAY },
	{ &rodisk, { BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0 }, BLKIF_RSP_OKAY },
	/* Bounds, and sums that would wrap. */
	{ &disk, { BLKIF_OP_READ, 1, 993, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_READ, 1, 1000, 0, 0 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_WRITE, 1, ~0ull, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_WRITE, 1, ~0ull - 7, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_WRITE, 1, 1ull << 55, 0, 7 }, BLKIF_RSP_ERROR },
	/* Segments. */
	{ &disk, { BLKIF_OP_READ, 0, 0, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_READ, 12, 0, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_READ, 255, 0, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_READ, 1, 0, 0, 8 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_READ, 1, 0, 3, 2 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_READ, 1, 0, 255, 255 }, BLKIF_RSP_ERROR },
	{ &disk, { BLKIF_OP_FLUSH_DISKCACHE, 12, 0, 0, 7 }, BLKIF_RSP_ERROR },
	/* Alignment to the logical block. */
	{ &disk4k, { BLKIF_OP_READ, 1, 4, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk4k, { BLKIF_OP_READ, 1, 8, 0, 3 }, BLKIF_RSP_ERROR },
	/* Writes to a read-only disk, by whatever name. */
	{ &rodisk, { BLKIF_OP_WRITE, 1, 0, 0, 7 }, BLKIF_RSP_ERROR },
	{ &rodisk, { BLKIF_OP_FLUSH_DISKCACHE, 1, 0, 0, 7 }, BLKIF_RSP_ERROR },
	/* Operations that are not offered. */
	{ &disk, { BLKIF_OP_DISCARD, 0, 0, 0, 0 }, BLKIF_RSP_EOPNOTSUPP },
	{ &disk, { 4, 1, 0, 0, 7 }, BLKIF_RSP_EOPNOTSUPP },
	/* Barriers, with data and without. */
	{ &disk, { BLKIF_OP_WRITE_BARRIER, 1, 0, 0, 7 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_WRITE_BARRIER, 0, ~0ull, 0, 0 }, BLKIF_RSP_OKAY },
	{ &disk, { BLKIF_OP_WRITE_BARRIER, 12, 0, 0, 7 }, BLKIF_RSP_ERROR },
	{ &rodisk, { BLKIF_OP_WRITE_BARRIER, 1, 0, 0, 7 }, BLKIF_RSP_ERROR },
	{ &disk, { 255, 1, 0, 0, 7 }, BLKIF_RSP_EOPNOTSUPP },
};

/* As a compiler for 32 bits lays them out. */
struct request32 {
	u8 operation;
	u8 nr_segments;
	u16 handle;
	u64 id;
	u64 sector_number;
	struct blkif_request_segment seg[BLKBACK_DIRECT_SEGS];
} __packed;

struct indirect32 {
	u8 operation;
	u8 indirect_op;
	u16 nr_segments;
	u64 id;
	u64 sector_number;
	u16 handle;
	u16 padding;
	grant_ref_t indirect_grefs[8];
} __packed;

struct response32 {
	u64 id;
	u8 operation;
	u8 padding;
	s16 status;
} __packed;

static void layouts_are_those_of_compilers(struct kunit *test)
{
	const struct blkback_layout *l = &blkback_layouts[BLKBACK_ABI_32];

	KUNIT_EXPECT_EQ(test, l->slot_size, sizeof(struct request32));
	KUNIT_EXPECT_EQ(test, l->rsp_size, sizeof(struct response32));
	KUNIT_EXPECT_EQ(test, l->id, offsetof(struct request32, id));
	KUNIT_EXPECT_EQ(test, l->sector,
			offsetof(struct request32, sector_number));
	KUNIT_EXPECT_EQ(test, l->seg, offsetof(struct request32, seg));
	KUNIT_EXPECT_EQ(test, l->desc,
			offsetof(struct indirect32, indirect_grefs));
	l = &blkback_layouts[BLKBACK_ABI_64];
	KUNIT_EXPECT_EQ(test, l->slot_size, sizeof(struct blkif_request));
	KUNIT_EXPECT_EQ(test, l->rsp_size, sizeof(struct blkif_response));
	KUNIT_EXPECT_EQ(test, l->id, offsetof(struct blkif_request, u.rw.id));
	KUNIT_EXPECT_EQ(test, l->sector,
			offsetof(struct blkif_request, u.rw.sector_number));
	KUNIT_EXPECT_EQ(test, l->seg, offsetof(struct blkif_request, u.rw.seg));
	KUNIT_EXPECT_EQ(test, l->desc,
			offsetof(struct blkif_request,
				 u.indirect.indirect_grefs));
}

static void statuses(struct kunit *test)
{
	struct blkback_slot slot;
	struct blkback_seg seg[BLKBACK_DIRECT_SEGS];
	struct blkback_req req;
	unsigned int i, abi;
	int status;

	for (abi = 0; abi < ARRAY_SIZE(blkback_layouts); abi++) {
		const struct blkback_layout *l = &blkback_layouts[abi];

		for (i = 0; i < ARRAY_SIZE(rows); i++) {
			put(&slot, l, &rows[i].w);
			status = blkback_parse(l, &slot, rows[i].limits, &req,
					       seg);
			KUNIT_EXPECT_EQ_MSG(test, status, rows[i].status,
					    "abi %u row %u", abi, i);
			KUNIT_EXPECT_EQ(test, req.id, ID);
			KUNIT_EXPECT_EQ(test, req.wire_op, rows[i].w.op);
		}
	}
}

static void fields(struct kunit *test)
{
	static const struct wire w = { BLKIF_OP_WRITE, 3, 40, 2, 5 };
	struct blkback_seg seg[BLKBACK_DIRECT_SEGS];
	struct blkback_slot slot;
	struct blkback_req req;
	unsigned int i, abi;

	for (abi = 0; abi < ARRAY_SIZE(blkback_layouts); abi++) {
		put(&slot, &blkback_layouts[abi], &w);
		KUNIT_ASSERT_EQ(test,
				blkback_parse(&blkback_layouts[abi], &slot,
					      &disk, &req, seg),
				0);
		KUNIT_EXPECT_EQ(test, req.op, BLKBACK_WRITE);
		KUNIT_EXPECT_EQ(test, req.sector, 40);
		KUNIT_EXPECT_EQ(test, req.nr_sectors, 12);
		KUNIT_EXPECT_EQ(test, req.nr_segs, 3);
		for (i = 0; i < 3; i++) {
			KUNIT_EXPECT_EQ(test, seg[i].ref, 5 + i);
			KUNIT_EXPECT_EQ(test, seg[i].offset, 1024);
			KUNIT_EXPECT_EQ(test, seg[i].len, 2048);
		}
	}
}

/* All that a request fills is copied, and nothing that lies behind its slot. */
static void slot_copies(struct kunit *test)
{
	static const u8 counts[] = { 0, 1, 2, 3, 11, 255 };
	u8 shared[BLKBACK_SLOT_MAX];
	struct blkback_slot slot;
	unsigned int i, at, abi;

	for (abi = 0; abi < ARRAY_SIZE(blkback_layouts); abi++) {
		const struct blkback_layout *l = &blkback_layouts[abi];

		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			unsigned int end = counts[i] > 1 ? l->slot_size : 32;

			memset(slot.byte, 0xee, sizeof(slot));
			for (at = 0; at < sizeof(shared); at++)
				shared[at] = at;
			shared[1] = counts[i];
			blkback_slot_copy(&slot, shared, l->slot_size);
			KUNIT_EXPECT_MEMEQ(test, slot.byte, shared, end);
			for (at = end; at < sizeof(slot); at++)
				KUNIT_EXPECT_EQ(test, slot.byte[at], 0xee);
		}
		/* The first segment's end, and a discard's, lie in the head. */
		KUNIT_EXPECT_LE(test, l->seg + 8, 32);
		KUNIT_EXPECT_LE(test, l->desc + 4, 32);
	}
}

/* Whatever the bytes are, what is accepted lies within its bounds. */
static void random_bytes(struct kunit *test)
{
	struct rnd_state rnd;
	struct blkback_slot slot;
	struct blkback_seg seg[BLKBACK_DIRECT_SEGS];
	struct blkback_req req;
	unsigned int n, i, end, good = 0;

	prandom_seed_state(&rnd, 20260101);
	for (n = 0; n < 200000; n++) {
		const struct blkback_layout *l = &blkback_layouts[n & 1];

		prandom_bytes_state(&rnd, &slot, sizeof(slot));
		/* Near enough to the truth that some get through. */
		slot.byte[0] &= 3;
		slot.byte[1] %= 13;
		memset(&slot.byte[l->sector + 1], 0, 7);
		for (i = 0; i < 11; i++) {
			slot.byte[l->seg + 8 * i + 4] &= 3;
			slot.byte[l->seg + 8 * i + 5] &= 7;
		}
		if (blkback_parse(l, &slot, &disk, &req, seg))
			continue;
		good++;
		KUNIT_ASSERT_LE(test, req.nr_segs, BLKBACK_DIRECT_SEGS);
		KUNIT_ASSERT_LE(test,
				req.sector * !!req.nr_sectors + req.nr_sectors,
				disk.sectors);
		for (i = 0; i < req.nr_segs; i++) {
			KUNIT_ASSERT_GT(test, seg[i].len, 0);
			end = seg[i].offset + seg[i].len;
			KUNIT_ASSERT_LE(test, end, 4096);
		}
	}
	KUNIT_EXPECT_GT(test, good, 1000);
}

/* What was not copied does not change what is read out of a slot. */
static void heads_are_enough(struct kunit *test)
{
	struct blkback_seg seg[2][BLKBACK_DIRECT_SEGS];
	struct blkback_req req[2];
	struct blkback_slot slot;
	struct rnd_state rnd;
	u8 shared[BLKBACK_SLOT_MAX];
	unsigned int n, i, good = 0;
	int status[2];

	prandom_seed_state(&rnd, 20260102);
	for (n = 0; n < 100000; n++) {
		const struct blkback_layout *l = &blkback_layouts[n & 1];

		prandom_bytes_state(&rnd, shared, sizeof(shared));
		shared[0] %= 7;
		shared[1] %= 4;
		memset(&shared[l->sector + 1], 0, 7);
		for (i = 0; i < 11; i++) {
			shared[l->seg + 8 * i + 4] &= 3;
			shared[l->seg + 8 * i + 5] &= 7;
		}
		if (shared[0] == BLKIF_OP_DISCARD)
			memset(&shared[l->seg + 1], 0, 7);
		memset(req, 0, sizeof(req));
		memset(seg, 0, sizeof(seg));
		for (i = 0; i < 2; i++) {
			memset(slot.byte, i ? 0xff : 0, sizeof(slot));
			blkback_slot_copy(&slot, shared, l->slot_size);
			status[i] =
				blkback_parse(l, &slot, &card, &req[i], seg[i]);
		}
		good += !status[0];
		KUNIT_ASSERT_EQ(test, status[0], status[1]);
		KUNIT_ASSERT_MEMEQ(test, &req[0], &req[1], sizeof(req[0]));
		KUNIT_ASSERT_MEMEQ(test, seg[0], seg[1], sizeof(seg[0]));
	}
	KUNIT_EXPECT_GT(test, good, 1000);
}

struct discard_row {
	const struct blkback_limits *limits;
	u8 flags;
	u64 sector;
	u64 nr;
	int status;
};

static const struct discard_row discards[] = {
	{ &ssd, 0, 0, 1000, BLKIF_RSP_OKAY },
	{ &ssd, 0, 992, 8, BLKIF_RSP_OKAY },
	{ &card, 1, 3, 1, BLKIF_RSP_OKAY },
	{ &card, 0, 999, 1, BLKIF_RSP_OKAY },
	{ &ssd, 0, 0, 0, BLKIF_RSP_ERROR },
	{ &ssd, 0, 0, 1001, BLKIF_RSP_ERROR },
	{ &ssd, 0, 992, 16, BLKIF_RSP_ERROR },
	{ &ssd, 0, 4, 8, BLKIF_RSP_ERROR },
	{ &ssd, 0, 8, 4, BLKIF_RSP_ERROR },
	/* Sums that would wrap (CVE-2013-2140). */
	{ &ssd, 0, 8, -8ull, BLKIF_RSP_ERROR },
	{ &ssd, 0, -8ull, 16, BLKIF_RSP_ERROR },
	{ &card, 0, ~0ull, ~0ull, BLKIF_RSP_ERROR },
	{ &card, 0, 1, 1ull << 55, BLKIF_RSP_ERROR },
	/* Not on a read-only disk, not where it was not offered. */
	{ &rodisk, 0, 0, 8, BLKIF_RSP_ERROR },
	{ &disk, 0, 0, 8, BLKIF_RSP_EOPNOTSUPP },
	{ &ssd, 1, 0, 8, BLKIF_RSP_EOPNOTSUPP },
};

static void discard(struct kunit *test)
{
	struct blkback_seg seg[BLKBACK_DIRECT_SEGS];
	unsigned int n;

	for (n = 0; n < 2 * ARRAY_SIZE(discards); n++) {
		const struct blkback_layout *l = &blkback_layouts[n & 1];
		const struct discard_row *row = &discards[n / 2];
		struct wire w = { BLKIF_OP_DISCARD, row->flags, row->sector };
		struct blkback_slot slot;
		struct blkback_req req;
		int status;

		put(&slot, l, &w);
		memcpy(&slot.byte[l->id + 16], &row->nr, 8);
		status = blkback_parse(l, &slot, row->limits, &req, seg);
		KUNIT_EXPECT_EQ_MSG(test, status, row->status, "row %u", n / 2);
		if (status)
			continue;
		KUNIT_EXPECT_EQ(test, req.nr_segs, 0);
		KUNIT_EXPECT_EQ(test, req.op, BLKBACK_DISCARD);
		KUNIT_EXPECT_EQ(test, req.nr_sectors, row->nr);
		KUNIT_EXPECT_EQ(test, req.sector, row->sector);
		KUNIT_EXPECT_EQ(test, req.secure, row->flags);
	}
}

struct indirect_row {
	u8 op;
	u16 nr;
	u64 sector;
	u8 last;
	int slot_status;
	int status;
};

static const struct indirect_row indirects[] = {
	{ BLKIF_OP_READ, 1, 0, 7, 0, 0 },
	{ BLKIF_OP_WRITE, 125, 0, 7, 0, 0 },
	{ BLKIF_OP_WRITE, 256, 744, 0, 0, 0 },
	{ BLKIF_OP_WRITE, 256, 745, 0, 0, BLKIF_RSP_ERROR },
	{ BLKIF_OP_READ, 126, 0, 7, 0, BLKIF_RSP_ERROR },
	{ BLKIF_OP_READ, 1, 0, 8, 0, BLKIF_RSP_ERROR },
	{ BLKIF_OP_READ, 1, ~0ull, 0, 0, BLKIF_RSP_ERROR },
	{ BLKIF_OP_READ, 0, 0, 7, BLKIF_RSP_ERROR, 0 },
	{ BLKIF_OP_READ, 257, 0, 7, BLKIF_RSP_ERROR, 0 },
	{ BLKIF_OP_READ, 65535, 0, 7, BLKIF_RSP_ERROR, 0 },
	/* Only reads and writes, and none within another. */
	{ BLKIF_OP_FLUSH_DISKCACHE, 1, 0, 7, BLKIF_RSP_ERROR, 0 },
	{ BLKIF_OP_WRITE_BARRIER, 1, 0, 7, BLKIF_RSP_ERROR, 0 },
	{ BLKIF_OP_DISCARD, 1, 0, 7, BLKIF_RSP_ERROR, 0 },
	{ BLKIF_OP_INDIRECT, 1, 0, 7, BLKIF_RSP_ERROR, 0 },
	{ 255, 1, 0, 7, BLKIF_RSP_ERROR, 0 },
};

static void indirect(struct kunit *test)
{
	struct blkif_request_segment *wire;
	struct blkback_seg *seg;
	unsigned int n, i;

	wire = kunit_kcalloc(test, 256, sizeof(*wire), GFP_KERNEL);
	seg = kunit_kcalloc(test, 256, sizeof(*seg), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, wire);
	KUNIT_ASSERT_NOT_NULL(test, seg);
	for (n = 0; n < 2 * ARRAY_SIZE(indirects); n++) {
		const struct blkback_layout *l = &blkback_layouts[n & 1];
		const struct indirect_row *row = &indirects[n / 2];
		struct wire w = { BLKIF_OP_INDIRECT, row->op, row->sector };
		grant_ref_t desc = 77;
		struct blkback_slot slot;
		struct blkback_req req;
		int status;

		put(&slot, l, &w);
		memcpy(&slot.byte[2], &row->nr, 2);
		memcpy(&slot.byte[l->id + 20], &desc, 4);
		status = blkback_parse(l, &slot, &disk, &req, seg);
		KUNIT_EXPECT_EQ_MSG(test, status, row->slot_status, "row %u",
				    n / 2);
		KUNIT_EXPECT_EQ(test, req.wire_op, row->op);
		if (status)
			continue;
		KUNIT_EXPECT_TRUE(test, req.indirect);
		KUNIT_EXPECT_EQ(test, req.desc, 77);
		for (i = 0; i < row->nr; i++) {
			wire[i].gref = 100 + i;
			wire[i].first_sect = 0;
			wire[i].last_sect = row->last;
		}
		status = blkback_parse_segs(wire, &disk, &req, seg);
		KUNIT_EXPECT_EQ_MSG(test, status, row->status, "row %u", n / 2);
		if (status)
			continue;
		KUNIT_EXPECT_EQ(test, req.nr_sectors,
				row->nr * (row->last + 1));
		KUNIT_EXPECT_EQ(test, seg[row->nr - 1].ref, 99 + row->nr);
	}
}

static void responses_have_no_leftovers(struct kunit *test)
{
	u8 slot[32];
	unsigned int abi, i;

	for (abi = 0; abi < ARRAY_SIZE(blkback_layouts); abi++) {
		unsigned int size = blkback_layouts[abi].rsp_size;

		memset(slot, 0xee, sizeof(slot));
		blkback_answer(&blkback_layouts[abi], slot, ID, BLKIF_OP_WRITE,
			       BLKIF_RSP_ERROR);
		KUNIT_EXPECT_EQ(test, get_unaligned((u64 *)slot), ID);
		KUNIT_EXPECT_EQ(test, slot[8], BLKIF_OP_WRITE);
		KUNIT_EXPECT_EQ(test, slot[9], 0);
		KUNIT_EXPECT_EQ(test, get_unaligned((s16 *)&slot[10]),
				BLKIF_RSP_ERROR);
		for (i = 12; i < size; i++)
			KUNIT_EXPECT_EQ(test, slot[i], 0);
		for (; i < sizeof(slot); i++)
			KUNIT_EXPECT_EQ(test, slot[i], 0xee);
	}
}

static struct kunit_case blkparse_cases[] = {
	KUNIT_CASE(layouts_are_those_of_compilers),
	KUNIT_CASE(statuses),
	KUNIT_CASE(fields),
	KUNIT_CASE(slot_copies),
	KUNIT_CASE(random_bytes),
	KUNIT_CASE(heads_are_enough),
	KUNIT_CASE(discard),
	KUNIT_CASE(indirect),
	KUNIT_CASE(responses_have_no_leftovers),
	{}
};

static struct kunit_suite blkparse_suite = {
	.name = "blkback-parse",
	.test_cases = blkparse_cases,
};

kunit_test_suite(blkparse_suite);

MODULE_DESCRIPTION("Tests of the parsing of block requests");
MODULE_LICENSE("Dual MIT/GPL");
