// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* Grant copies in batches: one hypercall for all the pieces of a ring pass. */

#include <linux/delay.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

#include "gntdev.h"

/*
 * GNTST_eagain means the granting page is paged out. A guest chooses that, so
 * the wait has a bound: 1 + 2 + ... + 16 ms for the whole batch.
 */
#define EAGAIN_TRIES 16

/**
 * gnt_copy_alloc() - make an empty batch
 * @max: most operations it will hold, 1 or more; 40 bytes each
 *
 * Context: may sleep.
 * Return: the batch, or NULL without memory.
 */
struct gnt_copy_batch *gnt_copy_alloc(unsigned int max)
{
	struct gnt_copy_batch *batch;

	batch = kvzalloc(struct_size(batch, op, max), GFP_KERNEL);
	if (batch)
		batch->max = max;
	return batch;
}
EXPORT_SYMBOL_NS_GPL(gnt_copy_alloc, XEN_BACKENDS);

/**
 * gnt_copy_free() - free a batch
 * @batch: the batch, or NULL
 *
 * Context: may sleep.
 */
void gnt_copy_free(struct gnt_copy_batch *batch)
{
	kvfree(batch);
}
EXPORT_SYMBOL_NS_GPL(gnt_copy_free, XEN_BACKENDS);

/*
 * A local page that is itself a mapping of some guest's grant has no frame of
 * this domain's behind it on PV: Xen must be given the grant it came from.
 */
static void name_grant(struct gnttab_copy *op, enum gnt_dir dir,
		       const struct xen_page_foreign *foreign)
{
	struct gnttab_copy_ptr *near = dir == GNT_FROM_GUEST ? &op->dest :
							       &op->source;

	near->domid = foreign->domid;
	near->u.ref = foreign->gref;
	op->flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
}

/**
 * gnt_copy_add() - put one copy into a batch
 * @batch: a batch with room; in a full one nothing is put
 * @dir: which way
 * @guest: the granted piece; at most to the end of its page
 * @page: the local page
 * @offset: first byte in @page; offset + length at most 4096
 *
 * Operations on the same page that stand next to each other are cheaper: Xen
 * keeps the last page of each side mapped within a call.
 *
 * Context: any.
 * Return: the operation's index, for gnt_copy_ok(); for a full batch one that is
 * not okay.
 */
unsigned int gnt_copy_add(struct gnt_copy_batch *batch, enum gnt_dir dir,
			  const struct gnt_span *guest, struct page *page,
			  unsigned int offset)
{
	const struct xen_page_foreign *foreign = gnt_page_foreign(page);
	unsigned int i = batch->nr;

	if (unlikely(i >= batch->max)) {
		batch->lost = true;
		return batch->max;
	}
	batch->nr++;
	gnt_copy_fill(&batch->op[i], dir, guest, xen_page_to_gfn(page), offset);
	if (foreign)
		name_grant(&batch->op[i], dir, foreign);
	batch->bytes += guest->len;
	return i;
}
EXPORT_SYMBOL_NS_GPL(gnt_copy_add, XEN_BACKENDS);

/**
 * gnt_copy_add_far() - put a copy between two granted pages into a batch
 * @batch: a batch with room; in a full one nothing is put
 * @from: the granted piece to read
 * @to: where to write it; its length is not looked at
 *
 * Context: any.
 * Return: the operation's index, for gnt_copy_ok(); for a full batch one that is
 * not okay.
 */
unsigned int gnt_copy_add_far(struct gnt_copy_batch *batch,
			      const struct gnt_span *from,
			      const struct gnt_span *to)
{
	unsigned int i = batch->nr;
	struct gnttab_copy *op = &batch->op[i];

	if (unlikely(i >= batch->max)) {
		batch->lost = true;
		return batch->max;
	}
	batch->nr++;
	op->source.u.ref = from->ref;
	op->source.domid = from->domid;
	op->source.offset = from->offset;
	op->dest.u.ref = to->ref;
	op->dest.domid = to->domid;
	op->dest.offset = to->offset;
	op->len = from->len;
	batch->bytes += from->len;
	op->flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
	op->status = GNT_STATUS_PENDING;
	return i;
}
EXPORT_SYMBOL_NS_GPL(gnt_copy_add_far, XEN_BACKENDS);

static void copy_call(struct gnttab_copy *op, unsigned int nr)
{
	this_cpu_inc(gnt_counters.copy_calls);
	this_cpu_add(gnt_counters.copy_ops, nr);
	/* A call that fails as a whole leaves GNT_STATUS_PENDING in what it skipped. */
	if (HYPERVISOR_grant_table_op(GNTTABOP_copy, op, nr))
		pr_err_ratelimited("GNTTABOP_copy of %u operations refused\n",
				   nr);
}

static void retry_eagain(struct gnttab_copy *op, unsigned int *delay_ms)
{
	while (op->status == GNTST_eagain && *delay_ms <= EAGAIN_TRIES) {
		msleep((*delay_ms)++);
		op->status = GNT_STATUS_PENDING;
		copy_call(op, 1);
	}
}

static noinline unsigned int retry_failed(struct gnt_copy_batch *batch,
					  bool may_sleep)
{
	unsigned int i, failed = 0, delay_ms = 1;

	for (i = 0; i < batch->nr; i++) {
		struct gnttab_copy *op = &batch->op[i];

		if (may_sleep)
			retry_eagain(op, &delay_ms);
		failed += op->status != GNTST_okay;
	}
	this_cpu_add(gnt_counters.copy_errors, failed);
	return failed;
}

/* One look at all: that none has failed is nearly always so. */
static bool all_okay(const struct gnt_copy_batch *batch)
{
	const struct gnttab_copy *op = batch->op, *end = op + batch->nr;
	s16 statuses = 0;

	BUILD_BUG_ON(GNTST_okay);
	for (; op < end; op++)
		statuses |= op->status;
	return !statuses;
}

/**
 * gnt_copy_flush() - execute a batch
 * @batch: the batch; an empty one makes no hypercall
 * @may_sleep: whether copies from a paged-out guest page may be tried again;
 *	they fail at once otherwise
 *
 * Every operation has its status afterwards, whatever became of its
 * neighbours (XSA-361).
 *
 * Context: any when @may_sleep is false; sleeps up to 136 ms otherwise.
 * Return: how many operations failed; GNT_COPY_LOST if one was added to a full batch
 * since the last time, which its owner has to prevent.
 */
unsigned int gnt_copy_flush(struct gnt_copy_batch *batch, bool may_sleep)
{
	bool lost = batch->lost;
	unsigned int failed;

	if (!batch->nr)
		return 0;
	copy_call(batch->op, batch->nr);
	this_cpu_add(gnt_counters.copy_bytes, batch->bytes);
	batch->bytes = 0;
	batch->lost = false;
	failed = likely(all_okay(batch)) ? 0 : retry_failed(batch, may_sleep);
	return likely(!lost) ? failed : GNT_COPY_LOST;
}
EXPORT_SYMBOL_NS_GPL(gnt_copy_flush, XEN_BACKENDS);
