// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A disk whose ring is kept full of reads and writes until somebody kills the
 * process. Nothing is closed then: pages and the event channel go as those of
 * a domain do that is destroyed.
 */

#include "blkif.h"
#include "busy.h"

#include <errno.h>

#define SLOTS 32
#define PAGE_SECTORS 8
#define ROUNDS 2 /* of the ring, before it says that it is busy */

struct busy {
	struct blk blk;
	uint32_t ref[SLOTS];
	unsigned int answers;
};

static void put(struct busy *busy, unsigned int slot)
{
	blkif_request_t *request;

	request = blk_next_request(&busy->blk,
				   slot % 2 ? BLKIF_OP_WRITE : BLKIF_OP_READ);
	request->nr_segments = 1;
	request->id = slot;
	request->sector_number = slot * PAGE_SECTORS;
	request->seg[0].gref = busy->ref[slot];
	request->seg[0].last_sect = PAGE_SECTORS - 1;
}

/* Each answer is followed by the same request again. */
static int take_one(struct busy *busy)
{
	struct blk *blk = &busy->blk;
	blkif_response_t answer;

	answer = *RING_GET_RESPONSE(&blk->ring, blk->ring.rsp_cons);
	blk->ring.rsp_cons++;
	if (answer.id >= SLOTS || answer.status != BLKIF_RSP_OKAY) {
		fprintf(stderr, "answer %d to request %llu\n", answer.status,
			(unsigned long long)answer.id);
		return -EIO;
	}
	busy->answers++;
	if (busy->answers == ROUNDS * SLOTS) {
		printf("busy\n");
		fflush(stdout);
	}
	put(busy, answer.id);
	return 0;
}

static int take_all(struct busy *busy)
{
	struct blk *blk = &busy->blk;
	int more, err = 0;

	do {
		while (!err && blk->ring.rsp_cons != blk->sring->rsp_prod)
			err = take_one(busy);
		blk_push(blk);
		RING_FINAL_CHECK_FOR_RESPONSES(&blk->ring, more);
	} while (more && !err);
	return err;
}

/* Ends by an error only. */
int busy_disk(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number, bool persistent)
{
	struct busy busy = { 0 };
	unsigned int slot;
	void *page;
	int err;

	err = blk_connect_as(&busy.blk, share, store, node, number, persistent);
	for (slot = 0; slot < SLOTS && !err; slot++) {
		err = share_page(share, &page, &busy.ref[slot]);
		put(&busy, slot);
	}
	if (!err)
		blk_push(&busy.blk);
	while (!err) {
		err = share_wait(share, WAIT_SECONDS * 1000);
		err = err ?: take_all(&busy);
	}
	return err;
}
