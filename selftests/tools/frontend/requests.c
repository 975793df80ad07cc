// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Requests that no stock frontend sends, each with the answer it must get and
 * the data that must have moved: on a ring whose grants stay mapped and on one
 * whose data is copied. The disk holds nothing of value, is at least 4 MiB and
 * takes discards, after which it holds zeros.
 */

#include "blkif.h"
#include "requests.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define PAGE_BYTES 4096
#define PAGE_SECTORS 8
#define MANY 40 /* pages; more than the case lets a ring keep mapped */
#define NO_GRANT 0x00ffffff
#define PIECES 5
#define PIECES_SECTOR 5120

struct test {
	struct blk blk;
	bool persistent;
	uint8_t *page[MANY];
	uint32_t ref[MANY];
	void *desc;
	uint32_t desc_ref;
	int failures;
};

static void expect(struct test *test, const char *what, int got, int want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s, %s: %d, not %d\n",
		test->persistent ? "mapped" : "copied", what, got, want);
	test->failures++;
}

/* The status that the next request is answered with; -99 for a wrong answer. */
static int answer_of(struct test *test, uint8_t op)
{
	blkif_response_t answer;
	int err = blk_next_answer(&test->blk, &answer);

	if (err)
		return err;
	return answer.operation == op ? answer.status : -99;
}

static int done(struct test *test, uint8_t op)
{
	blk_push(&test->blk);
	return answer_of(test, op);
}

static void set_seg(struct blkif_request_segment *seg, uint32_t ref,
		    unsigned int first, unsigned int last)
{
	seg->gref = ref;
	seg->first_sect = first;
	seg->last_sect = last;
}

/* One request of a page that starts at a sector. */
static int direct(struct test *test, uint8_t op, uint64_t sector, uint32_t ref)
{
	blkif_request_t *request = blk_next_request(&test->blk, op);

	request->nr_segments = 1;
	request->sector_number = sector;
	set_seg((void *)&request->seg[0], ref, 0, PAGE_SECTORS - 1);
	return done(test, op);
}

static int indirect(struct test *test, uint8_t op, unsigned int nr,
		    uint64_t sector, uint32_t desc)
{
	blkif_request_indirect_t *request =
		(void *)blk_next_request(&test->blk, BLKIF_OP_INDIRECT);

	request->indirect_op = op;
	request->nr_segments = nr;
	request->sector_number = sector;
	request->indirect_grefs[0] = desc;
	return done(test, op);
}

static void fill(struct test *test, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		memset(test->page[i], seed + i, PAGE_BYTES);
}

/* How many pages do not hold what fill() wrote. */
static int wrong_pages(struct test *test, unsigned int nr, unsigned int seed)
{
	int wrong = 0;
	unsigned int i, at;

	for (i = 0; i < nr; i++) {
		for (at = 0; at < PAGE_BYTES; at++)
			if (test->page[i][at] != (uint8_t)(seed + i))
				break;
		wrong += at < PAGE_BYTES;
	}
	return wrong;
}

static void test_indirect(struct test *test)
{
	struct blkif_request_segment *seg = test->desc;
	unsigned int i;

	for (i = 0; i < MANY; i++)
		set_seg(&seg[i], test->ref[i], 0, PAGE_SECTORS - 1);
	fill(test, 3);
	expect(test, "write of 40 pages",
	       indirect(test, BLKIF_OP_WRITE, MANY, 64, test->desc_ref), 0);
	fill(test, 100);
	expect(test, "read of 40 pages",
	       indirect(test, BLKIF_OP_READ, MANY, 64, test->desc_ref), 0);
	expect(test, "pages that differ", wrong_pages(test, MANY, 3), 0);
	/* The same page in every segment: the last one wins. */
	for (i = 0; i < MANY; i++)
		set_seg(&seg[i], test->ref[0], 0, PAGE_SECTORS - 1);
	expect(test, "read into one page",
	       indirect(test, BLKIF_OP_READ, MANY, 64, test->desc_ref), 0);
	set_seg(&seg[0], test->ref[0], 0, PAGE_SECTORS);
	expect(test, "segment past its page",
	       indirect(test, BLKIF_OP_READ, 1, 64, test->desc_ref),
	       BLKIF_RSP_ERROR);
	set_seg(&seg[0], NO_GRANT, 0, PAGE_SECTORS - 1);
	expect(test, "segment that is not granted",
	       indirect(test, BLKIF_OP_READ, 1, 64, test->desc_ref),
	       BLKIF_RSP_ERROR);
	expect(test, "descriptors that are not granted",
	       indirect(test, BLKIF_OP_READ, 1, 64, NO_GRANT), BLKIF_RSP_ERROR);
	expect(test, "257 segments",
	       indirect(test, BLKIF_OP_READ, 257, 64, test->desc_ref),
	       BLKIF_RSP_ERROR);
	expect(test, "no segment",
	       indirect(test, BLKIF_OP_READ, 0, 64, test->desc_ref),
	       BLKIF_RSP_ERROR);
	expect(test, "indirect within indirect",
	       indirect(test, BLKIF_OP_INDIRECT, 1, 64, test->desc_ref),
	       BLKIF_RSP_ERROR);
}

