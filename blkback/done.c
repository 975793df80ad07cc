// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Completions. Those that come while others are in flight gather for the ring
 * thread, which answers them in one batch. One that comes alone is answered at
 * once, where the disk completed it: no thread is woken for it.
 */

#include "blkback.h"

/**
 * blkback_add_copies() - add a request's data to a batch
 * @io: a request with a page for each segment
 * @batch: a batch with room for them
 * @dir: which way
 *
 * Context: any.
 */
void blkback_add_copies(struct blkback_io *io, struct gnt_copy_batch *batch,
			enum gnt_dir dir)
{
	struct gnt_span span = { .domid = io->ring->vbd->xbe->domid };
	unsigned int i;

	io->first_op = batch->nr;
	for (i = 0; i < io->req.nr_segs; i++) {
		span.ref = io->req.seg[i].ref;
		span.offset = io->req.seg[i].offset;
		span.len = io->req.seg[i].len;
		gnt_copy_add(batch, dir, &span, io->page[i], span.offset);
	}
}

/**
 * blkback_copies_ok() - whether all of a request's copies were made
 * @io: the request
 * @batch: the batch they were added to, flushed
 *
 * Context: any.
 * Return: true when each of them succeeded.
 */
bool blkback_copies_ok(const struct blkback_io *io,
		       const struct gnt_copy_batch *batch)
{
	unsigned int i;

	for (i = 0; i < io->req.nr_segs; i++)
		if (!gnt_copy_ok(batch, io->first_op + i))
			return false;
	return true;
}

static void put_response(struct blkback_ring *ring, struct blkback_io *io)
{
	lockdep_assert_held(&ring->lock);
	if (io->status != BLKIF_RSP_OKAY)
		ring->stats.errors++;
	blkback_answer(ring->layout, xbe_ring_answer(&ring->shared), io->req.id,
		       io->req.wire_op, io->status);
}

/**
 * blkback_respond() - answer requests: one push, one event
 * @ring: the ring
 * @answered: the requests, their status set; given back here
 *
 * Context: any; the ring's thread, or in an RCU read-side section: once the
 * last request is answered the ring may go, a grace period later.
 */
void blkback_respond(struct blkback_ring *ring, struct llist_node *answered)
{
	struct blkback_io *io, *next;
	unsigned long flags;
	int nr = 0;

	spin_lock_irqsave(&ring->lock, flags);
	llist_for_each_entry_safe(io, next, answered, next) {
		put_response(ring, io);
		blkback_io_put(io);
		nr++;
	}
	if (xbe_ring_push(&ring->shared))
		evtchn_chan_notify(&ring->chan);
	spin_unlock_irqrestore(&ring->lock, flags);

	/* Set before the thread looks at inflight: one sees the other. */
	if (atomic_sub_and_test(nr, &ring->inflight) &&
	    (READ_ONCE(ring->stopping) || READ_ONCE(ring->held))) {
		WRITE_ONCE(ring->kicked, true);
		wake_up_process(ring->thread);
	}
}

/*
 * Alone in flight: nothing would be gained by waiting for others. A guest page
 * that is paged out needs a context that may sleep, which is the thread.
 */
static bool answer_directly(struct blkback_io *io)
{
	struct blkback_ring *ring = io->ring;
	struct gnt_copy_batch *batch = ring->direct_batch;
	bool answered = true;

	/* Requests held back are taken by the thread, which this would not wake. */
	if (atomic_read(&ring->inflight) != 1 || READ_ONCE(ring->held) ||
	    test_and_set_bit_lock(0, &ring->direct_busy))
		return false;

	if (io->req.op == BLKBACK_READ && io->status == BLKIF_RSP_OKAY) {
		batch->nr = 0;
		blkback_add_copies(io, batch, GNT_TO_GUEST);
		gnt_copy_flush(batch, false);
		answered = blkback_copies_ok(io, batch);
	}
	ring->stats.direct += answered;
	clear_bit_unlock(0, &ring->direct_busy);
	if (!answered)
		return false;
	io->next.next = NULL;
	blkback_respond(ring, &io->next);
	return true;
}

/**
 * blkback_done() - the disk has finished a request
 * @io: the request
 * @status: BLKIF_RSP_*
 *
 * Context: any, as the disk's driver has it.
 */
void blkback_done(struct blkback_io *io, s16 status)
{
	struct blkback_ring *ring = io->ring;

	io->status = status;
	/* Once another answers it, only this keeps the ring. */
	rcu_read_lock();
	/* An interrupt on top of the thread may have found it half asleep. */
	if (!answer_directly(io) && llist_add(&io->next, &ring->done) &&
	    !(in_task() && current == ring->thread))
		wake_up_process(ring->thread);
	rcu_read_unlock();
}
