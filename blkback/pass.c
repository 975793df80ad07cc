// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A ring pass: answers of the reads that the disk has finished and data of the
 * writes that the guest has put go to the hypervisor in one batch of copies;
 * then the new requests are executed under one plug, the answers are published
 * by one push and one event.
 */

#include <linux/blkdev.h>

#include "blkback.h"

/**
 * struct pass - what is being gathered
 * @ring: the ring
 * @plug: new requests go to the disk together
 * @start: requests to execute, the last one first
 * @answer: requests to answer, the last one first
 */
struct pass {
	struct blkback_ring *ring;
	struct blk_plug plug;
	struct llist_node *start;
	struct llist_node *answer;
};

static void push_to(struct llist_node **list, struct blkback_io *io)
{
	io->next.next = *list;
	*list = &io->next;
}

static void execute_all(struct pass *pass)
{
	struct blkback_io *io, *next;
	struct llist_node *todo = llist_reverse_order(pass->start);

	pass->start = NULL;
	if (!todo)
		return;
	blk_start_plug(&pass->plug);
	llist_for_each_entry_safe(io, next, todo, next) {
		if (io->req.op != BLKBACK_READ &&
		    !blkback_copies_ok(io, pass->ring->batch)) {
			io->status = BLKIF_RSP_ERROR;
			push_to(&pass->answer, io);
			continue;
		}
		io->execute(io);
	}
	blk_finish_plug(&pass->plug);
}

static void check_answers(struct pass *pass)
{
	struct blkback_io *io;

	llist_for_each_entry(io, pass->answer, next)
		if (io->status == BLKIF_RSP_OKAY &&
		    io->req.op == BLKBACK_READ &&
		    !blkback_copies_ok(io, pass->ring->batch))
			io->status = BLKIF_RSP_ERROR;
}

/* One hypercall for all that was gathered; what it was gathered for follows. */
static void settle(struct pass *pass)
{
	struct blkback_ring *ring = pass->ring;
	struct llist_node *answer;

	gnt_copy_flush(ring->batch, true);
	check_answers(pass);
	execute_all(pass);
	answer = llist_reverse_order(pass->answer);
	pass->answer = NULL;
	if (answer)
		blkback_respond(ring, answer);
	ring->batch->nr = 0;
}

static void make_room(struct pass *pass, unsigned int nr)
{
	if (gnt_copy_room(pass->ring->batch) < nr)
		settle(pass);
}

static bool gather_done(struct pass *pass)
{
	struct llist_node *done = llist_del_all(&pass->ring->done);
	struct blkback_io *io, *next;

	llist_for_each_entry_safe(io, next, llist_reverse_order(done), next) {
		if (io->status == BLKIF_RSP_OKAY &&
		    io->req.op == BLKBACK_READ) {
			make_room(pass, io->req.nr_segs);
			blkback_add_copies(io, pass->ring->batch, GNT_TO_GUEST);
		}
		push_to(&pass->answer, io);
	}
	return done;
}

static void count_taken(struct blkback_stats *stats,
			const struct blkback_req *req)
{
	switch (req->op) {
	case BLKBACK_READ:
		stats->rd_req++;
		stats->rd_sect += req->nr_sectors;
		break;
	case BLKBACK_WRITE:
		stats->wr_req++;
		stats->wr_sect += req->nr_sectors;
		break;
	case BLKBACK_FLUSH:
		stats->f_req++;
		stats->wr_sect += req->nr_sectors;
		break;
	}
}

static void take_one(struct pass *pass, struct blkback_io *io)
{
	struct blkback_ring *ring = pass->ring;
	struct blkback_slot slot;

	atomic_inc(&ring->inflight);
	if (ring->layout->slot_size == BLKBACK_SLOT_MAX)
		xbe_ring_take(&ring->shared, &slot, BLKBACK_SLOT_MAX);
	else
		xbe_ring_take(&ring->shared, &slot, 108);

	io->status = blkback_parse(ring->layout, &slot, &ring->vbd->limits,
				   &io->req);
	if (io->status == BLKIF_RSP_OKAY && blkback_io_pages(io))
		io->status = BLKIF_RSP_ERROR;
	if (io->status != BLKIF_RSP_OKAY) {
		push_to(&pass->answer, io);
		return;
	}
	count_taken(&ring->stats, &io->req);
	io->execute = blkback_bdev_submit;
	if (io->req.op != BLKBACK_READ) {
		make_room(pass, io->req.nr_segs);
		blkback_add_copies(io, ring->batch, GNT_FROM_GUEST);
	}
	push_to(&pass->start, io);
}

static void halt_ring(struct blkback_ring *ring)
{
	ring->halted = true;
	/* It is served again after a reconnect. */
	xbe_fault(ring->vbd->xbe, "ring halted: more requests than slots");
}

static bool gather_new(struct pass *pass)
{
	struct blkback_ring *ring = pass->ring;
	struct blkback_io *io;
	int waiting, i;

	if (ring->halted)
		return false;
	waiting = xbe_ring_waiting(&ring->shared);
	if (waiting < 0) {
		halt_ring(ring);
		return false;
	}
	WRITE_ONCE(ring->held, false);
	for (i = 0; i < waiting; i++) {
		if (unlikely(blkback_io_hold(ring))) {
			WRITE_ONCE(ring->held, true);
			break;
		}
		io = blkback_io_get(ring);
		/* Without memory they stay in the ring for a later pass. */
		if (!io) {
			ring->stats.oo_req++;
			break;
		}
		take_one(pass, io);
	}
	return i;
}

/**
 * blkback_pass() - serve a ring once
 * @ring: the ring
 * @take: whether new requests are taken; answers are given always
 *
 * Context: the ring's thread; may sleep.
 * Return: whether requests were taken.
 */
bool blkback_pass(struct blkback_ring *ring, bool take)
{
	struct pass pass = { .ring = ring };
	bool took;

	ring->stats.passes++;
	gather_done(&pass);
	took = take && gather_new(&pass);
	if (pass.start || pass.answer)
		settle(&pass);
	return took;
}