static void test_direct(struct test *test)
{
	unsigned int i;

	fill(test, 60);
	for (i = 0; i < MANY; i++)
		expect(test, "write",
		       direct(test, BLKIF_OP_WRITE, 1024 + i * PAGE_SECTORS,
			      test->ref[i]),
		       0);
	fill(test, 0);
	for (i = 0; i < MANY; i++)
		expect(test, "read",
		       direct(test, BLKIF_OP_READ, 1024 + i * PAGE_SECTORS,
			      test->ref[i]),
		       0);
	expect(test, "pages that differ", wrong_pages(test, MANY, 60), 0);
	expect(test, "page that is not granted",
	       direct(test, BLKIF_OP_WRITE, 0, NO_GRANT), BLKIF_RSP_ERROR);
	expect(test, "the same once more",
	       direct(test, BLKIF_OP_READ, 0, NO_GRANT), BLKIF_RSP_ERROR);
	expect(test, "beyond the end",
	       direct(test, BLKIF_OP_READ, ~0ull >> 1, test->ref[0]),
	       BLKIF_RSP_ERROR);
	expect(test, "unknown operation", direct(test, 77, 0, test->ref[0]),
	       BLKIF_RSP_EOPNOTSUPP);
	expect(test, "read after all that",
	       direct(test, BLKIF_OP_READ, 1024, test->ref[0]), 0);
}

/* Parts of pages, some of which follow each other in memory, and some not. */
static const struct {
	uint8_t first;
	uint8_t last;
} pieces[PIECES] = { { 4, 7 }, { 0, 7 }, { 2, 3 }, { 0, 3 }, { 5, 7 } };

/* One request whose segments are the pieces. */
static int transfer_pieces(struct test *test, uint8_t op)
{
	blkif_request_t *request = blk_next_request(&test->blk, op);
	unsigned int i;

	request->nr_segments = PIECES;
	request->sector_number = PIECES_SECTOR;
	for (i = 0; i < PIECES; i++)
		set_seg((void *)&request->seg[i], test->ref[i], pieces[i].first,
			pieces[i].last);
	return done(test, op);
}

/* Sectors of the pieces that differ, and sectors beside them that changed. */
static int wrong_sectors(struct test *test, bool *beside)
{
	unsigned int i, at, nr = 0;
	int wrong = 0;

	for (i = 0; i < PIECES; i++)
		for (at = 0; at < PAGE_SECTORS; at++) {
			bool in = at >= pieces[i].first && at <= pieces[i].last;
			uint8_t want = in ? nr++ : 0xee;

			if (test->page[i][at * 512] == want &&
			    test->page[i][at * 512 + 511] == want)
				continue;
			wrong += in;
			*beside |= !in;
		}
	return wrong;
}

/* Read into pieces what was written as pages, and the other way round. */
static void test_pieces(struct test *test)
{
	unsigned int i, at, nr = 0;
	bool beside = false;

	for (i = 0; i < 3; i++) {
		for (at = 0; at < PAGE_SECTORS; at++)
			memset(test->page[i] + at * 512, i * PAGE_SECTORS + at,
			       512);
		expect(test, "write of what is read in pieces",
		       direct(test, BLKIF_OP_WRITE,
			      PIECES_SECTOR + i * PAGE_SECTORS, test->ref[i]),
		       0);
	}
	for (i = 0; i < PIECES; i++)
		memset(test->page[i], 0xee, PAGE_BYTES);
	expect(test, "read of pieces", transfer_pieces(test, BLKIF_OP_READ), 0);
	expect(test, "sectors that differ", wrong_sectors(test, &beside), 0);
	expect(test, "sectors beside them", beside, false);

	for (i = 0; i < PIECES; i++) {
		memset(test->page[i], 0xee, PAGE_BYTES);
		for (at = pieces[i].first; at <= pieces[i].last; at++)
			memset(test->page[i] + at * 512, 100 + nr++, 512);
	}
	expect(test, "write of pieces", transfer_pieces(test, BLKIF_OP_WRITE),
	       0);
	for (i = 0; i * PAGE_SECTORS < nr; i++)
		expect(test, "read of what was written in pieces",
		       direct(test, BLKIF_OP_READ,
			      PIECES_SECTOR + i * PAGE_SECTORS, test->ref[i]),
		       0);
	for (at = 0; at < nr; at++)
		expect(test, "a sector of a piece",
		       test->page[at / PAGE_SECTORS][at % PAGE_SECTORS * 512],
		       100 + at);
}

