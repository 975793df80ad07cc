// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Histograms of packets; see timing.h. */

#include "timing.h"

struct xbe_switch netback_timing_switch = XBE_SWITCH("netback-latency");

/**
 * netback_timing_show() - print the histograms of a direction
 * @m: where to
 * @into_guest: which
 * @timing: of it
 *
 * Context: any.
 */
void netback_timing_show(struct seq_file *m, bool into_guest,
			 const struct netback_timing *timing)
{
	xbe_histogram_show(m, into_guest ? "rx_latency" : "tx_latency", "_us",
			   &timing->latency);
	xbe_histogram_show(m, into_guest ? "rx_batch" : "tx_batch", "",
			   &timing->batch);
}
