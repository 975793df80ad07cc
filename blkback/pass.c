// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A ring pass: answers of the reads that the disk has finished and data of the
 * writes that the guest has put go to the hypervisor in one batch of copies;
 * then the new requests are executed under one plug, the answers are published
 * by one push and one event. Where grants stay mapped there is nothing to copy,
 * and only new grants go to the hypervisor, in one batch too.
 */

#include <linux/blkdev.h>

#include "blkback.h"
#include "trace.h"

/*
 * Discards of a ring under way at a time. Each may be of the whole disk, and
 * what is under way has to end before the vbd can go. (In-tree does one at a
 * time, and nothing else meanwhile.)
 */
#define HEAVY_MAX 8

/* Requests that the block layer may prepare at once. */
#define PLUG_REQUESTS 32

/**
 * struct pass - what is being gathered
 * @ring: the ring
 * @plug: new requests go to the disk together
 * @start: requests to execute
 * @nr_start: how many
 * @described: indirect requests whose descriptors are still to be read
 * @answer: requests to answer
 * @copies_failed: some copies of the batch in hand were not made
 */
struct pass {
	struct blkback_ring *ring;
	struct blk_plug plug;
	struct blkback_queue start;
	unsigned int nr_start;
	struct blkback_queue described;
	struct blkback_queue answer;
	bool copies_failed;
};

static void answer_error(struct pass *pass, struct blkback_io *io)
{
	if (unlikely(io == pass->ring->barrier))
		blkback_barrier_end(pass->ring);
	io->status = BLKIF_RSP_ERROR;
	blkback_queue_add(&pass->answer, io);
}

static bool data_ready(const struct pass *pass, const struct blkback_io *io)
{
	return blkback_data_mapped(io) &&
	       (!pass->copies_failed || io->req.op == BLKBACK_READ ||
		blkback_data_copied(io, io->ring->batch));
}

/* Whether the disk could do both in one. */
static bool adjacent(const struct blkback_io *io, const struct blkback_io *next)
{
	return next->req.sector == io->req.sector + io->req.nr_sectors &&
	       next->req.op == io->req.op;
}

static void mark_adjacent(struct blkback_io *io)
{
	struct blkback_io *next;

	io->adjacent = false;
	for (; io->next.next; io = next) {
		next = llist_entry(io->next.next, struct blkback_io, next);
		next->adjacent = adjacent(io, next);
		io->adjacent |= next->adjacent;
	}
}

static void execute_all(struct pass *pass)
{
	struct blkback_io *io, *next;
	bool several = pass->nr_start > 1;

	mark_adjacent(llist_entry(pass->start.first, struct blkback_io, next));

	/* A plug holds back what goes to the disk: of no use to one alone. */
	if (several) {
		blk_start_plug(&pass->plug);
		pass->plug.nr_ios = min(pass->nr_start, PLUG_REQUESTS);
	}
	pass->nr_start = 0;
	llist_for_each_entry_safe(io, next, blkback_queue_take(&pass->start),
				  next) {
		if (likely(data_ready(pass, io))) {
			trace_blkback_submitted(io);
			io->execute(io);
		} else {
			answer_error(pass, io);
		}
	}
	if (several)
		blk_finish_plug(&pass->plug);
}

static void check_answers(struct pass *pass)
{
	struct blkback_io *io;

	llist_for_each_entry(io, pass->answer.first, next)
		if (io->status == BLKIF_RSP_OKAY &&
		    io->req.op == BLKBACK_READ &&
		    !blkback_data_copied(io, pass->ring->batch))
			io->status = BLKIF_RSP_ERROR;
}

/* One hypercall for all that was gathered; what it was gathered for follows. */
static void settle(struct pass *pass)
{
	struct blkback_ring *ring = pass->ring;

	if (ring->persistent)
		blkback_grants_flush(ring);
	pass->copies_failed = gnt_copy_flush(ring->batch, true);
	if (unlikely(pass->copies_failed))
		check_answers(pass);
	if (pass->start.first)
		execute_all(pass);
	if (pass->answer.first)
		blkback_respond(ring, blkback_queue_take(&pass->answer));
	ring->batch->nr = 0;
	/* A ring may hold half a GiB: others are to have this CPU as well. */
	cond_resched();
}

static void add_copies(struct pass *pass, struct blkback_io *io,
		       enum gnt_dir dir)
{
	if (gnt_copy_room(pass->ring->batch) < io->nr_copies)
		settle(pass);
	blkback_data_copy(io, pass->ring->batch, dir);
}

