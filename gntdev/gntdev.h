/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Grants: batched copy, map and unmap for the backends and the devices.
 *
 * copy.c:     gnt_copy_alloc() gnt_copy_free() gnt_copy_add()
 *             gnt_copy_add_far() gnt_copy_flush()
 * map.c:      gnt_map_alloc() gnt_map_free() gnt_map_start() gnt_map_add()
 *             gnt_map_add_pte() gnt_map_flush() gnt_map_handle()
 *             gnt_unmap_alloc() gnt_unmap_free() gnt_unmap_start()
 *             gnt_unmap_add() gnt_unmap_add_pte() gnt_unmap_flush()
 *             gnt_unmap_ok() gnt_page_idle()
 * here:       gnt_copy_room() gnt_copy_fill() gnt_copy_add_own() gnt_copy_ok()
 *             gnt_page_foreign()
 * counters.c: gnt_counters_show()
 */
#ifndef XEN_BACKENDS_GNTDEV_H
#define XEN_BACKENDS_GNTDEV_H

#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/types.h>
#include <xen/grant_table.h>
#include <xen/page.h>

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
 * @bytes: in the operations added since the last gnt_copy_flush()
 * @lost: one found no room since then
 * @op: the operations; after gnt_copy_flush() each has its status
 *
 * Filled by gnt_copy_add() and others, executed by gnt_copy_flush(), read with
 * gnt_copy_ok(), emptied by setting @nr to 0. One owner at a time, no lock.
 */
