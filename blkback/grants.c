// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grants that stay mapped: a frontend that has feature-persistent uses the
 * same pages again and again, so each is mapped once and found by its
 * reference afterwards. All of it belongs to the ring's thread.
 *
 * A ring keeps max_persistent_grants, if its domain may have so many. What comes
 * beyond them is copied, and those that were not used lately make room.
 */

#include <linux/delay.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "blkback.h"

/* Grants mapped or unmapped in one call. */
#define BATCH_GRANTS 64

/* At most this often a full ring looks for old grants, in jiffies. */
#define EVICT_INTERVAL (HZ / 10)

/* The part of its grants that a full ring lets go of then. */
#define EVICT_PART 20

static struct gnttab_page_cache pages;
static unsigned long squeezed_until; /* jiffies */

/**
 * blkback_pages_init() - prepare the pages that grants are mapped into
 *
 * Context: module load.
 */
void blkback_pages_init(void)
{
	gnttab_page_cache_init(&pages);
	squeezed_until = jiffies;
}

/**
 * blkback_pages_shrink() - give idle pages back to the system
 * @keep: how many may stay
 *
 * Context: may sleep.
 */
void blkback_pages_shrink(unsigned int keep)
{
	gnttab_page_cache_shrink(&pages, keep);
}

/**
 * blkback_pages_squeeze() - memory is short: keep no idle pages for a while
 *
 * Context: may sleep.
 */
void blkback_pages_squeeze(void)
{
	WRITE_ONCE(squeezed_until,
		   jiffies + msecs_to_jiffies(READ_ONCE(blkback_squeeze_ms)));
	blkback_pages_shrink(0);
}

static unsigned int pages_to_keep(void)
{
	if (time_before(jiffies, READ_ONCE(squeezed_until)))
		return 0;
	return READ_ONCE(blkback_max_buffer_pages);
}

/**
 * blkback_grants_init() - make a ring ready to keep grants
 * @ring: a ring that is being connected
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM; blkback_grants_free() undoes it either way.
 */
int blkback_grants_init(struct blkback_ring *ring)
{
	struct blkback_grants *grants = &ring->grants;
	unsigned int max = READ_ONCE(blkback_max_persistent_grants);

	INIT_LIST_HEAD(&grants->all);
	INIT_LIST_HEAD(&grants->failed);
	grants->max = max;
	grants->bits = clamp_t(unsigned int, ilog2(max | 1), 1, 16);
	grants->factor = get_random_u32() | 1;
	grants->bucket = kvcalloc(1 << grants->bits, sizeof(*grants->bucket),
				  GFP_KERNEL);
	grants->maps = gnt_map_alloc(BATCH_GRANTS);
	grants->unmaps = gnt_unmap_alloc(BATCH_GRANTS);
	grants->adding =
		kcalloc(BATCH_GRANTS, sizeof(*grants->adding), GFP_KERNEL);
	if (!grants->bucket || !grants->maps || !grants->unmaps ||
	    !grants->adding)
		return -ENOMEM;
	return 0;
}

static void drop_grant(struct blkback_ring *ring, struct blkback_grant *grant)
{
	list_del(&grant->all);
	ring->grants.nr--;
	blkback_kept_sub(ring->vbd->kept);
	kfree(grant);
}

static void free_grant(struct blkback_ring *ring, struct blkback_grant *grant)
{
	gnttab_page_cache_put(&pages, &grant->page, 1);
	drop_grant(ring, grant);
}

/* Counts one more, where there may be one more. */
static bool may_keep(struct blkback_ring *ring)
{
	return ring->grants.nr < ring->grants.max &&
	       blkback_kept_add(ring->vbd->kept);
}

static struct blkback_grant *new_grant(void)
{
	struct blkback_grant *grant = kzalloc(sizeof(*grant), GFP_KERNEL);

	if (grant && gnttab_page_cache_get(&pages, &grant->page)) {
		kfree(grant);
		return NULL;
	}
	return grant;
}

/**
 * blkback_grant_add() - keep a grant that is new
 * @ring: a ring with persistent grants
 * @ref: grant reference that blkback_grant_find() does not know
 *
 * It is mapped by the next blkback_grants_flush(): its handle is valid then if
 * the frontend had granted it.
 *
 * Context: the ring's thread; may sleep.
 * Return: the grant; NULL when no more may be kept or there is no memory: the
 * data is to be copied.
 */
struct blkback_grant *blkback_grant_add(struct blkback_ring *ring,
					grant_ref_t ref)
{
	struct blkback_grants *grants = &ring->grants;
	struct blkback_grant *grant;

	if (!may_keep(ring)) {
		grants->full = true;
		return NULL;
	}
	if (grants->maps->nr == BATCH_GRANTS)
		blkback_grants_flush(ring);
	grant = new_grant();
	if (!grant) {
		blkback_kept_sub(ring->vbd->kept);
		return NULL;
	}
	grant->ref = ref;
	grant->handle = INVALID_GRANT_HANDLE;
	grant->used = jiffies;
	grants->adding[gnt_map_add(grants->maps, ring->vbd->xbe->domid, ref,
				   grant->page, false)] = grant;
	hlist_add_head(&grant->link, blkback_grant_bucket(grants, ref));
	list_add_tail(&grant->all, &grants->all);
	grants->nr++;
	return grant;
}

/**
 * blkback_grants_flush() - map the grants that were new
 * @ring: a ring with persistent grants
 *
 * One that fails has no handle afterwards and is tried again when a request
 * names it again.
 *
 * Context: the ring's thread; may sleep.
 */
