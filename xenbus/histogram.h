/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Histograms of what drivers do: buckets of powers of two, a word each.
 *
 * histogram.c: xbe_histogram_show()
 * here:        xbe_histogram_bucket() xbe_histogram_least() xbe_histogram_add()
 */
#ifndef XEN_BACKENDS_XENBUS_HISTOGRAM_H
#define XEN_BACKENDS_XENBUS_HISTOGRAM_H

#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/types.h>

struct seq_file;

/* Of microseconds: below 1 us to above 4 s. */
#define XBE_HISTOGRAM_BUCKETS 24

/**
 * struct xbe_histogram - how often what was seen
 * @nr: by xbe_histogram_bucket(); one context at a time adds, readers take no lock
 */
struct xbe_histogram {
	u64 nr[XBE_HISTOGRAM_BUCKETS];
};

/**
 * xbe_histogram_bucket() - the bucket of a value
 * @value: any
 *
 * Context: any; pure.
 * Return: 0 for 0, N from 2^(N-1) on; the last one has all above.
 */
static inline unsigned int xbe_histogram_bucket(u64 value)
{
	return min_t(unsigned int, fls64(value), XBE_HISTOGRAM_BUCKETS - 1);
}

/**
 * xbe_histogram_least() - the least value of a bucket
 * @bucket: below XBE_HISTOGRAM_BUCKETS
 *
 * Context: any; pure.
 * Return: the value.
 */
static inline u64 xbe_histogram_least(unsigned int bucket)
{
	return bucket ? BIT_ULL(bucket - 1) : 0;
}

/**
 * xbe_histogram_add() - a value was seen
 * @histogram: where
 * @value: what
 * @times: how often
 *
 * Context: the one that adds to @histogram.
 */
static inline void xbe_histogram_add(struct xbe_histogram *histogram, u64 value,
				     unsigned int times)
{
	histogram->nr[xbe_histogram_bucket(value)] += times;
}

void xbe_histogram_show(struct seq_file *m, const char *name, const char *unit,
			const struct xbe_histogram *histogram);

#endif