static void gather_list(struct pass *pass, struct llist_node *done)
{
	struct blkback_io *io, *next;

	llist_for_each_entry_safe(io, next, done, next) {
		if (unlikely(io->req.op == BLKBACK_BARRIER))
			blkback_barrier_end(pass->ring);
		if (io->nr_copies && io->status == BLKIF_RSP_OKAY &&
		    io->req.op == BLKBACK_READ)
			add_copies(pass, io, GNT_TO_GUEST);
		blkback_queue_add(&pass->answer, io);
	}
}

static bool gather_done(struct pass *pass)
{
	struct blkback_ring *ring = pass->ring;
	bool any = ring->finished.first;

	if (any)
		gather_list(pass, blkback_queue_take(&ring->finished));
	if (llist_empty(&ring->done))
		return any;
	gather_list(pass, llist_reverse_order(llist_del_all(&ring->done)));
	return true;
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
	case BLKBACK_BARRIER:
		stats->f_req++;
		stats->wr_sect += req->nr_sectors;
		break;
	case BLKBACK_DISCARD:
		stats->ds_req++;
		break;
	}
}

static void start(struct pass *pass, struct blkback_io *io)
{
	if (io->nr_copies && io->req.op != BLKBACK_READ)
		add_copies(pass, io, GNT_FROM_GUEST);
	blkback_queue_add(&pass->start, io);
	pass->nr_start++;
}

/* It may wait for longer than this pass knows which grants failed. */
static void hold_barrier(struct pass *pass, struct blkback_io *io)
{
	if (pass->ring->persistent)
		blkback_grants_flush(pass->ring);
	if (blkback_data_mapped(io))
		blkback_barrier_begin(io);
	else
		answer_error(pass, io);
}

/*
 * Whoever was never to write has nothing to flush, and no say in what others have.
 * A disk that turned read-only may have something in its cache.
 */
static bool flushes_nothing(const struct blkback_io *io)
{
	return unlikely(!io->req.nr_sectors) && io->ring->vbd->readonly &&
	       io->req.op != BLKBACK_DISCARD;
}

/* Its segments are known: from here on it is in order, if they were. */
static void prepare(struct pass *pass, struct blkback_io *io)
{
	if (io->status == BLKIF_RSP_OKAY && blkback_data_get(io))
		io->status = BLKIF_RSP_ERROR;
	trace_blkback_taken(io);
	if (unlikely(io->status != BLKIF_RSP_OKAY)) {
		blkback_queue_add(&pass->answer, io);
		return;
	}
	count_taken(&pass->ring->stats, &io->req);
	if (flushes_nothing(io)) {
		blkback_queue_add(&pass->answer, io);
		return;
	}
	if (unlikely(io->req.op == BLKBACK_DISCARD)) {
		io->heavy = true;
		atomic_inc(&io->ring->heavy);
	}
	io->execute = pass->ring->vbd->execute;
	if (io->req.op == BLKBACK_WRITE &&
	    unlikely(blkback_flush_first(pass->ring->vbd)))
		io->execute = blkback_flush_wait;
	if (unlikely(io->req.op == BLKBACK_BARRIER))
		hold_barrier(pass, io);
	else
		start(pass, io);
}

static void read_described(struct pass *pass)
{
	struct blkback_ring *ring = pass->ring;
	struct blkback_io *io, *next;
	struct llist_node *list = blkback_queue_take(&pass->described);

	if (!list)
		return;
	if (ring->persistent)
		blkback_grants_flush(ring);
	gnt_copy_flush(ring->descs, true);
	llist_for_each_entry_safe(io, next, list, next) {
		blkback_desc_read(io);
		prepare(pass, io);
	}
	ring->descs->nr = 0;
}

static void take_indirect(struct pass *pass, struct blkback_io *io)
{
	int got;

	if (!gnt_copy_room(pass->ring->descs))
		read_described(pass);
	got = blkback_desc_get(io);
	if (likely(got > 0))
		prepare(pass, io);
	else if (!got)
		blkback_queue_add(&pass->described, io);
	else
		answer_error(pass, io);
}

