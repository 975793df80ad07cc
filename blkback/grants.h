/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Grants that stay mapped.
 *
 * grants.c:   blkback_grant_add() blkback_grants_flush()
 *             blkback_grants_forget()
 *             blkback_grants_full() blkback_grants_evict()
 *             blkback_grants_init() blkback_grants_free()
 *             blkback_pages_init() blkback_pages_shrink()
 *             blkback_pages_squeeze()
 */
#ifndef XEN_BACKENDS_BLKBACK_GRANTS_H
#define XEN_BACKENDS_BLKBACK_GRANTS_H

#include <linux/list.h>

#include "gntdev/gntdev.h"

struct blkback_ring;

/**
 * struct blkback_grant - a grant that stays mapped
 * @link: in its bucket; none when it could not be mapped
 * @all: in its ring's list
 * @page: where it is mapped
 * @ref: its reference
 * @handle: what to unmap it by; invalid until it is mapped
 * @busy: a request in flight has it; set only while unused ones are looked for
 * @used: when it was last used, in jiffies
 */
struct blkback_grant {
	struct hlist_node link;
	struct list_head all;
	struct page *page;
	grant_ref_t ref;
	grant_handle_t handle;
	bool busy;
	unsigned long used;
};

/**
 * struct blkback_grants - the grants that a ring keeps mapped
 * @bucket: 2^@bits lists, by reference
 * @bits: 1 to 16
 * @factor: which list: a secret of this ring, so that no frontend can put all
 *	into one
 * @nr: how many there are
 * @max: how many there may be
 * @full: one was not kept, because there were @max, or enough of its domain
 * @next_evict: when room may be made again, in jiffies
 * @all: all but those in @failed
 * @failed: those of the pass in hand that could not be mapped
 * @maps: those to be mapped next
 * @adding: what each in @maps is for
 * @unmaps: those to be unmapped next
 *
 * All of the ring's thread.
 */
struct blkback_grants {
	struct hlist_head *bucket;
	unsigned int bits;
	u32 factor;
	unsigned int nr;
	unsigned int max;
	bool full;
	unsigned long next_evict;
	struct list_head all;
	struct list_head failed;
	struct gnt_map_batch *maps;
	struct blkback_grant **adding;
	struct gnt_unmap_batch *unmaps;
};

void blkback_pages_init(void);
void blkback_pages_shrink(unsigned int keep);
void blkback_pages_squeeze(void);
int blkback_grants_init(struct blkback_ring *ring);
void blkback_grants_free(struct blkback_ring *ring);
struct blkback_grant *blkback_grant_add(struct blkback_ring *ring,
					grant_ref_t ref);
void blkback_grants_flush(struct blkback_ring *ring);
void blkback_grants_forget(struct blkback_ring *ring);
bool blkback_grants_full(const struct blkback_ring *ring);
void blkback_grants_evict(struct blkback_ring *ring);

static inline struct hlist_head *
blkback_grant_bucket(const struct blkback_grants *grants, grant_ref_t ref)
{
	return &grants->bucket[(ref * grants->factor) >> (32 - grants->bits)];
}

/**
 * blkback_grant_find() - the grant of a reference
 * @grants: a ring's grants
 * @ref: any
 *
 * Context: the ring's thread.
 * Return: the grant, or NULL: blkback_grant_add().
 */
static inline struct blkback_grant *
blkback_grant_find(const struct blkback_grants *grants, grant_ref_t ref)
{
	struct blkback_grant *grant;

	hlist_for_each_entry(grant, blkback_grant_bucket(grants, ref), link)
		if (grant->ref == ref)
			return grant;
	return NULL;
}

#endif
