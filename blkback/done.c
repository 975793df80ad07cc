// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Completions. What needs no copy is answered at once, where the disk completed
 * it, and so is a request that was alone in flight: no thread is woken for it.
 * Others gather for the ring thread, which copies for all in one batch.
 */

#include <linux/wait_bit.h>

#include "blkback.h"
#include "trace.h"

/* An interrupt on top of the thread is not the thread. */
static bool in_ring_thread(const struct blkback_ring *ring)
{
	return current == ring->thread && in_task();
}

static void put_response(struct blkback_ring *ring, struct blkback_io *io)
{
	lockdep_assert_held(&ring->lock);
	if (io->status != BLKIF_RSP_OKAY) {
		ring->stats.errors++;
		trace_blkback_error(io);
	}
	if (xbe_switch_is_on(&blkback_latency_switch))
		blkback_latency_count(io);
	if (unlikely(io->heavy)) {
		io->heavy = false;
		atomic_dec(&ring->heavy);
	}
	ring->stats.direct += io->direct;
	io->direct = false;
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
	llist_for_each_entry(io, answered, next) {
		put_response(ring, io);
		nr++;
	}
	if (xbe_ring_push(&ring->shared))
		evtchn_chan_notify(&ring->chan);
	spin_unlock_irqrestore(&ring->lock, flags);
	if (in_ring_thread(ring))
		blkback_io_recycle_list(ring, answered);
	else
		llist_for_each_entry_safe(io, next, answered, next)
			blkback_io_put(io);

	/* Set before the thread looks at inflight: one sees the other. */
	if (atomic_sub_and_test(nr, &ring->inflight) &&
	    (READ_ONCE(ring->vbd->closing) || READ_ONCE(ring->held) ||
	     unlikely(blkback_io_excess(ring->vbd)))) {
		WRITE_ONCE(ring->kicked, true);
		blkback_ring_wake(ring);
		/* Pairs with wait_answered(). */
		wake_up_var(&ring->inflight);
	}
	if (unlikely(READ_ONCE(ring->vbd->gate)))
		blkback_barrier_kick(ring->vbd);
	/* Only the device's work may write keys. */
	if (unlikely(READ_ONCE(ring->vbd->flush.told) !=
		     READ_ONCE(ring->vbd->flush.heard)))
		xbe_post_check(ring->vbd->xbe);
}

/*
 * Alone in flight: nothing would be gained by waiting for others. A guest page
 * that is paged out needs a context that may sleep, which is the thread.
 */
static bool copy_directly(struct blkback_io *io)
{
	struct blkback_ring *ring = io->ring;
	struct gnt_copy_batch *batch = ring->direct_batch;
	bool copied;

	if (io->nr_copies > batch->max || atomic_read(&ring->inflight) != 1 ||
	    test_and_set_bit_lock(0, &ring->direct_busy))
		return false;
	batch->nr = 0;
	blkback_data_copy(io, batch, GNT_TO_GUEST);
	gnt_copy_flush(batch, false);
	copied = blkback_data_copied(io, batch);
	clear_bit_unlock(0, &ring->direct_busy);
	return copied;
}

static bool answer_directly(struct blkback_io *io)
{
	struct blkback_ring *ring = io->ring;

	/* Requests held back are taken by the thread, which this would not wake. */
	if (READ_ONCE(ring->held) || io->req.op == BLKBACK_BARRIER)
		return false;
	if (io->req.op == BLKBACK_READ && io->status == BLKIF_RSP_OKAY &&
	    io->nr_copies && !copy_directly(io))
		return false;
	io->direct = true;
	io->next.next = NULL;
	blkback_respond(ring, &io->next);
	return true;
}

static noinline void done_elsewhere(struct blkback_io *io)
{
	struct blkback_ring *ring = io->ring;

	/* Once another answers it, only this keeps the ring. */
	rcu_read_lock();
	if (!answer_directly(io) && llist_add(&io->next, &ring->done))
		blkback_ring_wake(ring);
	rcu_read_unlock();
}

/*
 * Some frontends take this answer for success (Windows' XENVBD does for every
 * request), and disks give it for other reasons, such as a namespace that has
 * vanished. What moves data is never unsupported.
 */
static bool may_be_unsupported(const struct blkback_req *req)
{
	return req->op != BLKBACK_READ && req->op != BLKBACK_WRITE;
}

static noinline s16 note_failure(const struct blkback_io *io, s16 status)
{
	if (io->req.op == BLKBACK_FLUSH || io->req.op == BLKBACK_BARRIER)
		blkback_flush_failed(io->ring->vbd);
	if (status == BLKIF_RSP_EOPNOTSUPP && !may_be_unsupported(&io->req))
		return BLKIF_RSP_ERROR;
	return status;
}

static noinline void wait_behind(struct blkback_io *io)
{
	io->written = true;
	blkback_flush_wait(io);
}

static __always_inline void finish(struct blkback_io *io, s16 status)
{
	io->status = status;
	trace_blkback_finished(io);
	/* The thread is here already, and answers many at once. */
	if (in_ring_thread(io->ring))
		blkback_queue_add(&io->ring->finished, io);
	else
		done_elsewhere(io);
}

/**
 * blkback_finish() - have a request answered
 * @io: the request, which is as durable as it has to be
 * @status: BLKIF_RSP_*
 *
 * Context: any.
 */
void blkback_finish(struct blkback_io *io, s16 status)
{
	finish(io, status);
}

/**
 * blkback_done() - the disk has finished a request
 * @io: the request
 * @status: BLKIF_RSP_*
 *
 * A write that its frontend does not flush is flushed before it is answered.
 *
 * Context: any, as the disk's driver has it.
 */
void blkback_done(struct blkback_io *io, s16 status)
{
	if (unlikely(status != BLKIF_RSP_OKAY)) {
		status = note_failure(io, status);
	} else if (blkback_flush_behind(io)) {
		wait_behind(io);
		return;
	}
	finish(io, status);
}
