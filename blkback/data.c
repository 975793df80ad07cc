// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where a request's data is while the disk works on it: in the guest's own
 * page where that is mapped for good, else in a page of ours that is copied
 * from or to.
 */

#include "blkback.h"

static __always_inline struct blkback_grant *
keep(struct blkback_ring *ring, grant_ref_t ref, unsigned long now)
{
	struct blkback_grant *grant = blkback_grant_find(&ring->grants, ref);

	if (unlikely(!grant))
		return blkback_grant_add(ring, ref);
	grant->used = now;
	return grant;
}

static void set_vec(struct bio_vec *vec, struct page *page,
		    const struct blkback_seg *seg)
{
	*vec = (struct bio_vec){
		.bv_page = page,
		.bv_len = seg->len,
		.bv_offset = seg->offset,
	};
}

/* Whether a piece goes on where the one before it ends, for the disk too. */
static bool joins(const struct blkback_own *own, const struct blkback_seg *seg)
{
	return own[0].page == own[-1].page + 1 &&
	       own[0].gfn == own[-1].gfn + 1 && !seg[0].offset &&
	       seg[-1].offset + seg[-1].len == XEN_PAGE_SIZE;
}

/* Where nothing stays mapped: pages of our own for all. */
static noinline int get_own(struct blkback_io *io, unsigned int nr)
{
	const struct blkback_seg *seg = io->seg;
	struct bio_vec *vec = io->vec;
	const struct blkback_own *own;
	unsigned int i;

	io->nr_copies = 0;
	if (unlikely(io->nr_own < nr) && blkback_io_pages(io, nr))
		return -ENOMEM;
	own = io->own;
	for (i = 0; i < nr; i++) {
		if (i && joins(&own[i], &seg[i]))
			vec[-1].bv_len += seg[i].len;
		else
			set_vec(vec++, own[i].page, &seg[i]);
	}
	io->nr_vecs = vec - io->vec;
	io->nr_copies = nr;
	return 0;
}

/* The loop that most data goes through: what does not change is read before. */
static noinline int get_kept(struct blkback_io *io, unsigned int nr)
{
	const struct blkback_seg *seg = io->seg;
	struct blkback_ring *ring = io->ring;
	struct blkback_grant **kept = io->grant;
	struct bio_vec *vec = io->vec;
	unsigned long now = jiffies;
	unsigned int i, own = 0;

	for (i = 0; i < nr; i++) {
		struct blkback_grant *grant = keep(ring, seg[i].ref, now);

		kept[i] = grant;
		if (likely(grant)) {
			set_vec(&vec[i], grant->page, &seg[i]);
			continue;
		}
		if (blkback_io_pages(io, own + 1))
			break;
		set_vec(&vec[i], io->own[own++].page, &seg[i]);
	}
	io->nr_copies = own;
	io->nr_vecs = i;
	return i == nr ? 0 : -ENOMEM;
}

/*
 * The guest could change its page while a disk that checks has it, and have the
 * disk fail for others too: what it does to that page later, or while it is
 * read into, it does to its own copy only.
 */
static noinline int get_copied(struct blkback_io *io, unsigned int nr)
{
	memset(io->grant, 0, nr * sizeof(*io->grant));
	return get_own(io, nr);
}

/**
 * blkback_data_get() - give each segment of a request its page
 * @io: a request whose segments are known; room for them
 *
 * Context: the ring's thread; may sleep.
 * Return: 0 or -ENOMEM; what was got goes with the request.
 */
int blkback_data_get(struct blkback_io *io)
{
	unsigned int nr = io->req.nr_segs;

	if (!io->ring->persistent)
		return get_own(io, nr);
	if (unlikely(io->ring->vbd->stable))
		return get_copied(io, nr);
	return get_kept(io, nr);
}

static __always_inline void add_copies(struct blkback_io *io,
				       struct gnt_copy_batch *batch,
				       enum gnt_dir dir, bool all)
{
	struct gnt_span span = { .domid = io->ring->vbd->xbe->domid };
	struct gnttab_copy *op = &batch->op[batch->nr];
	const struct blkback_seg *seg = io->seg;
	const struct blkback_own *own = io->own;
	unsigned int i, nr = io->req.nr_segs;
	unsigned long bytes = 0;

	for (i = 0; i < nr; i++) {
		if (!all && io->grant[i])
			continue;
		span.ref = seg[i].ref;
		span.offset = seg[i].offset;
		span.len = seg[i].len;
		bytes += span.len;
		gnt_copy_fill(op++, dir, &span, own++->gfn, span.offset);
	}
	batch->nr += io->nr_copies;
	batch->bytes += bytes;
}

