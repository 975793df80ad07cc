/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How long requests take, from the ring to the answer: a histogram a ring and
 * operation. Off, as a look at the clock is dear in a PV domain; what is left
 * of it then is a patched-out branch a request.
 *
 * latency.c: blkback_latency_count() blkback_latency_show()
 */
#ifndef XEN_BACKENDS_BLKBACK_LATENCY_H
#define XEN_BACKENDS_BLKBACK_LATENCY_H

#include <linux/ktime.h>

#include "xenbus/histogram.h"
#include "xenbus/switch.h"

struct blkback_io;
struct seq_file;

/* Operations of struct blkback_req. */
#define BLKBACK_LATENCY_OPS 5

/**
 * struct blkback_latency - histograms of a ring
 * @op: microseconds of requests, by operation
 */
struct blkback_latency {
	struct xbe_histogram op[BLKBACK_LATENCY_OPS];
};

extern struct xbe_switch blkback_latency_switch;

/**
 * blkback_latency_stamp() - the time at which a request is taken
 * @taken_at: of the request; left alone while nobody wants to know
 *
 * Context: any.
 */
static __always_inline void blkback_latency_stamp(u64 *taken_at)
{
	if (xbe_switch_is_on(&blkback_latency_switch))
		*taken_at = ktime_get_ns();
}

void blkback_latency_count(struct blkback_io *io);
void blkback_latency_show(struct seq_file *m,
			  const struct blkback_latency *latency);

#endif
