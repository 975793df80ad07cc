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

/* Where nothing stays mapped: pages of our own for all. */
static unsigned int get_own(struct blkback_io *io, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct page *page = blkback_io_page(io, i);

		if (unlikely(!page))
			break;
		io->grant[i] = NULL;
		set_vec(&io->vec[i], page, &io->seg[i]);
	}
	io->nr_copies = i;
	return i;
}

/* The loop that most data goes through: what does not change is read before. */
static unsigned int get_kept(struct blkback_io *io, unsigned int nr)
{
	const struct blkback_seg *seg = io->seg;
	struct blkback_ring *ring = io->ring;
	struct blkback_grant **kept = io->grant;
	struct bio_vec *vec = io->vec;
	unsigned long now = jiffies;
	unsigned int i, own = 0;

	for (i = 0; i < nr; i++) {
		struct blkback_grant *grant = keep(ring, seg[i].ref, now);
		struct page *page;

		page = likely(grant) ? grant->page : blkback_io_page(io, own++);
		if (unlikely(!page))
			break;
		kept[i] = grant;
		set_vec(&vec[i], page, &seg[i]);
	}
	io->nr_copies = own;
	return i;
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

	io->nr_vecs = io->ring->persistent ? get_kept(io, nr) : get_own(io, nr);
	return io->nr_vecs == nr ? 0 : -ENOMEM;
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
	struct gnt_span span = { .domid = io->ring->vbd->xbe->domid };
	unsigned int i;

	io->first_op = batch->nr;
	if (!io->nr_copies)
		return;
	for (i = 0; i < io->nr_vecs; i++) {
		if (io->grant[i])
			continue;
		span.ref = io->seg[i].ref;
		span.offset = io->seg[i].offset;
		span.len = io->seg[i].len;
		gnt_copy_add(batch, dir, &span, io->vec[i].bv_page,
			     span.offset);
	}
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
	struct page *page;

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
	page = blkback_io_page(io, 0);
	if (!page)
		return -ENOMEM;
	span.ref = io->req.desc;
	span.len = io->req.nr_segs * BLKBACK_SEG_SIZE;
	io->first_op =
		gnt_copy_add(ring->descs, GNT_FROM_GUEST, &span, page, 0);
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
		read_segs(io,
			  page_address(io->desc ? io->desc->page : io->own[0]));
}
