// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Limits of a vbd: its rings draw from the same two buckets. What is over the
 * limit stays in the shared ring. Among the rings that wait the one that has
 * used least goes first, so that a busy queue cannot keep out another.
 */

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "blkback.h"

/*
 * How far a ring may run ahead of one that waits: without a bit of that each
 * request would wake the other thread.
 */
#define AHEAD NSEC_PER_MSEC

/* A timer may be late by so much: it then often meets another one. */
#define TIMER_SLACK (50 * NSEC_PER_USEC)

/* The longest sleep: whatever a guest has run up, the thread looks again. */
#define MAX_SLEEP (10 * NSEC_PER_SEC)

/**
 * blkback_limit_init() - no limits
 * @limiter: of a new vbd
 *
 * Context: any.
 */
void blkback_limit_init(struct blkback_limiter *limiter)
{
	spin_lock_init(&limiter->lock);
}

/* The ring that waits and has used least, but for @except; or NULL. */
static struct blkback_ring *next_ring(struct blkback_vbd *vbd,
				      const struct blkback_ring *except)
{
	struct blkback_ring *ring, *next = NULL;
	unsigned int i;

	lockdep_assert_held(&vbd->limiter.lock);
	for (i = 0; i < vbd->nr_rings; i++) {
		ring = &vbd->rings[i];
		if (ring != except && ring->turn.waiting &&
		    (!next || ring->turn.used < next->turn.used))
			next = ring;
	}
	return next;
}

static void wake(struct blkback_ring *ring)
{
	WRITE_ONCE(ring->kicked, true);
	blkback_ring_wake(ring);
}

/* One that has rested has no claim on what it did not use. */
static void join(struct blkback_limiter *limiter, struct blkback_turn *turn)
{
	if (turn->waiting)
		return;
	turn->waiting = true;
	turn->used = max(turn->used, limiter->used);
}

/* Nanoseconds to wait; ~0 for another ring to be served first. */
static u64 must_wait(struct blkback_ring *ring, u64 now)
{
	struct blkback_limiter *limiter = &ring->vbd->limiter;
	struct blkback_ring *other = next_ring(ring->vbd, ring);

	if (other && ring->turn.used > other->turn.used + AHEAD)
		return ~0ull;
	return max(xbe_bucket_wait(&limiter->iops, now),
		   xbe_bucket_wait(&limiter->bps, now));
}

/**
 * blkback_limit_hold() - whether the next request has to wait
 * @ring: a ring of a limited vbd, with a request waiting
 *
 * When it has to, the thread calls blkback_limit_sleep() before it looks again.
 *
 * Context: the ring's thread.
 * Return: whether it has to wait.
 */
bool blkback_limit_hold(struct blkback_ring *ring)
{
	struct blkback_limiter *limiter = &ring->vbd->limiter;
	struct blkback_turn *turn = &ring->turn;
	u64 wait;

	spin_lock(&limiter->lock);
	/* It may have been switched off, and all woken, before we looked. */
	if (limiter->on) {
		join(limiter, turn);
		wait = must_wait(ring, ktime_get_ns());
	} else {
		wait = 0;
	}
	spin_unlock(&limiter->lock);
	turn->held = wait;
	turn->wait = wait == ~0ull ? 0 : wait;
	return wait;
}

/**
 * blkback_limit_charge() - count a request that was taken
 * @ring: its ring
 * @bytes: what it reads or writes
 *
 * Context: the ring's thread.
 */
void blkback_limit_charge(struct blkback_ring *ring, u64 bytes)
{
	struct blkback_limiter *limiter = &ring->vbd->limiter;
	struct blkback_turn *turn = &ring->turn;
	struct blkback_ring *other;
	u64 now = ktime_get_ns();
	u64 cost;

	spin_lock(&limiter->lock);
	limiter->used = max(limiter->used, turn->used);
	cost = xbe_bucket_charge(&limiter->iops, 1, now);
	cost = max(cost, xbe_bucket_charge(&limiter->bps, bytes, now));
	turn->used += cost;
	other = next_ring(ring->vbd, ring);
	if (other && turn->used > other->turn.used + AHEAD)
		wake(other);
	spin_unlock(&limiter->lock);
}

/**
 * blkback_limit_leave() - a ring waits no more
 * @ring: a ring that has nothing to take, or that stops
 *
 * Context: the ring's thread.
 */
void blkback_limit_leave(struct blkback_ring *ring)
{
	struct blkback_limiter *limiter = &ring->vbd->limiter;
	struct blkback_ring *other;

	ring->turn.held = false;
	spin_lock(&limiter->lock);
	if (ring->turn.waiting) {
		ring->turn.waiting = false;
		other = next_ring(ring->vbd, NULL);
		if (other)
			wake(other);
	}
	spin_unlock(&limiter->lock);
}

/**
 * blkback_limit_sleep() - sleep until the limit may have room again
 * @ring: a ring whose last pass left requests to the limit
 *
 * Context: the ring's thread, its state set for a sleep.
 * Return: whether it is time to look; else something else woke the thread.
 */
bool blkback_limit_sleep(struct blkback_ring *ring)
{
	ktime_t time = min_t(u64, ring->turn.wait, MAX_SLEEP);

	if (!ring->turn.wait) {
		schedule();
		return false;
	}
	return !schedule_hrtimeout_range(&time, TIMER_SLACK, HRTIMER_MODE_REL);
}

/**
 * blkback_limit_set() - set the limits of a vbd
 * @limiter: of the vbd
 * @value: by enum blkback_limit, within their ranges
 *
 * What is the same stays as it is: a bucket is not filled by being set again.
 * blkback_limit_wake() has to follow.
 *
 * Context: process.
 */
void blkback_limit_set(struct blkback_limiter *limiter, const u64 *value)
{
	u64 now = ktime_get_ns();

	spin_lock(&limiter->lock);
	if (memcmp(limiter->value, value, sizeof(limiter->value))) {
		memcpy(limiter->value, value, sizeof(limiter->value));
		xbe_bucket_set(&limiter->iops, value[BLKBACK_LIMIT_IOPS],
			       value[BLKBACK_LIMIT_IOPS_BURST], now);
		xbe_bucket_set(&limiter->bps, value[BLKBACK_LIMIT_BPS],
			       value[BLKBACK_LIMIT_BPS_BURST], now);
		WRITE_ONCE(limiter->on,
			   limiter->iops.rate || limiter->bps.rate);
	}
	spin_unlock(&limiter->lock);
}

/**
 * blkback_limit_wake() - have all rings look at new limits
 * @vbd: the vbd
 *
 * Context: the device's work, which alone starts and ends ring threads.
 */
void blkback_limit_wake(struct blkback_vbd *vbd)
{
	unsigned int i;

	spin_lock(&vbd->limiter.lock);
	for (i = 0; i < vbd->nr_rings; i++) {
		vbd->rings[i].turn.waiting = false;
		wake(&vbd->rings[i]);
	}
	spin_unlock(&vbd->limiter.lock);
}
