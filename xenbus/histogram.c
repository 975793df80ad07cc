// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Histograms, as debugfs shows them. */

#include <linux/export.h>
#include <linux/seq_file.h>

#include "histogram.h"

/**
 * xbe_histogram_show() - print a histogram: a line a bucket that has any
 * @m: where to
 * @name: what its lines begin with, before the least value of the bucket
 * @unit: what follows that: "_us", or ""
 * @histogram: the histogram
 *
 * Context: any.
 */
void xbe_histogram_show(struct seq_file *m, const char *name, const char *unit,
			const struct xbe_histogram *histogram)
{
	unsigned int i;

	for (i = 0; i < XBE_HISTOGRAM_BUCKETS; i++) {
		u64 nr = READ_ONCE(histogram->nr[i]);

		if (nr)
			seq_printf(m, "%s_%llu%s: %llu\n", name,
				   xbe_histogram_least(i), unit, nr);
	}
}
EXPORT_SYMBOL_NS_GPL(xbe_histogram_show, XEN_BACKENDS);