static int discard(struct test *test, uint64_t sector, uint64_t nr, int flags)
{
	blkif_request_discard_t *request =
		(void *)blk_next_request(&test->blk, BLKIF_OP_DISCARD);

	request->flag = flags;
	request->sector_number = sector;
	request->nr_sectors = nr;
	return done(test, BLKIF_OP_DISCARD);
}

static void test_discard(struct test *test)
{
	fill(test, 9);
	expect(test, "write", direct(test, BLKIF_OP_WRITE, 2048, test->ref[0]),
	       0);
	expect(test, "discard", discard(test, 2048, PAGE_SECTORS, 0), 0);
	expect(test, "read", direct(test, BLKIF_OP_READ, 2048, test->ref[0]),
	       0);
	expect(test, "what was discarded", test->page[0][0], 0);
	expect(test, "discard of nothing", discard(test, 2048, 0, 0),
	       BLKIF_RSP_ERROR);
	expect(test, "discard whose end wraps", discard(test, 8, -8ull, 0),
	       BLKIF_RSP_ERROR);
	expect(test, "discard beyond the end", discard(test, 1ull << 40, 8, 0),
	       BLKIF_RSP_ERROR);
	expect(test, "secure discard, not offered", discard(test, 2048, 8, 1),
	       BLKIF_RSP_EOPNOTSUPP);
}

/* Reads, a barrier that writes, reads of the same place: in that order. */
static void test_barrier(struct test *test)
{
	blkif_request_t *request;
	unsigned int i;
	int first, barrier, second;

	fill(test, 20);
	expect(test, "write", direct(test, BLKIF_OP_WRITE, 3072, test->ref[0]),
	       0);
	memset(test->page[1], 21, PAGE_BYTES);
	for (i = 0; i < 3; i++) {
		request = blk_next_request(&test->blk,
					   i == 1 ? BLKIF_OP_WRITE_BARRIER :
						    BLKIF_OP_READ);
		request->nr_segments = 1;
		request->sector_number = 3072;
		set_seg((void *)&request->seg[0], test->ref[i == 1 ? 1 : 2 + i],
			0, PAGE_SECTORS - 1);
	}
	blk_push(&test->blk);
	first = answer_of(test, BLKIF_OP_READ);
	barrier = answer_of(test, BLKIF_OP_WRITE_BARRIER);
	second = answer_of(test, BLKIF_OP_READ);
	expect(test, "read before the barrier", first, 0);
	expect(test, "barrier", barrier, 0);
	expect(test, "read after it", second, 0);
	expect(test, "what was read before", test->page[2][0], 20);
	expect(test, "what was read after", test->page[4][0], 21);
	request = blk_next_request(&test->blk, BLKIF_OP_WRITE_BARRIER);
	expect(test, "barrier without data", done(test, BLKIF_OP_WRITE_BARRIER),
	       0);
	expect(test, "barrier whose page is not granted",
	       direct(test, BLKIF_OP_WRITE_BARRIER, 3072, NO_GRANT),
	       BLKIF_RSP_ERROR);
	expect(test, "read after that",
	       direct(test, BLKIF_OP_READ, 3072, test->ref[5]), 0);
}

/* Linux holds back who sends such events, once it is told (XSA-332). */
static void test_storm(struct test *test)
{
	int spurious = share_storm(test->blk.share, &test->blk.dev, NULL);

	printf("of %d events %d were spurious\n", STORM_EVENTS, spurious);
	expect(test, "events without a request are spurious",
	       spurious >= STORM_LEAST, 1);
}

static int prepare(struct test *test)
{
	unsigned int i;
	int err;

	err = share_page(test->blk.share, &test->desc, &test->desc_ref);
	for (i = 0; i < MANY && !err; i++)
		err = share_page(test->blk.share, (void **)&test->page[i],
				 &test->ref[i]);
	return err;
}

static void release(struct test *test)
{
	unsigned int i;

	share_free(test->blk.share, test->desc);
	for (i = 0; i < MANY; i++)
		share_free(test->blk.share, test->page[i]);
}

static int run(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number, bool persistent)
{
	struct test test = { .persistent = persistent };
	int err, ended;

	err = blk_connect_as(&test.blk, share, store, node, number, persistent);
	err = err ?: prepare(&test);
	if (!err) {
		test_direct(&test);
		test_pieces(&test);
		test_indirect(&test);
		test_discard(&test);
		test_barrier(&test);
		/* the same code serves both kinds of rings */
		if (!persistent)
			test_storm(&test);
	}
	ended = blk_disconnect(&test.blk);
	release(&test);
	return err ?: ended ?: test.failures ? -EPROTO : 0;
}

int requests_all(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	int err = run(share, store, node, number, false);

	return err ?: run(share, store, node, number + 16, true);
}
