// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* Grants mapped and unmapped in batches: one hypercall for a whole pass. */

#include <linux/delay.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <asm/xen/hypercall.h>

#include "gntdev.h"

/* No hypercall has run: any value but GNTST_okay, and none that Xen returns. */
#define STATUS_PENDING 1

/* The longest wait for a granter's page to come in: 1 + 2 + ... + 16 ms. */
#define EAGAIN_TRIES 16

/**
 * gnt_map_alloc() - make an empty batch of maps
 * @max: most operations it will hold, 1 or more; 40 bytes each
 *
 * Context: may sleep.
 * Return: the batch, or NULL without memory.
 */
struct gnt_map_batch *gnt_map_alloc(unsigned int max)
{
	struct gnt_map_batch *batch;
	size_t ops = struct_size(batch, op, max);

	batch = kvmalloc(size_add(ops, array_size(max, sizeof(*batch->page))),
			 GFP_KERNEL);
	if (!batch)
		return NULL;
	batch->max = max;
	batch->page = (void *)batch + ops;
	gnt_map_start(batch, GNT_MAP_PAGES);
	return batch;
}
EXPORT_SYMBOL_NS_GPL(gnt_map_alloc, XEN_BACKENDS);

/**
 * gnt_map_free() - free a batch of maps; the mappings stay
 * @batch: the batch, or NULL
 *
 * Context: may sleep.
 */
void gnt_map_free(struct gnt_map_batch *batch)
{
	kvfree(batch);
}
EXPORT_SYMBOL_NS_GPL(gnt_map_free, XEN_BACKENDS);

static unsigned int add_map(struct gnt_map_batch *batch, u64 addr, u32 flags,
			    grant_ref_t ref, domid_t domid)
{
	unsigned int i = batch->nr++;
	struct gnttab_map_grant_ref *op = &batch->op[i];

	gnttab_set_map_op(op, addr, flags, ref, domid);
	op->status = STATUS_PENDING;
	op->handle = INVALID_GRANT_HANDLE;
	return i;
}

/**
 * gnt_map_add() - put a map into a page into a batch
 * @batch: a batch of GNT_MAP_PAGES with room
 * @domid: the granting domain
 * @ref: grant reference
 * @page: a page of gnttab_alloc_pages() with nothing mapped in it
 * @readonly: whether to map it read-only
 *
 * Context: any.
 * Return: the operation's index, for gnt_map_handle().
 */
unsigned int gnt_map_add(struct gnt_map_batch *batch, domid_t domid,
			 grant_ref_t ref, struct page *page, bool readonly)
{
	u32 flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0);

	batch->page[batch->nr] = page;
	return add_map(batch, (unsigned long)page_address(page), flags, ref,
		       domid);
}
EXPORT_SYMBOL_NS_GPL(gnt_map_add, XEN_BACKENDS);

/**
 * gnt_map_add_pte() - put a map into a process's page table into a batch
 * @batch: a batch of GNT_MAP_PTES with room
 * @domid: the granting domain
 * @ref: grant reference
 * @pte: machine address of the page table entry, which is empty
 * @readonly: whether to map it read-only
 *
 * The entry is marked special: Linux finds the page behind it through the
 * vma's find_special_page().
 *
 * Context: any.
 * Return: the operation's index, for gnt_map_handle().
 */
unsigned int gnt_map_add_pte(struct gnt_map_batch *batch, domid_t domid,
			     grant_ref_t ref, u64 pte, bool readonly)
{
	u32 flags = GNTMAP_host_map | GNTMAP_application_map |
		    GNTMAP_contains_pte | (1 << _GNTMAP_guest_avail0) |
		    (readonly ? GNTMAP_readonly : 0);

	return add_map(batch, pte, flags, ref, domid);
}
EXPORT_SYMBOL_NS_GPL(gnt_map_add_pte, XEN_BACKENDS);

static void map_ptes(struct gnttab_map_grant_ref *op, unsigned int nr)
{
	unsigned int i, delay_ms = 1;

	if (HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, op, nr))
		return;
	for (i = 0; i < nr; i++) {
		while (op[i].status == GNTST_eagain &&
		       delay_ms <= EAGAIN_TRIES) {
			msleep(delay_ms++);
			op[i].status = STATUS_PENDING;
			if (HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref,
						      &op[i], 1))
				break;
		}
	}
}

/**
 * gnt_map_flush() - map all that is in a batch
 * @batch: the batch; an empty one makes no hypercall
 *
 * Each operation is mapped or not by itself, whatever became of its neighbours
 * and of the call (XSA-361, XSA-365): read each with gnt_map_handle().
 *
 * Context: sleeps when the granter's page is paged out, each time for 136 ms
 * at most with GNT_MAP_PTES. With GNT_MAP_PAGES it is gnttab_map_refs() that
 * waits, 32 s at most for an operation.
 * Return: how many operations failed.
 */
