// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * GRANT_COPY: segments between grants and a process's memory. They are taken in
 * rounds; a round is read, checked and pinned as a whole, then copied by one
 * hypercall, then answered.
 */

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/page.h>

#include "chardev.h"

/*
 * A segment has a grant on one side at least, so it is within a page there, and
 * its local side lies in two pages at most.
 */
#define OPS_PER_SEG 2u
#define SEGS_PER_ROUND (GNT_USER_BATCH / OPS_PER_SEG)

/**
 * struct piece - the part of a segment that lies in one local page
 * @addr: local address; 0 for a copy between two grants
 * @from: what of the segment's bytes comes first
 * @len: bytes
 * @seg: which segment of the round
 * @pin: which pinned page of its direction; unused between two grants
 */
struct piece {
	unsigned long addr;
	u16 from;
	u16 len;
	u16 seg;
	u16 pin;
};

/**
 * struct pins - pages of the caller that are pinned
 * @page: the pages
 * @nr: how many
 */
struct pins {
	struct page **page;
	unsigned int nr;
};

/**
 * struct gnt_ucopy - memory of a round
 * @max: segments it is for
 * @nr_segs: segments read
 * @nr_pieces: pieces they were cut into
 * @seg: the segments, as read
 * @piece: the pieces; the operation of the same index copies each
 * @read: pages that are copied from
 * @written: pages that are copied to
 * @batch: the operations
 */
struct gnt_ucopy {
	unsigned int max;
	unsigned int nr_segs;
	unsigned int nr_pieces;
	struct gntdev_grant_copy_segment *seg;
	struct piece *piece;
	struct pins read;
	struct pins written;
	struct gnt_copy_batch *batch;
};

#define BOTH_FAR (GNTCOPY_source_gref | GNTCOPY_dest_gref)

static bool reads_local(const struct gntdev_grant_copy_segment *seg)
{
	return !(seg->flags & GNTCOPY_source_gref);
}

static bool writes_local(const struct gntdev_grant_copy_segment *seg)
{
	return !(seg->flags & GNTCOPY_dest_gref);
}

/**
 * gnt_ucopy_free() - free a round's memory
 * @uc: the memory, or NULL
 *
 * Context: may sleep.
 */
void gnt_ucopy_free(struct gnt_ucopy *uc)
{
	if (!uc)
		return;
	gnt_copy_free(uc->batch);
	kvfree(uc->written.page);
	kvfree(uc->read.page);
	kvfree(uc->piece);
	kvfree(uc->seg);
	kfree(uc);
}

static struct gnt_ucopy *ucopy_alloc(unsigned int max)
{
	struct gnt_ucopy *uc = kzalloc(sizeof(*uc), GFP_KERNEL);
	unsigned int ops = max * OPS_PER_SEG;

	if (!uc)
		return NULL;
	uc->max = max;
	uc->seg = kvmalloc_array(max, sizeof(*uc->seg), GFP_KERNEL);
	uc->piece = kvmalloc_array(ops, sizeof(*uc->piece), GFP_KERNEL);
	uc->read.page = kvmalloc_array(ops, sizeof(*uc->read.page), GFP_KERNEL);
	uc->written.page =
		kvmalloc_array(ops, sizeof(*uc->written.page), GFP_KERNEL);
	uc->batch = gnt_copy_alloc(ops);
	if (uc->seg && uc->piece && uc->read.page && uc->written.page &&
	    uc->batch)
		return uc;
	gnt_ucopy_free(uc);
	return NULL;
}

/* A round's memory: the file's if it is large enough and not in use. */
static struct gnt_ucopy *ucopy_get(struct gnt_file *gf, unsigned int count)
{
	unsigned int max = min(count, SEGS_PER_ROUND);
	struct gnt_ucopy *uc = xchg(&gf->copy, NULL);

	if (uc && uc->max >= max)
		return uc;
	gnt_ucopy_free(uc);
	return ucopy_alloc(max);
}

static void ucopy_put(struct gnt_file *gf, struct gnt_ucopy *uc)
{
	gnt_ucopy_free(xchg(&gf->copy, uc));
}

static void add_piece(struct gnt_ucopy *uc, unsigned int seg,
		      unsigned long addr, u16 from, u16 len)
{
	uc->piece[uc->nr_pieces++] = (struct piece){
		.addr = addr,
		.from = from,
		.len = len,
		.seg = seg,
	};
}

static int cut_segment(struct gnt_ucopy *uc, unsigned int i)
{
	const struct gntdev_grant_copy_segment *seg = &uc->seg[i];
	unsigned long addr;
	unsigned int first;

	if (reads_local(seg) && writes_local(seg))
		return -EINVAL;
	if (!reads_local(seg) &&
	    seg->source.foreign.offset + seg->len > XEN_PAGE_SIZE)
		return -EINVAL;
	if (!writes_local(seg) &&
	    seg->dest.foreign.offset + seg->len > XEN_PAGE_SIZE)
		return -EINVAL;
	if (!seg->len)
		return 0;
	if ((seg->flags & BOTH_FAR) == BOTH_FAR) {
		add_piece(uc, i, 0, 0, seg->len);
		return 0;
	}
	addr = (unsigned long)(reads_local(seg) ? seg->source.virt :
						  seg->dest.virt);
	first = min_t(unsigned long, seg->len,
		      XEN_PAGE_SIZE - xen_offset_in_page(addr));
	add_piece(uc, i, addr, 0, first);
	if (first < seg->len)
		add_piece(uc, i, addr + first, first, seg->len - first);
	return 0;
}

/*
 * Pins the page of piece @i, and in the same step the pages of the pieces after
 * it as long as they follow in the same direction: a buffer is mostly cut into
 * segments in order. Where segments meet within a page that page is pinned
 * once. Returns the piece that comes next, or an errno.
 */
