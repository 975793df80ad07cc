/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How long requests take, from the ring to the answer: a histogram a ring and
 * operation. Off, as a look at the clock is dear in a PV domain; what is left
 * of it then is a patched-out branch a request.
 *
 * latency.c: blkback_latency_count() blkback_latency_show()
 *            blkback_latency_init() blkback_latency_exit()
 */
#ifndef XEN_BACKENDS_BLKBACK_LATENCY_H
#define XEN_BACKENDS_BLKBACK_LATENCY_H

#include <linux/bitops.h>
#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/minmax.h>

struct blkback_io;
struct seq_file;

/* Powers of two of microseconds: below 1 us to above 4 s. */
#define BLKBACK_LATENCY_BUCKETS 24

/* Operations of struct blkback_req. */
#define BLKBACK_LATENCY_OPS 5

/**
 * struct blkback_latency - histograms of a ring
 * @nr: requests by operation and bucket; see blkback_latency_bucket()
 */
struct blkback_latency {
	u64 nr[BLKBACK_LATENCY_OPS][BLKBACK_LATENCY_BUCKETS];
};

DECLARE_STATIC_KEY_FALSE(blkback_latency_on);

/**
 * blkback_latency_stamp() - the time at which a request is taken
 * @taken_at: of the request; left alone while nobody wants to know
 *
 * Context: any.
 */
static __always_inline void blkback_latency_stamp(u64 *taken_at)
{
	if (static_branch_unlikely(&blkback_latency_on))
		*taken_at = ktime_get_ns();
}

/**
 * blkback_latency_bucket() - the bucket of a time
 * @ns: nanoseconds
 *
 * Return: 0 below a microsecond, N from 2^(N-1) microseconds on; the last one
 * has all above.
 */
static inline unsigned int blkback_latency_bucket(u64 ns)
{
	return min_t(unsigned int, fls64(ns / NSEC_PER_USEC),
		     BLKBACK_LATENCY_BUCKETS - 1);
}

void blkback_latency_count(struct blkback_io *io);
void blkback_latency_show(struct seq_file *m,
			  const struct blkback_latency *latency);
void blkback_latency_init(void);
void blkback_latency_exit(void);

#endif
