// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Requests in flight: made when a ring first needs them, kept with their
 * arrays and pages for the next, at most as many as the ring has slots.
 */

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "blkback.h"

/*
 * Pages a vbd may have: 16 MiB, eight full single-page rings. Half of them stay
 * with idle requests; what is above goes back when its request ends.
 */
#define MAX_PAGES 4096
#define KEPT_PAGES (MAX_PAGES / 2)

/* Segments that requests are made for: direct ones, stock frontends', all. */
static const u16 rooms[] = { BLKBACK_DIRECT_SEGS, 32, BLKBACK_MAX_SEGS };

static void free_pages_of(struct blkback_io *io)
{
	unsigned int nr = io->nr_own;

	while (io->nr_own)
		__free_page(io->own[--io->nr_own]);
	atomic_sub(nr, &io->ring->vbd->pages);
}

/**
 * blkback_io_hold() - whether requests have to wait for the vbd's memory
 * @ring: the ring
 *
 * Never when none of the ring's is in flight: each ring goes on.
 *
 * Context: the ring's thread.
 */
bool blkback_io_hold(struct blkback_ring *ring)
{
	return atomic_read(&ring->vbd->pages) >= MAX_PAGES &&
	       atomic_read(&ring->inflight);
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
	struct page **own;
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
	struct blkback_io *io, *next;

	llist_for_each_entry_safe(io, next, list, next) {
		/* It holds no grant from here on. */
		io->desc = NULL;
		io->nr_vecs = 0;
		if (unlikely(atomic_read(&ring->vbd->pages) > KEPT_PAGES))
			free_pages_of(io);
		io->next.next = ring->spare;
		ring->spare = &io->next;
	}
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
 * blkback_io_get() - a request to fill
 * @ring: the ring
 *
 * Context: the ring's thread; may sleep.
 * Return: the request, or NULL without memory.
 */
struct blkback_io *blkback_io_get(struct blkback_ring *ring)
{
	struct blkback_io *io;

	if (!ring->spare)
		blkback_io_recycle(ring);
	if (unlikely(!ring->spare))
		return new_io(ring);
	io = llist_entry(ring->spare, struct blkback_io, next);
	ring->spare = ring->spare->next;
	return io;
}

/**
 * blkback_io_put() - give a request back; it keeps its pages for now
 * @io: the request; not the caller's afterwards
 *
 * Context: any.
 */
void blkback_io_put(struct blkback_io *io)
{
	llist_add(&io->next, &io->ring->freed);
}

/**
 * blkback_io_page() - a page of the request's own
 * @io: the request
 * @i: which, at most the number that it has had until now
 *
 * Context: the ring's thread; may sleep.
 * Return: the page, or NULL without memory.
 */
struct page *blkback_io_page(struct blkback_io *io, unsigned int i)
{
	struct page *page;

	if (likely(i < io->nr_own))
		return io->own[i];
	/* Zeroed: a page that an error leaves unread holds nothing. */
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return NULL;
	io->own[io->nr_own++] = page;
	atomic_inc(&io->ring->vbd->pages);
	return page;
}

static void free_io(struct blkback_io *io)
{
	free_pages_of(io);
	list_del(&io->all);
	kfree(io->vec);
	kfree(io);
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
