/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How long packets take and how many go at once: histograms of each direction of a
 * queue. Off, as a look at the clock is dear in a PV domain; what is left then is a
 * patched-out branch or two for a batch, and for a packet into the guest a word that
 * is cleared beside others.
 *
 * timing.c: netback_timing_show()
 * here:     netback_timing_now() netback_timing_batch() netback_timing_packets()
 */
#ifndef XEN_BACKENDS_NETBACK_TIMING_H
#define XEN_BACKENDS_NETBACK_TIMING_H

#include <linux/ktime.h>

#include "xenbus/histogram.h"
#include "xenbus/switch.h"

struct seq_file;

/**
 * struct netback_timing - histograms of a direction of a queue
 * @latency: microseconds of packets: out of the guest from the look at its ring, into it
 *	from the stack, to the answer
 * @batch: packets that were copied by one hypercall and answered by one push
 *
 * One context at a time writes, the poll of the direction.
 */
struct netback_timing {
	struct xbe_histogram latency;
	struct xbe_histogram batch;
};

extern struct xbe_switch netback_timing_switch;

/**
 * netback_timing_now() - the time, if somebody wants to know
 *
 * Context: any.
 * Return: nanoseconds; 0 while the switch is off.
 */
static __always_inline u64 netback_timing_now(void)
{
	return xbe_switch_is_on(&netback_timing_switch) ? ktime_get_ns() : 0;
}

/**
 * netback_timing_batch() - packets were answered together
 * @timing: of the direction
 * @packets: how many
 *
 * Context: the poll of the direction.
 */
static __always_inline void netback_timing_batch(struct netback_timing *timing,
						 unsigned int packets)
{
	if (xbe_switch_is_on(&netback_timing_switch) && packets)
		xbe_histogram_add(&timing->batch, packets, 1);
}

/**
 * netback_timing_packets() - packets were answered that had begun together
 * @timing: of the direction
 * @since: what netback_timing_now() has said then
 * @now: what it says now
 * @packets: how many
 *
 * The switch may have been turned in between: one of the two is 0 then.
 *
 * Context: the poll of the direction.
 */
static __always_inline void
netback_timing_packets(struct netback_timing *timing, u64 since, u64 now,
		       unsigned int packets)
{
	if (xbe_switch_is_on(&netback_timing_switch) && since && now)
		xbe_histogram_add(&timing->latency,
				  (now - since) / NSEC_PER_USEC, packets);
}

void netback_timing_show(struct seq_file *m, bool into_guest,
			 const struct netback_timing *timing);

#endif