unsigned int gnt_map_flush(struct gnt_map_batch *batch)
{
	unsigned int i, failed = 0;

	if (!batch->nr)
		return 0;
	this_cpu_inc(gnt_counters.map_calls);
	this_cpu_add(gnt_counters.map_ops, batch->nr);
	/*
	 * Only the statuses say what is mapped: an error of the whole call
	 * leaves STATUS_PENDING in what it skipped.
	 */
	if (batch->kind == GNT_MAP_PTES)
		map_ptes(batch->op, batch->nr);
	else if (gnttab_map_refs(batch->op, NULL, batch->page, batch->nr))
		pr_err_ratelimited("a map of %u grants was refused\n",
				   batch->nr);
	for (i = 0; i < batch->nr; i++)
		failed += batch->op[i].status != GNTST_okay;
	return failed;
}
EXPORT_SYMBOL_NS_GPL(gnt_map_flush, XEN_BACKENDS);

/**
 * gnt_unmap_alloc() - make an empty batch of unmaps
 * @max: most operations it will hold, 1 or more; 32 bytes each
 *
 * Context: may sleep.
 * Return: the batch, or NULL without memory.
 */
struct gnt_unmap_batch *gnt_unmap_alloc(unsigned int max)
{
	struct gnt_unmap_batch *batch;
	size_t ops = struct_size(batch, op, max);

	batch = kvmalloc(size_add(ops, array_size(max, sizeof(*batch->page))),
			 GFP_KERNEL);
	if (!batch)
		return NULL;
	batch->max = max;
	batch->page = (void *)batch + ops;
	gnt_unmap_start(batch, GNT_MAP_PAGES);
	return batch;
}
EXPORT_SYMBOL_NS_GPL(gnt_unmap_alloc, XEN_BACKENDS);

/**
 * gnt_unmap_free() - free a batch of unmaps
 * @batch: the batch, or NULL
 *
 * Context: may sleep.
 */
void gnt_unmap_free(struct gnt_unmap_batch *batch)
{
	kvfree(batch);
}
EXPORT_SYMBOL_NS_GPL(gnt_unmap_free, XEN_BACKENDS);

static unsigned int add_unmap(struct gnt_unmap_batch *batch, u64 addr,
			      u32 flags, grant_handle_t handle)
{
	unsigned int i = batch->nr++;
	struct gnttab_unmap_grant_ref *op = &batch->op[i];

	gnttab_set_unmap_op(op, addr, flags, handle);
	op->status = STATUS_PENDING;
	return i;
}

/**
 * gnt_unmap_add() - put the unmap of a page into a batch
 * @batch: a batch of GNT_MAP_PAGES with room
 * @page: the page, idle as gnt_page_idle() says
 * @handle: what gnt_map_handle() gave for it
 *
 * Context: any.
 * Return: the operation's index, for gnt_unmap_ok().
 */
unsigned int gnt_unmap_add(struct gnt_unmap_batch *batch, struct page *page,
			   grant_handle_t handle)
{
	batch->page[batch->nr] = page;
	return add_unmap(batch, (unsigned long)page_address(page),
			 GNTMAP_host_map, handle);
}
EXPORT_SYMBOL_NS_GPL(gnt_unmap_add, XEN_BACKENDS);

/**
 * gnt_unmap_add_pte() - put the unmap from a page table into a batch
 * @batch: a batch of GNT_MAP_PTES with room
 * @pte: machine address of the entry the grant was mapped into; Xen empties it
 * @handle: what gnt_map_handle() gave for it
 *
 * Context: any.
 * Return: the operation's index, for gnt_unmap_ok().
 */
unsigned int gnt_unmap_add_pte(struct gnt_unmap_batch *batch, u64 pte,
			       grant_handle_t handle)
{
	return add_unmap(batch, pte, GNTMAP_contains_pte, handle);
}
EXPORT_SYMBOL_NS_GPL(gnt_unmap_add_pte, XEN_BACKENDS);

/**
 * gnt_unmap_flush() - unmap all that is in a batch
 * @batch: the batch; an empty one makes no hypercall
 *
 * Context: any for GNT_MAP_PTES and under auto-translation; otherwise as the
 * p2m needs: not in an interrupt.
 * Return: how many operations failed and are still mapped.
 */
unsigned int gnt_unmap_flush(struct gnt_unmap_batch *batch)
{
	unsigned int i, failed = 0;

	if (!batch->nr)
		return 0;
	this_cpu_inc(gnt_counters.unmap_calls);
	this_cpu_add(gnt_counters.unmap_ops, batch->nr);
	if (batch->kind == GNT_MAP_PTES)
		HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, batch->op,
					  batch->nr);
	else
		gnttab_unmap_refs(batch->op, NULL, batch->page, batch->nr);
	for (i = 0; i < batch->nr; i++)
		failed += batch->op[i].status != GNTST_okay;
	if (unlikely(failed))
		pr_err_ratelimited("%u of %u grants could not be unmapped\n",
				   failed, batch->nr);
	return failed;
}
EXPORT_SYMBOL_NS_GPL(gnt_unmap_flush, XEN_BACKENDS);
