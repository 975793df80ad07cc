// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An event for a single packet costs more than the packet. Where a guest sends many,
 * no event is asked for: a timer has the poll look again a little later, as NICs put
 * off interrupts. The first packets do not wait, nor do those of a guest that waits
 * for each answer.
 */

#include <linux/hrtimer.h>

#include "netback.h"

/* Without timers of high resolution a wait would be a tick. */
static unsigned int longest(const struct netback_queue *queue)
{
	unsigned int usecs = READ_ONCE(queue->vif->coalesce_us);

	return hrtimer_resolution <= usecs * NSEC_PER_USEC ? usecs : 0;
}

/*
 * The timer stays on the CPU of the poll. Where the interrupt has been moved away, the
 * next event takes the poll there; one that is a thread goes where it is put.
 */
static bool is_away(const struct netback_queue *queue)
{
	return !queue->vif->dev->threaded && !evtchn_chan_here(&queue->chan[0]);
}

/*
 * An event of a packet that was taken without it, or for the other poll of the channel,
 * has brought the poll here early. The timer's callback is still to come, and has the
 * poll look again if it is running then. One that is set for the vif's limit may be set
 * for much later.
 */
static bool is_early(const struct netback_queue *queue)
{
	const struct hrtimer *timer = &queue->tx.again;

	return hrtimer_is_queued((struct hrtimer *)timer) &&
	       ktime_to_ns(hrtimer_get_remaining(timer)) <=
		       queue->tx.coalesce.wait;
}

/**
 * netback_coalesce() - whether a poll that has ended waits instead of its event
 * @queue: a queue whose ring is empty
 *
 * Context: the poll, before it is complete: the timer is not set again once that is
 * disabled.
 * Return: true if a timer goes on, and no event is to be asked for.
 */
bool netback_coalesce(struct netback_queue *queue)
{
	struct netback_coalesce *coalesce = &queue->tx.coalesce;
	unsigned int usecs = longest(queue);
	u32 wait;

	if (coalesce->wait && is_early(queue))
		return true;
	if (netback_coalesce_judge(coalesce))
		netback_coalesce_block(coalesce, ktime_get_ns(),
				       queue->tx.ring.req_cons, usecs);
	/* It may have been set to less meanwhile. */
	wait = min_t(u32, coalesce->wait, usecs * NSEC_PER_USEC);
	if (!wait || is_away(queue)) {
		coalesce->wait = 0;
		return false;
	}
	coalesce->waits++;
	hrtimer_start(&queue->tx.again, ns_to_ktime(wait),
		      HRTIMER_MODE_REL_PINNED);
	return true;
}

/**
 * netback_coalesce_start() - nothing is known of the guest yet
 * @coalesce: of a queue whose polls are disabled
 *
 * Context: any.
 */
void netback_coalesce_start(struct netback_coalesce *coalesce)
{
	*coalesce = (struct netback_coalesce){ .waits = coalesce->waits };
}
