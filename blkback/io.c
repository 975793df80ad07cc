// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Requests in flight: made when a ring first needs them, kept with their
 * arrays and pages for the next, at most as many as the ring has slots.
 */

#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <xen/page.h>

#include "blkback.h"

/* What kmalloc() takes for arrays of all segments: 12 KiB become 16. */
#define ARRAY_PAGES 4

/* Pages that are allocated together: 64 KiB. */
#define MAX_RUN_ORDER 4

/* Segments that requests are made for: direct ones, stock frontends', all. */
static const u16 rooms[] = { BLKBACK_DIRECT_SEGS, 32, BLKBACK_MAX_SEGS };

static unsigned int array_pages(const struct blkback_io *io)
{
	return io->room == BLKBACK_MAX_SEGS ? ARRAY_PAGES : 0;
}

static void free_pages_of(struct blkback_io *io)
{
	unsigned int nr = io->nr_own;

	while (io->nr_own)
		__free_page(io->own[--io->nr_own].page);
	atomic_sub(nr, &io->ring->vbd->pages);
}

/*
 * A ring that falls idle recycles nothing any more: what it keeps, its busy
 * neighbours go without. Arrays are the thread's to free, which is woken for it.
 */
static void shed(struct blkback_io *io)
{
	if (unlikely(blkback_io_excess(io->ring->vbd)))
		free_pages_of(io);
}

static void free_io(struct blkback_io *io)
{
	free_pages_of(io);
	atomic_sub(array_pages(io), &io->ring->vbd->pages);
	list_del(&io->all);
	kfree(io->vec);
	kfree(io);
}

/**
 * blkback_io_room() - have arrays for a request's segments
 * @io: a request; what its arrays hold is lost, but not its pages
 * @nr: segments, at most BLKBACK_MAX_SEGS
 *
 * Context: the ring's thread; may sleep.
 * Return: 0 or -ENOMEM and nothing has changed.
 */
int blkback_io_room(struct blkback_io *io, unsigned int nr)
{
	unsigned int i = 0;
	size_t each = sizeof(*io->vec) + sizeof(*io->grant) + sizeof(*io->own) +
		      sizeof(*io->seg);
	struct blkback_own *own;
	void *arrays;

	if (likely(nr <= io->room))
		return 0;
	while (rooms[i] < nr)
		i++;
	nr = rooms[i];
	arrays = kcalloc(nr, each, GFP_KERNEL);
	if (!arrays)
		return -ENOMEM;
	own = arrays + nr * (sizeof(*io->vec) + sizeof(*io->grant));
	memcpy(own, io->own, io->nr_own * sizeof(*own));
	kfree(io->vec);
	io->vec = arrays;
	io->grant = arrays + nr * sizeof(*io->vec);
	io->own = own;
	io->seg = (void *)(own + nr);
	io->room = nr;
	atomic_add(array_pages(io), &io->ring->vbd->pages);
	return 0;
}

/**
 * blkback_io_recycle_list() - make requests ready for use again
 * @ring: the ring
 * @list: the requests
 *
 * Context: the ring's thread.
 */
void blkback_io_recycle_list(struct blkback_ring *ring, struct llist_node *list)
{
	struct llist_node *spare = ring->spare;
	struct blkback_io *io, *next;

	llist_for_each_entry_safe(io, next, list, next) {
		/* It holds no grant from here on. */
		io->desc = NULL;
		io->nr_vecs = 0;
		if (unlikely(blkback_io_excess(ring->vbd)) && array_pages(io)) {
			free_io(io);
			continue;
		}
		shed(io);
		io->next.next = spare;
		spare = &io->next;
	}
	ring->spare = spare;
}

/**
 * blkback_io_recycle() - make the requests that were given back ready for use
 * @ring: the ring
 *
 * Context: the ring's thread.
 */
void blkback_io_recycle(struct blkback_ring *ring)
{
	blkback_io_recycle_list(ring, llist_del_all(&ring->freed));
}

static struct blkback_io *new_io(struct blkback_ring *ring)
{
	struct blkback_io *io = kzalloc(sizeof(*io), GFP_KERNEL);

	if (!io)
		return NULL;
	io->ring = ring;
	if (blkback_io_room(io, 1)) {
		kfree(io);
		return NULL;
	}
	list_add(&io->all, &ring->ios);
	return io;
}

/**
 * blkback_io_more() - a request to fill, when none is at hand
 * @ring: the ring
 *
 * Context: the ring's thread; may sleep.
 * Return: the request, or NULL without memory.
 */
struct blkback_io *blkback_io_more(struct blkback_ring *ring)
{
	blkback_io_recycle(ring);
	return blkback_io_spare(ring) ?: new_io(ring);
}

/**
 * blkback_io_put() - give a request back; it may keep its pages for now
 * @io: the request; not the caller's afterwards
 *
 * Context: any.
 */
void blkback_io_put(struct blkback_io *io)
{
	shed(io);
	llist_add(&io->next, &io->ring->freed);
}

/*
 * Pages that follow each other go to the disk as one piece of data, so several
 * are asked for at once, where that many are at hand.
 */
static struct page *alloc_run(unsigned int order)
{
	/* Without the flags that have others look for them as well. */
	gfp_t gfp = order ? __GFP_NOWARN : GFP_KERNEL;
	struct page *page;

	/* Zeroed: a page that an error leaves unread holds nothing. */
	page = alloc_pages(gfp | __GFP_ZERO, order);
	if (page && order)
		split_page(page, order);
	return page;
}

static void own_run(struct blkback_io *io, struct page *run, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		io->own[io->nr_own++] = (struct blkback_own){
			.page = run + i,
			.gfn = xen_page_to_gfn(run + i),
		};
	atomic_add(nr, &io->ring->vbd->pages);
}

/**
 * blkback_io_pages() - have pages of the request's own
 * @io: the request
 * @nr: how many, at most the room of its arrays
 *
 * Context: the ring's thread; may sleep.
 * Return: 0 or -ENOMEM; it keeps what it has.
 */
int blkback_io_pages(struct blkback_io *io, unsigned int nr)
{
	unsigned int order = MAX_RUN_ORDER;

	while (io->nr_own < nr) {
		struct page *run;

		order = min_t(unsigned int, order, ilog2(nr - io->nr_own));
		run = alloc_run(order);
		if (run)
			own_run(io, run, 1 << order);
		else if (order)
			order--;
		else
			return -ENOMEM;
	}
	return 0;
}

/**
 * blkback_io_squeeze() - free the requests that are not in flight
 * @ring: the ring
 *
 * Context: the ring's thread, or no thread; may sleep.
 */
void blkback_io_squeeze(struct blkback_ring *ring)
{
	blkback_io_recycle(ring);
	while (ring->spare) {
		struct blkback_io *io =
			llist_entry(ring->spare, struct blkback_io, next);

		ring->spare = ring->spare->next;
		free_io(io);
	}
}