/* Loops that have nothing to decide. */

static noinline void copy_all_in(struct blkback_io *io,
				 struct gnt_copy_batch *batch)
{
	add_copies(io, batch, GNT_FROM_GUEST, true);
}

static noinline void copy_all_out(struct blkback_io *io,
				  struct gnt_copy_batch *batch)
{
	add_copies(io, batch, GNT_TO_GUEST, true);
}

static noinline void copy_some(struct blkback_io *io,
			       struct gnt_copy_batch *batch, enum gnt_dir dir)
{
	add_copies(io, batch, dir, false);
}

/**
 * blkback_data_copy() - add the copies a request needs to a batch
 * @io: a request with its pages
 * @batch: a batch with room for io->nr_copies
 * @dir: which way
 *
 * Context: any.
 */
void blkback_data_copy(struct blkback_io *io, struct gnt_copy_batch *batch,
		       enum gnt_dir dir)
{
	io->first_op = batch->nr;
	if (io->nr_copies != io->req.nr_segs)
		copy_some(io, batch, dir);
	else if (dir == GNT_TO_GUEST)
		copy_all_out(io, batch);
	else
		copy_all_in(io, batch);
}

/**
 * blkback_data_copied() - whether all copies of a request were made
 * @io: the request
 * @batch: the batch they were added to, flushed
 *
 * Context: any.
 */
bool blkback_data_copied(const struct blkback_io *io,
			 const struct gnt_copy_batch *batch)
{
	unsigned int i;

	for (i = 0; i < io->nr_copies; i++)
		if (!gnt_copy_ok(batch, io->first_op + i))
			return false;
	return true;
}

/**
 * blkback_data_mapped() - whether all grants of a request are mapped
 * @io: a request with its pages, after blkback_grants_flush()
 *
 * Context: the ring's thread.
 */
bool blkback_data_mapped(const struct blkback_io *io)
{
	unsigned int i;

	/* Nothing failed since the pass began: no need to look at each. */
	if (!io->ring->persistent || list_empty(&io->ring->grants.failed))
		return true;
	for (i = 0; i < io->nr_vecs; i++)
		if (io->grant[i] &&
		    io->grant[i]->handle == INVALID_GRANT_HANDLE)
			return false;
	return true;
}

/* The descriptors are in a page of our own, or where the frontend has them. */
static void read_segs(struct blkback_io *io, const void *desc)
{
	if (io->desc) {
		/* Once: what is checked is what is used (XSA-155). */
		memcpy(io->ring->scratch, desc,
		       io->req.nr_segs * BLKBACK_SEG_SIZE);
		barrier();
		desc = io->ring->scratch;
	}
	io->status = blkback_parse_segs(desc, &io->ring->vbd->limits, &io->req,
					io->seg);
}

/**
 * blkback_desc_get() - ask for the descriptors of an indirect request
 * @io: the request
 *
 * Context: the ring's thread; may sleep.
 * Return: 1 when the segments have been read, io->status says with what result;
 * 0 when they can be once grants and ring->descs are flushed, with
 * blkback_desc_read(); -ENOMEM.
 */
int blkback_desc_get(struct blkback_io *io)
{
	struct blkback_ring *ring = io->ring;
	struct gnt_span span = { .domid = ring->vbd->xbe->domid };

	if (blkback_io_room(io, io->req.nr_segs))
		return -ENOMEM;
	if (ring->persistent)
		io->desc = keep(ring, io->req.desc, jiffies);
	if (io->desc && io->desc->handle != INVALID_GRANT_HANDLE) {
		read_segs(io, page_address(io->desc->page));
		return 1;
	}
	if (io->desc)
		return 0;
	/* All that its data will need, to have them in a row. */
	if (blkback_io_pages(io, ring->persistent ? 1 : io->req.nr_segs))
		return -ENOMEM;
	span.ref = io->req.desc;
	span.len = io->req.nr_segs * BLKBACK_SEG_SIZE;
	io->first_op = gnt_copy_add(ring->descs, GNT_FROM_GUEST, &span,
				    io->own[0].page, 0);
	return 0;
}

/**
 * blkback_desc_read() - read the descriptors that are there by now
 * @io: a request for which blkback_desc_get() said 0
 *
 * Context: the ring's thread. Sets io->status.
 */
void blkback_desc_read(struct blkback_io *io)
{
	bool ok = io->desc ? io->desc->handle != INVALID_GRANT_HANDLE :
			     gnt_copy_ok(io->ring->descs, io->first_op);

	if (!ok)
		io->status = BLKIF_RSP_ERROR;
	else
		read_segs(io, page_address(io->desc ? io->desc->page :
						      io->own[0].page));
}
