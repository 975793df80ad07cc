// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A ring of a vbd: connect, the thread that serves it, drain, disconnect. */

#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "blkback.h"

/* Copies that go to the hypervisor in one call: 23 full requests; 10 KiB. */
#define BATCH_OPS 256
static_assert(BATCH_OPS >= BLKBACK_MAX_SEGS);

/* Indirect requests whose descriptors are copied in one call. */
#define BATCH_DESCS 32

static void ring_event(struct evtchn_chan *chan)
{
	struct blkback_ring *ring =
		container_of(chan, struct blkback_ring, chan);

	WRITE_ONCE(ring->kicked, true);
	wake_up_process(ring->thread);
}

static bool more_waits(struct blkback_ring *ring)
{
	bool more = xbe_ring_want(&ring->shared, 1);

	/* Held ones wait for a completion, which wakes the thread. */
	smp_mb();
	return more && !READ_ONCE(ring->vbd->closing) &&
	       !(ring->held && atomic_read(&ring->inflight)) &&
	       !ring->turn.held && !blkback_barrier_closed(ring);
}

/*
 * An event was work if the frontend has put more requests than ever before. Those
 * that wait, for the vbd's limit or for memory, are none of its doing: a frontend
 * that sends events with nothing behind them has them delayed (XSA-332), also when
 * it takes requests back and puts them again.
 */
static void give_eoi(struct blkback_ring *ring)
{
	s32 more = ring->shared.req_prod - ring->eoi_prod;

	if (evtchn_chan_done(&ring->chan, EVTCHN_CHAN_PART0, more > 0) &&
	    more > 0)
		ring->eoi_prod += more;
}

static void serve(struct blkback_ring *ring)
{
	u64 starved = ring->stats.oo_req, flushes = ring->stats.f_req;
	bool took, more, flushing;

	/* Full barrier: an event that comes after this is a pass more. */
	xchg(&ring->kicked, false);
	took = blkback_pass(ring, true);
	/* No EOI for a broken ring: its events stay masked. */
	if (ring->halted)
		return;
	more = more_waits(ring);
	/* A worker ends a flush, perhaps on this CPU: it must not sleep. */
	flushing = ring->stats.f_req != flushes && atomic_read(&ring->inflight);
	if (took && !more && !ring->turn.held && !flushing &&
	    blkback_poll(ring)) {
		WRITE_ONCE(ring->kicked, true);
		return;
	}
	if (more)
		WRITE_ONCE(ring->kicked, true);
	/* Requests wait, but there was no memory to take one. */
	if (ring->stats.oo_req != starved)
		schedule_timeout_idle(1);
	give_eoi(ring);
}

/**
 * blkback_ring_wake() - have the ring's thread look for work
 * @ring: a ring that is served
 *
 * Context: any, in an RCU read-side section or where the thread cannot go.
 */
void blkback_ring_wake(struct blkback_ring *ring)
{
	struct task_struct *thread = READ_ONCE(ring->thread);

	/* A ring that is being connected has no thread yet. */
	if (!thread)
		return;
	/* Pairs with sleep_in_xen() of poll.c. */
	smp_mb();
	wake_up_process(thread);
	if (unlikely(READ_ONCE(ring->polling))) {
		preempt_disable();
		kick_process(thread);
		preempt_enable();
	}
}

/* No barrier waits for this ring any more. */
static void leave(struct blkback_ring *ring)
{
	/* Pairs with drained() of barrier.c. */
	smp_store_mb(ring->serving, false);
	blkback_barrier_kick(ring->vbd);
}

/*
 * All that was taken is answered before the ring is let go: a module loaded
 * later goes on where this one stopped, and the guest does not notice.
 */
static void drain(struct blkback_ring *ring)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (!llist_empty(&ring->done) || xchg(&ring->kicked, false)) {
			__set_current_state(TASK_RUNNING);
			blkback_pass(ring, false);
		} else if (atomic_read(&ring->inflight)) {
			schedule();
		} else {
			break;
		}
	}
	__set_current_state(TASK_RUNNING);
	leave(ring);
}

static unsigned long evict_period(void)
{
	/* Twice in the time after which an unused grant goes. */
	return max(READ_ONCE(blkback_unused_seconds), 2u) * (HZ / 2);
}

static void evict_time(struct timer_list *timer)
{
	struct blkback_ring *ring =
		container_of(timer, struct blkback_ring, evict_timer);

	mod_timer(timer, jiffies + evict_period());
	if (!READ_ONCE(ring->grants.nr))
		return;
	WRITE_ONCE(ring->evict, true);
	blkback_ring_wake(ring);
}

