// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Counters of grant hypercalls, read by people and by the benchmark. */

#include <linux/export.h>
#include <linux/seq_file.h>

#include "gntdev.h"

DEFINE_PER_CPU(struct gnt_counters, gnt_counters);
EXPORT_PER_CPU_SYMBOL_GPL(gnt_counters);

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{ "copy_calls", offsetof(struct gnt_counters, copy_calls) },
	{ "copy_ops", offsetof(struct gnt_counters, copy_ops) },
	{ "copy_bytes", offsetof(struct gnt_counters, copy_bytes) },
	{ "copy_errors", offsetof(struct gnt_counters, copy_errors) },
	{ "map_calls", offsetof(struct gnt_counters, map_calls) },
	{ "map_ops", offsetof(struct gnt_counters, map_ops) },
	{ "unmap_calls", offsetof(struct gnt_counters, unmap_calls) },
	{ "unmap_ops", offsetof(struct gnt_counters, unmap_ops) },
};

/**
 * gnt_counters_show() - print the sum over all CPUs, a name and a value a line
 * @m: where to print
 * @unused: of the seq_file interface
 *
 * Context: may sleep.
 * Return: 0.
 */
int gnt_counters_show(struct seq_file *m, void *unused)
{
	const struct gnt_counters *of_cpu;
	unsigned int i;
	int cpu;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		unsigned long sum = 0;

		for_each_possible_cpu(cpu) {
			of_cpu = per_cpu_ptr(&gnt_counters, cpu);
			sum += *(const unsigned long *)((const char *)of_cpu +
							fields[i].offset);
		}
		seq_printf(m, "%s: %lu\n", fields[i].name, sum);
	}
	return 0;
}
