// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Requests in flight: made when a ring first needs them, kept with their pages
 * for the next, at most as many as the ring has slots.
 */

#include <linux/gfp.h>
#include <linux/slab.h>

#include "blkback.h"

/*
 * Pages a vbd may have: 16 MiB, eight full single-page rings. Half of them stay
 * with idle requests; what is above goes back when its request ends.
 */
#define MAX_PAGES 4096
#define KEPT_PAGES (MAX_PAGES / 2)

static void free_pages_of(struct blkback_io *io)
{
	unsigned int nr = io->nr_pages;

	while (io->nr_pages)
		__free_page(io->page[--io->nr_pages]);
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
		ring->spare = llist_del_all(&ring->freed);
	if (ring->spare) {
		io = llist_entry(ring->spare, struct blkback_io, next);
		ring->spare = ring->spare->next;
		return io;
	}
	io = kzalloc(sizeof(*io), GFP_KERNEL);
	if (!io)
		return NULL;
	io->ring = ring;
	return io;
}

/**
 * blkback_io_put() - give a request back; it may keep its pages
 * @io: the request; not the caller's afterwards
 *
 * Context: any.
 */
void blkback_io_put(struct blkback_io *io)
{
	if (unlikely(atomic_read(&io->ring->vbd->pages) > KEPT_PAGES))
		free_pages_of(io);
	llist_add(&io->next, &io->ring->freed);
}

/**
 * blkback_io_pages() - have a page for each segment
 * @io: a parsed request
 *
 * Context: the ring's thread; may sleep.
 * Return: 0 or -ENOMEM; what was got stays with the request.
 */
int blkback_io_pages(struct blkback_io *io)
{
	while (io->nr_pages < io->req.nr_segs) {
		/* Zeroed: a page that an error leaves unread holds nothing. */
		struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

		if (!page)
			return -ENOMEM;
		io->page[io->nr_pages++] = page;
		atomic_inc(&io->ring->vbd->pages);
	}
	return 0;
}

/**
 * blkback_io_free_all() - free every request of a ring
 * @ring: a ring whose thread has stopped with nothing in flight
 *
 * Context: may sleep.
 */
void blkback_io_free_all(struct blkback_ring *ring)
{
	struct blkback_io *io, *next;

	while (ring->spare) {
		io = llist_entry(ring->spare, struct blkback_io, next);
		ring->spare = ring->spare->next;
		blkback_io_put(io);
	}
	llist_for_each_entry_safe(io, next, llist_del_all(&ring->freed), next) {
		free_pages_of(io);
		kfree(io);
	}
}
