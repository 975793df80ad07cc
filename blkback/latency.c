// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Histograms of how long requests take; see latency.h. */

#include "blkback.h"

struct xbe_switch blkback_latency_switch = XBE_SWITCH("blkback-latency");

/**
 * blkback_latency_count() - a request is being answered
 * @io: the request
 *
 * Call it only while blkback_latency_switch is on.
 *
 * Context: any; under the ring's lock.
 */
void blkback_latency_count(struct blkback_io *io)
{
	struct blkback_latency *latency = &io->ring->latency;
	u64 us;

	lockdep_assert_held(&io->ring->lock);
	/*
	 * It may have been taken before, without a stamp: what it has is of its
	 * former use. One that could not be parsed has no operation.
	 */
	if (io->taken_at < xbe_switch_since(&blkback_latency_switch) ||
	    io->req.op >= BLKBACK_LATENCY_OPS)
		return;
	us = (ktime_get_ns() - io->taken_at) / NSEC_PER_USEC;
	xbe_histogram_add(&latency->op[io->req.op], us, 1);
}

/**
 * blkback_latency_show() - print histograms
 * @m: where to
 * @latency: of a ring
 *
 * Context: any.
 */
void blkback_latency_show(struct seq_file *m,
			  const struct blkback_latency *latency)
{
	static const char *const names[BLKBACK_LATENCY_OPS] = {
		[BLKBACK_READ] = "latency_read",
		[BLKBACK_WRITE] = "latency_write",
		[BLKBACK_FLUSH] = "latency_flush",
		[BLKBACK_BARRIER] = "latency_barrier",
		[BLKBACK_DISCARD] = "latency_discard",
	};
	unsigned int op;

	for (op = 0; op < BLKBACK_LATENCY_OPS; op++)
		xbe_histogram_show(m, names[op], "_us", &latency->op[op]);
}