static void take_one(struct pass *pass, struct blkback_io *io)
{
	struct blkback_ring *ring = pass->ring;
	struct blkback_slot *slot = &ring->slot;

	atomic_inc(&ring->inflight);
	blkback_latency_stamp(&io->taken_at);
	blkback_slot_copy(slot, xbe_ring_next(&ring->shared),
			  ring->layout->slot_size);
	io->status = blkback_parse(ring->layout, slot, &ring->vbd->limits,
				   &io->req, io->seg);
	if (io->status == BLKIF_RSP_OKAY && io->req.indirect)
		take_indirect(pass, io);
	else
		prepare(pass, io);
}

static void halt_ring(struct blkback_ring *ring)
{
	ring->halted = true;
	WRITE_ONCE(ring->held, false);
	/* It is served again after a reconnect. */
	xbe_fault(ring->vbd->xbe, "ring halted: more requests than slots");
}

/* Those before a barrier and those after it are never under way together. */
static bool may_take(struct blkback_ring *ring)
{
	return !ring->halted && !READ_ONCE(ring->vbd->closing) &&
	       !blkback_barrier_closed(ring);
}

/* A discard moves no data, and one that was refused none either. */
static u64 bytes_of(const struct blkback_io *io)
{
	if (io->status != BLKIF_RSP_OKAY || io->req.op == BLKBACK_DISCARD)
		return 0;
	return (u64)io->req.nr_sectors << SECTOR_SHIFT;
}

/* Also of a pass that has begun: to close is not to wait for it. */
static bool has_enough(const struct blkback_ring *ring)
{
	return ring->barrier || READ_ONCE(ring->vbd->closing);
}

/* Others have to end first: of them memory comes, or the disk's time. */
static bool must_hold(const struct blkback_ring *ring)
{
	return blkback_io_hold(ring) || atomic_read(&ring->heavy) >= HEAVY_MAX;
}

static bool gather_new(struct pass *pass)
{
	struct blkback_ring *ring = pass->ring;
	bool limited = READ_ONCE(ring->vbd->limiter.on);
	struct blkback_io *io;
	int waiting, i;

	waiting = xbe_ring_waiting(&ring->shared);
	if (waiting < 0) {
		halt_ring(ring);
		return false;
	}
	WRITE_ONCE(ring->held, false);
	if (unlikely(READ_ONCE(ring->vbd->gate)))
		waiting = blkback_barrier_limit(ring, waiting);
	for (i = 0; i < waiting && !has_enough(ring); i++) {
		if (unlikely(must_hold(ring))) {
			WRITE_ONCE(ring->held, true);
			break;
		}
		if (unlikely(limited) && blkback_limit_hold(ring))
			break;
		io = blkback_io_get(ring);
		/* Without memory they stay in the ring for a later pass. */
		if (!io) {
			ring->stats.oo_req++;
			WRITE_ONCE(ring->held, true);
			break;
		}
		take_one(pass, io);
		if (unlikely(limited)) {
			/* How much it is stands in its descriptors. */
			read_described(pass);
			blkback_limit_charge(ring, bytes_of(io));
		}
	}
	read_described(pass);
	return i;
}

static void start_barrier(struct pass *pass)
{
	struct blkback_io *io = blkback_barrier_ready(pass->ring);

	if (io)
		start(pass, io);
}

/**
 * blkback_pass() - serve a ring once
 * @ring: the ring
 * @take: whether new requests are taken; answers are given always
 *
 * What the disk completes at once is answered in the same pass.
 *
 * Context: the ring's thread; may sleep.
 * Return: whether requests were taken.
 */
bool blkback_pass(struct blkback_ring *ring, bool take)
{
	struct pass pass = { .ring = ring };
	bool took = false;

	ring->stats.passes++;
	blkback_queue_init(&pass.start);
	blkback_queue_init(&pass.described);
	blkback_queue_init(&pass.answer);
	ring->turn.held = false;
	gather_done(&pass);
	if (take && may_take(ring))
		took = gather_new(&pass);
	if (unlikely(READ_ONCE(ring->turn.waiting)) && !ring->turn.held)
		blkback_limit_leave(ring);
	if (unlikely(READ_ONCE(ring->vbd->gate)))
		blkback_barrier_pass(ring, take);
	if (unlikely(ring->barrier))
		start_barrier(&pass);
	do {
		if (pass.start.first || pass.answer.first)
			settle(&pass);
	} while (gather_done(&pass));
	if (ring->persistent)
		blkback_grants_forget(ring);
	trace_blkback_pass(ring, took);
	return took;
}
