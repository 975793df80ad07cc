// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grants that stay mapped: a frontend that has feature-persistent uses the
 * same pages again and again, so each is mapped once and found by its
 * reference afterwards. All of it belongs to the ring's thread.
 *
 * A ring keeps max_persistent_grants. What comes beyond them is copied, and
 * the ones that went unused for longest make room.
 */

#include <linux/delay.h>
#include <linux/hash.h>
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

/**
 * blkback_pages_init() - prepare the pages that grants are mapped into
 *
 * Context: module load.
 */
void blkback_pages_init(void)
{
	gnttab_page_cache_init(&pages);
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

static unsigned int bucket_of(const struct blkback_grants *grants,
			      grant_ref_t ref)
{
	/* The factor is secret: no frontend can put all into one bucket. */
	return (ref * grants->factor) >> (32 - grants->bits);
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

	INIT_LIST_HEAD(&grants->lru);
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

static void free_grant(struct blkback_grants *grants,
		       struct blkback_grant *grant)
{
	gnttab_page_cache_put(&pages, &grant->page, 1);
	list_del(&grant->lru);
	grants->nr--;
	kfree(grant);
}

static struct blkback_grant *find(struct blkback_grants *grants,
				  grant_ref_t ref)
{
	struct blkback_grant *grant;

	hlist_for_each_entry(grant, &grants->bucket[bucket_of(grants, ref)],
			     link)
		if (grant->ref == ref)
			return grant;
	return NULL;
}

static struct blkback_grant *add(struct blkback_ring *ring, grant_ref_t ref)
{
	struct blkback_grants *grants = &ring->grants;
	struct blkback_grant *grant;

	if (grants->nr >= grants->max) {
		grants->full = true;
		return NULL;
	}
	if (grants->maps->nr == BATCH_GRANTS)
		blkback_grants_flush(ring);
	grant = kzalloc(sizeof(*grant), GFP_KERNEL);
	if (!grant)
		return NULL;
	if (gnttab_page_cache_get(&pages, &grant->page)) {
		kfree(grant);
		return NULL;
	}
	grant->ref = ref;
	grant->handle = INVALID_GRANT_HANDLE;
	grants->adding[gnt_map_add(grants->maps, ring->vbd->xbe->domid, ref,
				   grant->page, false)] = grant;
	hlist_add_head(&grant->link, &grants->bucket[bucket_of(grants, ref)]);
	list_add_tail(&grant->lru, &grants->lru);
	grants->nr++;
	return grant;
}

/**
 * blkback_grant_get() - use a grant that is or will stay mapped
 * @ring: a ring with persistent grants
 * @ref: grant reference, any
 *
 * One that is new is mapped by the next blkback_grants_flush(): its handle is
 * valid then if the frontend had granted it.
 *
 * Context: the ring's thread; may sleep.
 * Return: the grant, to be given back with blkback_grant_put(); NULL when no
 * more may be kept or there is no memory: the data is to be copied.
 */
struct blkback_grant *blkback_grant_get(struct blkback_ring *ring,
					grant_ref_t ref)
{
	struct blkback_grant *grant = find(&ring->grants, ref);
	unsigned long now = jiffies;

	if (unlikely(!grant)) {
		grant = add(ring, ref);
		if (!grant)
			return NULL;
		grant->used = now;
	}
	if (grant->used != now) {
		grant->used = now;
		list_move_tail(&grant->lru, &ring->grants.lru);
	}
	grant->users++;
	return grant;
}

/**
 * blkback_grant_put() - a request no longer uses a grant
 * @ring: its ring
 * @grant: the grant
 *
 * Context: the ring's thread.
 */
void blkback_grant_put(struct blkback_ring *ring, struct blkback_grant *grant)
{
	/* One that could not be mapped is in no bucket: the last user ends it. */
	if (unlikely(!--grant->users && hlist_unhashed(&grant->link)))
		free_grant(&ring->grants, grant);
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
	if (gnt_map_flush(maps))
		grants->failed = true;
	for (i = 0; i < maps->nr; i++) {
		struct blkback_grant *grant = grants->adding[i];

		grant->handle = gnt_map_handle(maps, i);
		if (grant->handle == INVALID_GRANT_HANDLE)
			hlist_del_init(&grant->link);
	}
	gnt_map_start(maps, GNT_MAP_PAGES);
}

/* The pages of unmapped grants go to the cache, which keeps a bound. */
static void unmap_batch(struct blkback_grants *grants,
			struct blkback_grant **gone)
{
	struct gnt_unmap_batch *unmaps = grants->unmaps;
	unsigned int i;

	if (!unmaps->nr)
		return;
	gnt_unmap_flush(unmaps);
	for (i = 0; i < unmaps->nr; i++) {
		struct blkback_grant *grant = gone[i];

		if (gnt_unmap_ok(unmaps, i)) {
			free_grant(grants, grant);
			continue;
		}
		/* A page that Xen keeps mapped is lost: nobody may have it. */
		list_del(&grant->lru);
		grants->nr--;
		kfree(grant);
	}
	gnt_unmap_start(unmaps, GNT_MAP_PAGES);
	gnttab_page_cache_shrink(&pages, READ_ONCE(blkback_max_buffer_pages));
}

/*
 * Unmap the oldest: all before a time, or a number of them. Those of requests
 * in flight stay, and those that something below still reads from, as a network
 * does that sends again what was answered already.
 */
static void unmap_oldest(struct blkback_ring *ring, unsigned long before,
			 unsigned int least)
{
	struct blkback_grants *grants = &ring->grants;
	/* As long as none is added, its array has a second use. */
	struct blkback_grant **gone = grants->adding;
	struct blkback_grant *grant, *next;
	unsigned int nr = 0;

	blkback_grants_flush(ring);
	blkback_io_recycle(ring);
	list_for_each_entry_safe(grant, next, &grants->lru, lru) {
		if (nr >= least && time_after_eq(grant->used, before))
			break;
		if (grant->users || !gnt_page_idle(grant->page))
			continue;
		hlist_del_init(&grant->link);
		gone[gnt_unmap_add(grants->unmaps, grant->page, grant->handle)] =
			grant;
		nr++;
		if (grants->unmaps->nr == BATCH_GRANTS)
			unmap_batch(grants, gone);
	}
	unmap_batch(grants, gone);
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
	unsigned int least = 0;

	if (blkback_grants_full(ring)) {
		grants->full = false;
		grants->next_evict = jiffies + EVICT_INTERVAL;
		least = max(grants->max / EVICT_PART, 1u);
	}
	/* 0 means that time alone takes none away, as in-tree has it. */
	unmap_oldest(ring, jiffies - (seconds ? seconds * HZ : LONG_MAX / 2),
		     least);
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
		unmap_oldest(ring, jiffies, grants->nr);
		if (grants->nr)
			msleep(20);
	}
	kvfree(grants->bucket);
	gnt_map_free(grants->maps);
	gnt_unmap_free(grants->unmaps);
	kfree(grants->adding);
	memset(grants, 0, sizeof(*grants));
}