static int pin_run(struct gnt_ucopy *uc, unsigned int i)
{
	bool write = writes_local(&uc->seg[uc->piece[i].seg]);
	struct pins *pins = write ? &uc->written : &uc->read;
	unsigned long start = uc->piece[i].addr & PAGE_MASK, page = start;
	unsigned int nr;
	int got;

	uc->piece[i].pin = pins->nr;
	for (i++; i < uc->nr_pieces; i++) {
		struct piece *p = &uc->piece[i];
		const struct gntdev_grant_copy_segment *seg = &uc->seg[p->seg];
		unsigned long next = p->addr & PAGE_MASK;

		if ((seg->flags & BOTH_FAR) == BOTH_FAR ||
		    writes_local(seg) != write ||
		    (next != page && next != page + PAGE_SIZE))
			break;
		page = next;
		p->pin = pins->nr + ((page - start) >> PAGE_SHIFT);
	}
	nr = ((page - start) >> PAGE_SHIFT) + 1;
	got = pin_user_pages_fast(start, nr, write ? FOLL_WRITE : 0,
				  pins->page + pins->nr);
	/* A grant that Xen has no room to map a second time has no page. */
	if (got < 0)
		return got == -EEXIST ? -EFAULT : got;
	pins->nr += got;
	return got == nr ? (int)i : -EFAULT;
}

static int pin_round(struct gnt_ucopy *uc)
{
	int next = 0;

	while (next >= 0 && next < uc->nr_pieces) {
		const struct piece *p = &uc->piece[next];

		if ((uc->seg[p->seg].flags & BOTH_FAR) == BOTH_FAR)
			next++;
		else
			next = pin_run(uc, next);
	}
	return next < 0 ? next : 0;
}

static void unpin_round(struct gnt_ucopy *uc)
{
	unpin_user_pages(uc->read.page, uc->read.nr);
	unpin_user_pages_dirty_lock(uc->written.page, uc->written.nr, true);
	uc->read.nr = 0;
	uc->written.nr = 0;
}

static void build_round(struct gnt_ucopy *uc)
{
	unsigned int i;

	uc->batch->nr = 0;
	for (i = 0; i < uc->nr_pieces; i++) {
		const struct piece *p = &uc->piece[i];
		const struct gntdev_grant_copy_segment *seg = &uc->seg[p->seg];
		struct gnt_span from = {
			.ref = seg->source.foreign.ref,
			.offset = seg->source.foreign.offset + p->from,
			.len = p->len,
			.domid = seg->source.foreign.domid,
		};
		struct gnt_span to = {
			.ref = seg->dest.foreign.ref,
			.offset = seg->dest.foreign.offset + p->from,
			.len = p->len,
			.domid = seg->dest.foreign.domid,
		};

		if (reads_local(seg))
			gnt_copy_add(uc->batch, GNT_TO_GUEST, &to,
				     uc->read.page[p->pin],
				     offset_in_page(p->addr));
		else if (writes_local(seg))
			gnt_copy_add(uc->batch, GNT_FROM_GUEST, &from,
				     uc->written.page[p->pin],
				     offset_in_page(p->addr));
		else
			gnt_copy_add_far(uc->batch, &from, &to);
	}
}

/* A segment's status is that of its first piece that failed. */
static int answer_round(struct gnt_ucopy *uc,
			struct gntdev_grant_copy_segment __user *user)
{
	unsigned int i, op = 0;
	s16 status;

	for (i = 0; i < uc->nr_segs; i++) {
		status = GNTST_okay;
		for (; op < uc->nr_pieces && uc->piece[op].seg == i; op++)
			if (status == GNTST_okay)
				status = uc->batch->op[op].status;
		if (put_user(status, &user[i].status))
			return -EFAULT;
	}
	return 0;
}

static int copy_round(struct gnt_ucopy *uc,
		      struct gntdev_grant_copy_segment __user *user,
		      unsigned int nr)
{
	unsigned int i;
	int err;

	if (copy_from_user(uc->seg, user, array_size(nr, sizeof(*uc->seg))))
		return -EFAULT;
	uc->nr_segs = nr;
	uc->nr_pieces = 0;
	for (i = 0; i < nr; i++) {
		err = cut_segment(uc, i);
		if (err)
			return err;
	}
	err = pin_round(uc);
	if (!err) {
		build_round(uc);
		gnt_copy_flush(uc->batch, true);
	}
	unpin_round(uc);
	return err ?: answer_round(uc, user);
}

/**
 * gnt_ucopy_ioctl() - GRANT_COPY
 * @gf: the open file
 * @arg: struct ioctl_gntdev_grant_copy in the caller's memory
 *
 * Context: process, may sleep.
 * Return: 0 and each segment has its status, or -EFAULT for memory that cannot
 * be accessed, -EINVAL for a segment without a grant or beyond the granted
 * page, -ENOMEM, -EINTR when the caller is being killed; the statuses then mean
 * nothing, and segments of earlier rounds may have been copied.
 */
long gnt_ucopy_ioctl(struct gnt_file *gf, void __user *arg)
{
	struct ioctl_gntdev_grant_copy req;
	struct gnt_ucopy *uc;
	unsigned int done, nr;
	int err = 0;

	BUILD_BUG_ON(PAGE_SIZE != XEN_PAGE_SIZE);

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!req.count)
		return 0;
	uc = ucopy_get(gf, req.count);
	if (!uc)
		return -ENOMEM;
	for (done = 0; done < req.count && !err; done += nr) {
		nr = min(req.count - done, uc->max);
		err = copy_round(uc, req.segments + done, nr);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	ucopy_put(gf, uc);
	return err;
}
