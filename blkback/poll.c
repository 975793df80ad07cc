// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A ring's thread sleeps in the hypervisor for the next request. */

#include <linux/hrtimer.h>
#include <linux/kthread.h>

#include "blkback.h"

/* The longest sleep in the hypervisor. */
#define POLL_NS (200 * NSEC_PER_USEC)

/* A poll that was in vain is not tried again for 2 to 256 events. */
#define POLL_MAX_FAILS 8

static enum hrtimer_restart poll_time(struct hrtimer *timer)
{
	/* That it interrupts the CPU is all it is for. */
	return HRTIMER_NORESTART;
}

/*
 * The end of a sleep, for another task that has come to this CPU meanwhile. One
 * that is still running from an earlier sleep does as well.
 */
static bool start_poll_timer(struct blkback_ring *ring)
{
	int cpu = raw_smp_processor_id();

	if (ring->poll_cpu == cpu && hrtimer_active(&ring->poll_timer))
		return false;
	hrtimer_cancel(&ring->poll_timer);
	ring->poll_cpu = cpu;
	hrtimer_start(&ring->poll_timer, ns_to_ktime(POLL_NS),
		      HRTIMER_MODE_REL_PINNED_HARD);
	return true;
}

static bool sleep_in_xen(struct blkback_ring *ring)
{
	bool slept = false;

	WRITE_ONCE(ring->polling, true);
	/* Who wakes the thread sets kicked, then looks whether it polls. */
	smp_mb();
	preempt_disable();
	if (!blkback_work_waiting(ring) && !kthread_should_stop() &&
	    !kthread_should_park() && ring->poll_cpu == smp_processor_id())
		slept = evtchn_chan_poll(&ring->chan);
	preempt_enable();
	WRITE_ONCE(ring->polling, false);
	return slept;
}

/**
 * blkback_poll() - wait for the next request, before the EOI
 * @ring: a ring whose thread has done all there was
 *
 * A frontend that puts one request at a time puts the next soon after it has
 * its answer. Completions do not need the thread meanwhile, or there are none.
 * Where that was in vain it is left alone for a while, twice as long each time.
 *
 * Context: the ring's thread.
 * Return: whether a request has come.
 */
bool blkback_poll(struct blkback_ring *ring)
{
	bool fresh, slept, found;

	if (ring->poll_skip) {
		ring->poll_skip--;
		return false;
	}
	if (atomic_read(&ring->inflight) &&
	    (!ring->persistent || ring->grants.full))
		return false;
	do {
		fresh = start_poll_timer(ring);
		slept = sleep_in_xen(ring);
		found = slept && xbe_ring_want(&ring->shared, 1);
		/* An older timer may have ended a sleep that had just begun. */
	} while (slept && !found && !fresh &&
		 !hrtimer_active(&ring->poll_timer));
	if (found) {
		evtchn_chan_polled(&ring->chan);
		ring->stats.polled++;
		ring->poll_fails = 0;
	} else if (slept) {
		ring->poll_fails = min(ring->poll_fails + 1, POLL_MAX_FAILS);
		ring->poll_skip = 1 << ring->poll_fails;
	}
	return found;
}

/**
 * blkback_poll_init() - prepare a ring for that
 * @ring: a ring that is being connected
 *
 * Context: any.
 */
void blkback_poll_init(struct blkback_ring *ring)
{
	hrtimer_init(&ring->poll_timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	ring->poll_timer.function = poll_time;
}

/**
 * blkback_poll_end() - its timer runs no more
 * @ring: a ring whose thread has ended
 *
 * Context: may sleep.
 */
void blkback_poll_end(struct blkback_ring *ring)
{
	hrtimer_cancel(&ring->poll_timer);
}
