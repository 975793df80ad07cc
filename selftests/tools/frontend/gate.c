// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A barrier waits for the requests of all rings of its device. What a frontend
 * does to the other ring must not make it wait for ever, nor keep the device
 * from its end.
 */

#include "gate.h"
#include "rings.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PAGE_SECTORS 8
#define FAR_AWAY 100000
#define BUSY_TRIES (15 * 1000 / POLL_MS)

/* Ring 0 is the one that something is wrong with. */

/* As many reads as a ring holds, or as many as are given. */
static void put_reads(struct blk *blk, unsigned int count)
{
	while (count-- > 0 && !RING_FULL(&blk->ring))
		blk_put_transfer(blk, BLKIF_OP_READ, PAGE_SECTORS);
	blk_push(blk);
}

static void run_away(struct blk *blk)
{
	blk->sring->req_prod += FAR_AWAY;
	xen_wmb();
	xenevtchn_notify(blk->share->events, blk->share->port);
}

static int barrier(struct blk *blk, bool wait)
{
	uint64_t id = blk->ring.req_prod_pvt;

	blk_put_transfer(blk, BLKIF_OP_WRITE_BARRIER, 0);
	blk_push(blk);
	return wait ? blk_take_answer(blk, id) : 0;
}

/* Ring 0 halts; ring 1 goes on, barriers and all. */
static int beside_halted(struct rings *rings)
{
	int err = blk_read(&rings->blk[0], 0);

	err = err ?: blk_read(&rings->blk[1], 0);
	if (err)
		return err;
	run_away(&rings->blk[0]);
	err = barrier(&rings->blk[1], true);
	err = err ?: blk_read(&rings->blk[1], 0);
	return err ?: barrier(&rings->blk[1], true);
}

/* Ring 0 halts with requests that a limit still holds back. */
static int beside_held_and_halted(struct rings *rings)
{
	put_reads(&rings->blk[0], 16);
	run_away(&rings->blk[0]);
	return barrier(&rings->blk[1], true);
}

/*
 * The device ends while ring 0 still has requests that a limit holds back, and
 * ring 1 a barrier that waits for them: a second is for both to have had a turn.
 */
static int beside_held(struct rings *rings)
{
	int err;

	put_reads(&rings->blk[0], -1);
	err = barrier(&rings->blk[1], false);
	sleep(1);
	return err;
}

static void take_answers(struct blk *blk)
{
	int more;

	do {
		blk->ring.rsp_cons = blk->sring->rsp_prod;
		RING_FINAL_CHECK_FOR_RESPONSES(&blk->ring, more);
	} while (more);
}

/* Ring 0 is never empty: those put after the barrier are not waited for. */
static int beside_busy(struct rings *rings)
{
	struct blk *busy = &rings->blk[0], *blk = &rings->blk[1];
	uint64_t id = blk->ring.req_prod_pvt;
	int err, tries;

	put_reads(busy, -1);
	err = barrier(blk, false);
	for (tries = 0; tries < BUSY_TRIES && !err; tries++) {
		if (blk->sring->rsp_prod != blk->ring.rsp_cons)
			return blk_take_answer(blk, id);
		usleep(POLL_MS * 1000);
		take_answers(busy);
		put_reads(busy, -1);
	}
	fprintf(stderr, "no answer to the barrier\n");
	return err ?: -ETIMEDOUT;
}

static const struct play {
	const char *what;
	unsigned int limit; /* requests a second */
	int (*play)(struct rings *rings);
} plays[] = {
	{ "beside a ring that halted", 0, beside_halted },
	{ "beside one that halted with requests held back", 4,
	  beside_held_and_halted },
	{ "beside a full one that is held back", 4, beside_held },
	{ "beside one that is kept full", 32, beside_busy },
	{ NULL },
};

int gate_all(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number)
{
	const struct play *play;
	struct rings rings;
	int err = 0, ended;

	for (play = plays; play->what && !err; play++) {
		err = rings_connect(&rings, share, store, node, number,
				    play->limit);
		err = err ?: play->play(&rings);
		ended = rings_end(&rings);
		err = err ?: ended;
		printf("a barrier %s: %s\n", play->what,
		       err ? "failed" : "answered, the device ended");
	}
	return err;
}
