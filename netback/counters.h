/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a direction of a queue counts. One context at a time writes; readers may
 * come at any time, also while it is torn down (XSA-526).
 */
#ifndef XEN_BACKENDS_NETBACK_COUNTERS_H
#define XEN_BACKENDS_NETBACK_COUNTERS_H

#include <linux/u64_stats_sync.h>

/**
 * struct netback_counters - what one direction of a queue did
 * @packets: packets handed on
 * @bytes: bytes in them
 * @errors: packets refused: malformed, bad grant
 * @drops: packets dropped: no memory, guest not taking them
 * @polls: polls that found work
 * @sync: for readers on 32-bit machines
 */
struct netback_counters {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t errors;
	u64_stats_t drops;
	u64_stats_t polls;
	struct u64_stats_sync sync;
};

/**
 * struct netback_sums - what all of a direction's counters were at one moment
 * @packets: see &struct netback_counters
 * @bytes: the same
 * @errors: the same
 * @drops: the same
 * @polls: the same
 */
struct netback_sums {
	u64 packets;
	u64 bytes;
	u64 errors;
	u64 drops;
	u64 polls;
};

/**
 * netback_count() - add to one of the counters
 * @counters: where it stands
 * @counter: which
 * @n: how many
 *
 * Context: the one that writes @counters.
 */
static inline void netback_count(struct netback_counters *counters,
				 u64_stats_t *counter, unsigned int n)
{
	u64_stats_update_begin(&counters->sync);
	u64_stats_add(counter, n);
	u64_stats_update_end(&counters->sync);
}

/**
 * netback_count_packets() - count packets that were handed on
 * @counters: of the direction
 * @packets: how many
 * @bytes: bytes in them
 *
 * Context: the one that writes @counters.
 */
static inline void netback_count_packets(struct netback_counters *counters,
					 unsigned int packets,
					 unsigned int bytes)
{
	u64_stats_update_begin(&counters->sync);
	u64_stats_add(&counters->packets, packets);
	u64_stats_add(&counters->bytes, bytes);
	u64_stats_update_end(&counters->sync);
}

#endif