/* The thread does it itself, so that nothing about grants needs a lock. */
static void evict(struct blkback_ring *ring)
{
	if (likely(!READ_ONCE(ring->evict) && !blkback_grants_full(ring)))
		return;
	WRITE_ONCE(ring->evict, false);
	blkback_grants_evict(ring);
}

static void squeeze(struct blkback_ring *ring)
{
	if (unlikely(blkback_io_excess(ring->vbd)) &&
	    !atomic_read(&ring->inflight))
		blkback_io_squeeze(ring);
	if (likely(!READ_ONCE(ring->squeeze)))
		return;
	WRITE_ONCE(ring->squeeze, false);
	blkback_io_squeeze(ring);
	blkback_pages_squeeze();
}

static void nap(struct blkback_ring *ring)
{
	if (likely(!ring->turn.held))
		schedule();
	else if (blkback_limit_sleep(ring))
		WRITE_ONCE(ring->kicked, true);
	ring->stats.wakeups++;
}

/* Something that all requests depend on is about to change. */
static void park(struct blkback_ring *ring)
{
	__set_current_state(TASK_RUNNING);
	blkback_limit_leave(ring);
	drain(ring);
	kthread_parkme();
	WRITE_ONCE(ring->serving, true);
	/* Events that came meanwhile have found it parked. */
	WRITE_ONCE(ring->kicked, true);
}