void blkback_grants_flush(struct blkback_ring *ring)
{
	struct blkback_grants *grants = &ring->grants;
	struct gnt_map_batch *maps = grants->maps;
	unsigned int i;

	if (!maps->nr)
		return;
	gnt_map_flush(maps);
	for (i = 0; i < maps->nr; i++) {
		struct blkback_grant *grant = grants->adding[i];

		grant->handle = gnt_map_handle(maps, i);
		if (likely(grant->handle != INVALID_GRANT_HANDLE))
			continue;
		hlist_del_init(&grant->link);
		list_move(&grant->all, &grants->failed);
	}
	gnt_map_start(maps, GNT_MAP_PAGES);
}

/**
 * blkback_grants_forget() - free the grants that could not be mapped
 * @ring: a ring whose requests that named them are answered
 *
 * Context: the ring's thread.
 */
void blkback_grants_forget(struct blkback_ring *ring)
{
	struct blkback_grant *grant, *next;

	list_for_each_entry_safe(grant, next, &ring->grants.failed, all)
		free_grant(ring, grant);
}

/* The pages of unmapped grants go to the cache, which keeps a bound. */
static void unmap_batch(struct blkback_ring *ring, struct blkback_grant **gone)
{
	struct gnt_unmap_batch *unmaps = ring->grants.unmaps;
	unsigned int i;

	if (!unmaps->nr)
		return;
	gnt_unmap_flush(unmaps);
	for (i = 0; i < unmaps->nr; i++) {
		struct blkback_grant *grant = gone[i];

		if (gnt_unmap_ok(unmaps, i)) {
			free_grant(ring, grant);
			continue;
		}
		/* A page that Xen keeps mapped is lost: nobody may have it. */
		drop_grant(ring, grant);
	}
	gnt_unmap_start(unmaps, GNT_MAP_PAGES);
	gnttab_page_cache_shrink(&pages, pages_to_keep());
}

/* Requests in flight hold their grants. Counting that here costs them nothing. */
static void mark_busy(struct blkback_ring *ring)
{
	struct blkback_grant *grant;
	struct blkback_io *io;
	unsigned int i;

	list_for_each_entry(grant, &ring->grants.all, all)
		grant->busy = false;
	list_for_each_entry(io, &ring->ios, all) {
		if (io->desc)
			io->desc->busy = true;
		for (i = 0; i < io->nr_vecs; i++)
			if (io->grant[i])
				io->grant[i]->busy = true;
	}
}

/*
 * Unmap what was last used before a time, at most so many. Those of requests in
 * flight stay, and those that something below still reads from, as a network
 * does that sends again what was answered already. The next time goes on where
 * this one ended, so that all come round.
 */
static void unmap_unused(struct blkback_ring *ring, unsigned long before,
			 unsigned int most)
{
	struct blkback_grants *grants = &ring->grants;
	/* As long as none is added, its array has a second use. */
	struct blkback_grant **gone = grants->adding;
	struct blkback_grant *grant, *next;
	unsigned int nr = 0, left = grants->nr;

	blkback_io_recycle(ring);
	mark_busy(ring);
	list_for_each_entry_safe(grant, next, &grants->all, all) {
		bool busy = grant->busy || time_after_eq(grant->used, before) ||
			    !gnt_page_idle(grant->page);

		list_move_tail(&grant->all, &grants->all);
		if (!busy) {
			hlist_del_init(&grant->link);
			gone[gnt_unmap_add(grants->unmaps, grant->page,
					   grant->handle)] = grant;
			nr++;
		}
		if (grants->unmaps->nr == BATCH_GRANTS)
			unmap_batch(ring, gone);
		/* Behind the last stand those that were looked at. */
		if (!--left || nr == most)
			break;
	}
	unmap_batch(ring, gone);
}

/**
 * blkback_grants_full() - whether it is time to make room
 * @ring: a ring with persistent grants
 *
 * Context: the ring's thread.
 * Return: true when a grant was not kept for want of room and the last time
 * that room was made is long enough ago.
 */
bool blkback_grants_full(const struct blkback_ring *ring)
{
	return unlikely(ring->grants.full) &&
	       time_after_eq(jiffies, ring->grants.next_evict);
}

/**
 * blkback_grants_evict() - let go of grants that are not used
 * @ring: a ring with persistent grants, between two passes
 *
 * Context: the ring's thread; may sleep.
 */
void blkback_grants_evict(struct blkback_ring *ring)
{
	struct blkback_grants *grants = &ring->grants;
	unsigned int seconds = READ_ONCE(blkback_unused_seconds);
	unsigned long now = jiffies;

	/* 0 means that none goes for its age, as in-tree has it. */
	if (seconds)
		unmap_unused(ring, now - seconds * HZ, grants->nr);
	if (!blkback_grants_full(ring))
		return;
	grants->full = false;
	grants->next_evict = now + EVICT_INTERVAL;
	unmap_unused(ring, now - EVICT_INTERVAL,
		     max(grants->max / EVICT_PART, 1u));
}

/**
 * blkback_grants_free() - unmap all
 * @ring: a ring with nothing in flight, its thread stopped
 *
 * Context: may sleep, for as long as something below the disk still reads from
 * a page whose write it had reported done.
 */
void blkback_grants_free(struct blkback_ring *ring)
{
	struct blkback_grants *grants = &ring->grants;

	while (grants->nr) {
		unmap_unused(ring, jiffies + 1, grants->nr);
		if (grants->nr)
			msleep(20);
	}
	kvfree(grants->bucket);
	gnt_map_free(grants->maps);
	gnt_unmap_free(grants->unmaps);
	kfree(grants->adding);
	memset(grants, 0, sizeof(*grants));
}