struct gnt_copy_batch {
	unsigned int nr;
	unsigned int max;
	unsigned long bytes;
	bool lost;
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
unsigned int gnt_copy_add_far(struct gnt_copy_batch *batch,
			      const struct gnt_span *from,
			      const struct gnt_span *to);
unsigned int gnt_copy_flush(struct gnt_copy_batch *batch, bool may_sleep);

/**
 * gnt_copy_room() - how many more operations fit
 * @batch: the batch
 *
 * Return: operations, 0 when it is full.
 */
static inline unsigned int gnt_copy_room(const struct gnt_copy_batch *batch)
{
	return batch->max - batch->nr;
}

/* What gnt_copy_flush() returns when an operation had found no room. */
#define GNT_COPY_LOST UINT_MAX

/* No hypercall has run: any value but GNTST_okay, and none that Xen returns. */
#define GNT_STATUS_PENDING 1

/**
 * gnt_copy_fill() - describe a copy from or to a frame of this domain
 * @op: the operation to fill
 * @dir: which way
 * @guest: the granted piece; at most to the end of its page
 * @gfn: the local page's frame, as xen_page_to_gfn() has it
 * @offset: first byte in it; offset + length at most 4096
 *
 * For loops over many pages, which count what they add to a batch themselves.
 *
 * Context: any.
 */
static __always_inline void gnt_copy_fill(struct gnttab_copy *op,
					  enum gnt_dir dir,
					  const struct gnt_span *guest,
					  unsigned long gfn,
					  unsigned int offset)
{
	bool in = dir == GNT_FROM_GUEST;
	struct gnttab_copy_ptr *far = in ? &op->source : &op->dest;
	struct gnttab_copy_ptr *near = in ? &op->dest : &op->source;

	far->u.ref = guest->ref;
	far->domid = guest->domid;
	far->offset = guest->offset;
	near->u.gmfn = gfn;
	near->domid = DOMID_SELF;
	near->offset = offset;
	op->len = guest->len;
	op->flags = in ? GNTCOPY_source_gref : GNTCOPY_dest_gref;
	op->status = GNT_STATUS_PENDING;
}

/**
 * gnt_copy_add_own() - put one copy from or to a page of this domain's own into a batch
 * @batch: a batch with room; in a full one nothing is put
 * @dir: which way
 * @guest: the granted piece; at most to the end of its page
 * @page: the local page, which is no mapping of another domain's grant
 * @offset: first byte in @page; offset + length at most 4096
 *
 * gnt_copy_add() for who has allocated the page.
 *
 * Context: any.
 */
static __always_inline void gnt_copy_add_own(struct gnt_copy_batch *batch,
					     enum gnt_dir dir,
					     const struct gnt_span *guest,
					     struct page *page,
					     unsigned int offset)
{
	if (unlikely(batch->nr >= batch->max)) {
		batch->lost = true;
		return;
	}
	gnt_copy_fill(&batch->op[batch->nr++], dir, guest,
		      xen_page_to_gfn(page), offset);
	batch->bytes += guest->len;
}

/**
 * gnt_copy_ok() - whether an operation of a flushed batch succeeded
 * @batch: a batch after gnt_copy_flush()
 * @i: what gnt_copy_add() returned, or its @nr before gnt_copy_add_own()
 *
 * Return: true when all of its bytes were copied; false also for one that found
 * no room.
 */
static inline bool gnt_copy_ok(const struct gnt_copy_batch *batch,
			       unsigned int i)
{
	return i < batch->nr && batch->op[i].status == GNTST_okay;
}

/**
 * enum gnt_map_kind - where a batch maps grants to
 * @GNT_MAP_PAGES: the kernel's own addresses of pages of gnttab_alloc_pages()
 * @GNT_MAP_PTES: page table entries of a process; PV only. What the rest of
 *	Linux sees is a page that the grant is mapped into as well, no later than
 *	the vma's find_special_page() is asked for it
 */
enum gnt_map_kind { GNT_MAP_PAGES, GNT_MAP_PTES };

/**
 * struct gnt_map_batch - grants to be mapped in one call
 * @nr: operations in the batch
 * @max: room
 * @kind: the same for the whole batch
 * @page: where each goes; unused with GNT_MAP_PTES
 * @op: the operations; after gnt_map_flush() each has its status and handle
 *
 * One owner at a time, no lock.
 */
struct gnt_map_batch {
	unsigned int nr;
	unsigned int max;
	enum gnt_map_kind kind;
	struct page **page;
	struct gnttab_map_grant_ref op[];
};

/**
 * struct gnt_unmap_batch - grants to be unmapped in one call
 * @nr: operations in the batch
 * @max: room
 * @kind: the same for the whole batch
 * @page: which page each is in; unused with GNT_MAP_PTES
 * @op: the operations; after gnt_unmap_flush() each has its status
 *
 * One owner at a time, no lock.
 */
struct gnt_unmap_batch {
	unsigned int nr;
	unsigned int max;
	enum gnt_map_kind kind;
	struct page **page;
	struct gnttab_unmap_grant_ref op[];
};

struct gnt_map_batch *gnt_map_alloc(unsigned int max);
void gnt_map_free(struct gnt_map_batch *batch);
unsigned int gnt_map_add(struct gnt_map_batch *batch, domid_t domid,
			 grant_ref_t ref, struct page *page, bool readonly);
unsigned int gnt_map_add_pte(struct gnt_map_batch *batch, domid_t domid,
			     grant_ref_t ref, u64 pte, bool readonly);
unsigned int gnt_map_flush(struct gnt_map_batch *batch);

struct gnt_unmap_batch *gnt_unmap_alloc(unsigned int max);
void gnt_unmap_free(struct gnt_unmap_batch *batch);
unsigned int gnt_unmap_add(struct gnt_unmap_batch *batch, struct page *page,
			   grant_handle_t handle);
unsigned int gnt_unmap_add_pte(struct gnt_unmap_batch *batch, u64 pte,
			       grant_handle_t handle);
unsigned int gnt_unmap_flush(struct gnt_unmap_batch *batch);

/**
 * gnt_map_start() - empty a batch
 * @batch: the batch
 * @kind: what will be added
 */
static inline void gnt_map_start(struct gnt_map_batch *batch,
				 enum gnt_map_kind kind)
{
	batch->nr = 0;
	batch->kind = kind;
}

/**
 * gnt_map_handle() - what to unmap a grant by
 * @batch: a batch after gnt_map_flush()
 * @i: what gnt_map_add() or gnt_map_add_pte() returned
 *
 * Return: the handle, or INVALID_GRANT_HANDLE if this one was not mapped.
 */
static inline grant_handle_t gnt_map_handle(const struct gnt_map_batch *batch,
					    unsigned int i)
{
	return batch->op[i].status == GNTST_okay ? batch->op[i].handle :
						   INVALID_GRANT_HANDLE;
}

/**
 * gnt_unmap_start() - empty a batch
 * @batch: the batch
 * @kind: what will be added
 */
static inline void gnt_unmap_start(struct gnt_unmap_batch *batch,
				   enum gnt_map_kind kind)
{
	batch->nr = 0;
	batch->kind = kind;
}

/**
 * gnt_unmap_ok() - whether a grant is unmapped
 * @batch: a batch after gnt_unmap_flush()
 * @i: what gnt_unmap_add() or gnt_unmap_add_pte() returned
 *
 * A page whose grant is still mapped must never be used or freed.
 *
 * Return: true when it is.
 */
static inline bool gnt_unmap_ok(const struct gnt_unmap_batch *batch,
				unsigned int i)
{
	return batch->op[i].status == GNTST_okay;
}

/**
 * gnt_page_idle() - whether a granted page may be unmapped
 * @page: a page of gnttab_alloc_pages()
 *
 * Its owner holds one reference; any other belongs to input or output under
 * way, which would go on into whatever frame came next.
 *
 * Return: true when nothing but the owner holds it.
 */
static inline bool gnt_page_idle(struct page *page)
{
	return page_count(page) <= 1;
}

/**
 * gnt_page_foreign() - the grant that a page is a mapping of
 * @page: any page that the caller holds
 *
 * PG_foreign is PG_owner_priv_1, which means other things on other pages: that
 * an anonymous page is in the swap cache, with a swp_entry_t where a grant would
 * be, or that a file system has checked a page. Such pages have a mapping. One of
 * gnttab_alloc_pages() has none, and PG_private.
 *
 * Context: any.
 * Return: domain and reference, or NULL for a page of this domain's own.
 */
static inline const struct xen_page_foreign *gnt_page_foreign(struct page *page)
{
	const struct xen_page_foreign *foreign = xen_page_foreign(page);

	if (likely(!foreign))
		return NULL;
	return PagePrivate(page) && !page->mapping ? foreign : NULL;
}

#endif
