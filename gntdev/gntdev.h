/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Grants: batched copy, map and unmap for the backends and the devices.
 *
 * copy.c:     gnt_copy_alloc() gnt_copy_free() gnt_copy_add()
 *             gnt_copy_flush() gnt_copy_ok()
 * counters.c: gnt_counters_show()
 */
#ifndef XEN_BACKENDS_GNTDEV_H
#define XEN_BACKENDS_GNTDEV_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <xen/grant_table.h>

struct page;
struct seq_file;

/**
 * struct gnt_counters - what the suite asked of the hypervisor, per CPU
 * @copy_calls: GNTTABOP_copy hypercalls
 * @copy_ops: operations in them
 * @copy_bytes: bytes asked to be copied
 * @copy_errors: operations that failed
 * @map_calls: GNTTABOP_map_grant_ref hypercalls
 * @map_ops: operations in them
 * @unmap_calls: GNTTABOP_unmap_grant_ref hypercalls; each flushes the TLB once
 * @unmap_ops: operations in them
 */
struct gnt_counters {
	unsigned long copy_calls;
	unsigned long copy_ops;
	unsigned long copy_bytes;
	unsigned long copy_errors;
	unsigned long map_calls;
	unsigned long map_ops;
	unsigned long unmap_calls;
	unsigned long unmap_ops;
};

DECLARE_PER_CPU(struct gnt_counters, gnt_counters);

int gnt_counters_show(struct seq_file *m, void *unused);

/**
 * enum gnt_dir - which way a copy goes
 * @GNT_FROM_GUEST: out of the granted page into a local one
 * @GNT_TO_GUEST: out of a local page into the granted one
 */
enum gnt_dir { GNT_FROM_GUEST, GNT_TO_GUEST };

/**
 * struct gnt_copy_batch - copies that go to the hypervisor in one call
 * @nr: operations in the batch
 * @max: room in @op
 * @op: the operations; after gnt_copy_flush() each has its status
 *
 * Filled by gnt_copy_add(), executed by gnt_copy_flush(), read with
 * gnt_copy_ok(), emptied by setting @nr to 0. One owner at a time, no lock.
 */
struct gnt_copy_batch {
	unsigned int nr;
	unsigned int max;
	struct gnttab_copy op[];
};

/**
 * struct gnt_span - a piece of a page granted by a guest
 * @ref: grant reference
 * @offset: first byte in the page, 0 to 4095
 * @len: bytes, 1 to 4096 - @offset
 * @domid: the granting domain
 */
struct gnt_span {
	grant_ref_t ref;
	u16 offset;
	u16 len;
	domid_t domid;
};

struct gnt_copy_batch *gnt_copy_alloc(unsigned int max);
void gnt_copy_free(struct gnt_copy_batch *batch);
unsigned int gnt_copy_add(struct gnt_copy_batch *batch, enum gnt_dir dir,
			  const struct gnt_span *guest, struct page *page,
			  unsigned int offset);
void gnt_copy_flush(struct gnt_copy_batch *batch, bool may_sleep);

/**
 * gnt_copy_room() - how many more operations fit
 * @batch: the batch
 */
static inline unsigned int gnt_copy_room(const struct gnt_copy_batch *batch)
{
	return batch->max - batch->nr;
}

/**
 * gnt_copy_ok() - whether an operation of a flushed batch succeeded
 * @batch: a batch after gnt_copy_flush()
 * @i: what gnt_copy_add() returned
 */
static inline bool gnt_copy_ok(const struct gnt_copy_batch *batch,
			       unsigned int i)
{
	return batch->op[i].status == GNTST_okay;
}

#endif