static int ring_thread(void *data)
{
	struct blkback_ring *ring = data;

	/* Memory is not to be had by writing to a disk that this thread serves. */
	memalloc_noio_save();
	/* Nothing goes to a disk while all of this domain is suspended. */
	set_freezable();
	WRITE_ONCE(ring->serving, true);
	for (;;) {
		try_to_freeze();
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (kthread_should_park()) {
			park(ring);
			continue;
		}
		if (!blkback_work_waiting(ring)) {
			nap(ring);
			continue;
		}
		__set_current_state(TASK_RUNNING);
		serve(ring);
		if (ring->persistent)
			evict(ring);
		squeeze(ring);
		if (unlikely(READ_ONCE(blkback_log_stats)))
			blkback_stats_log(ring);
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	/* The other rings must not wait for one that serves no more. */
	blkback_limit_leave(ring);
	drain(ring);
	return 0;
}

static int create_thread(struct blkback_ring *ring)
{
	struct task_struct *thread;

	thread = kthread_create(ring_thread, ring, "%s", ring->name);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	/* It is named after it ended: by an event, by a last completion. */
	get_task_struct(thread);
	WRITE_ONCE(ring->thread, thread);
	return 0;
}

static const struct xbe_key channel_key = {
	.name = "event-channel",
	.min = 1,
	.max = U32_MAX,
	.required = true,
};

/**
 * blkback_ring_read() - read what the frontend wrote for one ring
 * @ring: a zeroed ring with its vbd set
 * @keys: what it wrote for all rings
 * @subdir: where it wrote what is this ring's: "queue-0", or NULL
 *
 * All rings are read before any is mapped: an error then has nothing to undo.
 *
 * Context: the device's work; may sleep.
 * Return: 0 or a negative errno, reported already.
 */
int blkback_ring_read(struct blkback_ring *ring,
		      const struct blkback_ring_keys *keys, const char *subdir)
{
	struct xbe_device *xbe = ring->vbd->xbe;
	int err;

	err = xbe_read_refs(xbe, subdir, 1 << keys->order, keys->numbered,
			    ring->refs);
	if (err)
		return err;
	return xbe_read_keys(xbe, subdir, &channel_key, 1, &ring->port);
}

static int bind_channel(struct blkback_ring *ring)
{
	struct xbe_device *xbe = ring->vbd->xbe;
	int err;

	err = evtchn_chan_bind_interdomain(&ring->chan, xbe->xdev, ring->port,
					   EVTCHN_CHAN_PART0, ring->name,
					   ring_event);
	if (err)
		xbe_error(xbe, err,
			  "event-channel is %u, not offered by domain %u",
			  ring->port, xbe->domid);
	return err;
}

static int alloc_parts(struct blkback_ring *ring)
{
	ring->batch = gnt_copy_alloc(BATCH_OPS);
	ring->descs = gnt_copy_alloc(BATCH_DESCS);
	ring->direct_batch = gnt_copy_alloc(BLKBACK_DIRECT_SEGS);
	ring->scratch =
		kmalloc(BLKBACK_MAX_SEGS * BLKBACK_SEG_SIZE, GFP_KERNEL);
	if (!ring->batch || !ring->descs || !ring->direct_batch ||
	    !ring->scratch)
		return -ENOMEM;
	return ring->persistent ? blkback_grants_init(ring) : 0;
}

/**
 * blkback_ring_connect() - map a ring; blkback_rings_take() has it served
 * @ring: a ring with its vbd, index and name set and its keys read
 * @keys: what the frontend wrote for all rings
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno; blkback_ring_stop() and
 * blkback_ring_disconnect() undo what was done either way.
 */
int blkback_ring_connect(struct blkback_ring *ring,
			 const struct blkback_ring_keys *keys)
{
	int err;

	ring->layout = keys->layout;
	ring->persistent = keys->persistent;
	spin_lock_init(&ring->lock);
	INIT_LIST_HEAD(&ring->ios);
	init_llist_head(&ring->freed);
	init_llist_head(&ring->done);
	blkback_queue_init(&ring->finished);
	ring->next_log = jiffies;
	blkback_poll_init(ring);
	timer_setup(&ring->evict_timer, evict_time, TIMER_DEFERRABLE);
	err = alloc_parts(ring);
	if (err)
		return err;
	err = xbe_ring_map(&ring->shared, ring->vbd->xbe, ring->refs,
			   1 << keys->order, ring->layout->slot_size);
	if (err)
		return err;
	ring->eoi_prod = ring->shared.req_cons;
	err = create_thread(ring);
	if (err)
		return err;
	err = bind_channel(ring);
	if (err)
		return err;
	if (ring->persistent)
		mod_timer(&ring->evict_timer, jiffies + evict_period());
	return 0;
}

/*
 * kthread_park() and kthread_stop() sleep so that the kernel complains after
 * two minutes, and a disk may be dead for longer. Nothing is taken any more, so
 * that what is in flight becomes less only.
 */
static void wait_answered(struct blkback_ring *ring)
{
	___wait_var_event(&ring->inflight, !atomic_read(&ring->inflight),
			  TASK_IDLE, 0, 0, schedule());
}

/**
 * blkback_ring_park() - drain a ring and have it take nothing more
 * @ring: a connected ring, after blkback_rings_close()
 *
 * Context: the device's work; sleeps for as long as the disk takes.
 */
void blkback_ring_park(struct blkback_ring *ring)
{
	wait_answered(ring);
	kthread_park(ring->thread);
	/* A thread that never ran has not said so. */
	leave(ring);
}

/**
 * blkback_ring_unpark() - have a parked ring go on
 * @ring: the ring
 *
 * Context: the device's work.
 */
void blkback_ring_unpark(struct blkback_ring *ring)
{
	kthread_unpark(ring->thread);
}

/**
 * blkback_ring_stop() - stop intake and answer what is in flight
 * @ring: the ring, connected wholly, in part or not at all
 *
 * blkback_rings_close() comes before. All rings of a vbd are stopped before the
 * first is let go: they wake each other.
 *
 * Context: the device's work; sleeps for as long as the disk takes.
 */
void blkback_ring_stop(struct blkback_ring *ring)
{
	if (!ring->thread)
		return;
	wait_answered(ring);
	kthread_stop(ring->thread);
	/* As in blkback_ring_park(). */
	leave(ring);
}

/**
 * blkback_ring_disconnect() - let go of a ring
 * @ring: a stopped ring; an RCU grace period has passed since then, for the
 *	last completion may have been on its way out
 *
 * The channel, the pages and the memory go, in this order: each is used by
 * what stops before it.
 *
 * Context: the device's work; may sleep, for as long as blkback_grants_free().
 */
void blkback_ring_disconnect(struct blkback_ring *ring)
{
	if (!ring->layout)
		return;
	evtchn_chan_unbind(&ring->chan);
	del_timer_sync(&ring->evict_timer);
	blkback_poll_end(ring);
	if (ring->thread) {
		mutex_lock(&ring->vbd->lock);
		put_task_struct(ring->thread);
		ring->thread = NULL;
		mutex_unlock(&ring->vbd->lock);
	}
	xbe_ring_unmap(&ring->shared);
	blkback_io_squeeze(ring);
	blkback_grants_free(ring);
	kfree(ring->scratch);
	gnt_copy_free(ring->batch);
	gnt_copy_free(ring->descs);
	gnt_copy_free(ring->direct_batch);
	ring->layout = NULL;
}
