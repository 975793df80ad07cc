// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * How many grants stay mapped, of one domain and of all. Xen has a bound on what
 * this domain maps in all (gnttab_max_maptrack_frames: 262144 grants by default),
 * for disks, consoles, qemu and others together: who finds it reached cannot map.
 * A domain decides how many disks, rings and grants it uses. What would be too
 * much is copied.
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "blkback.h"

/* A domain has a quarter of what all may have. */
#define DOMAIN_PART 4

/**
 * struct blkback_kept - what the vbds of a domain keep mapped
 * @domid: the domain
 * @users: its vbds; protected by domains_lock
 * @nr: grants that all their rings keep
 */
struct blkback_kept {
	domid_t domid;
	unsigned int users;
	atomic_t nr;
};

static DEFINE_MUTEX(domains_lock); /* domains */

/* struct blkback_kept by domain. */
static DEFINE_XARRAY(domains);

/* Grants that all rings keep. */
static atomic_t kept_by_all = ATOMIC_INIT(0);

static struct blkback_kept *get_locked(domid_t domid)
{
	struct blkback_kept *kept = xa_load(&domains, domid);

	lockdep_assert_held(&domains_lock);

	if (!kept) {
		kept = kzalloc(sizeof(*kept), GFP_KERNEL);
		if (!kept)
			return NULL;
		kept->domid = domid;
		if (xa_err(xa_store(&domains, domid, kept, GFP_KERNEL))) {
			kfree(kept);
			return NULL;
		}
	}
	kept->users++;
	return kept;
}

/**
 * blkback_kept_get() - the count of a domain, for a vbd of its
 * @domid: the domain
 *
 * Context: may sleep.
 * Return: the count, to be given back with blkback_kept_put(); NULL without
 * memory.
 */
struct blkback_kept *blkback_kept_get(domid_t domid)
{
	struct blkback_kept *kept;

	mutex_lock(&domains_lock);
	kept = get_locked(domid);
	mutex_unlock(&domains_lock);
	return kept;
}

/**
 * blkback_kept_put() - give the count back
 * @kept: of a domain, whose vbd keeps no grant any more
 *
 * Context: may sleep.
 */
void blkback_kept_put(struct blkback_kept *kept)
{
	mutex_lock(&domains_lock);
	if (!--kept->users) {
		xa_erase(&domains, kept->domid);
		kfree(kept);
	}
	mutex_unlock(&domains_lock);
}

/**
 * blkback_kept_add() - count a grant that is to stay mapped
 * @kept: of the domain that granted it
 *
 * Context: any.
 * Return: false when the domain, or all together, keep as many as they may:
 * the grant is not counted, and its data is to be copied.
 */
bool blkback_kept_add(struct blkback_kept *kept)
{
	unsigned int most = READ_ONCE(blkback_max_kept_grants);

	if (atomic_inc_return(&kept_by_all) <= most) {
		if (atomic_inc_return(&kept->nr) <= most / DOMAIN_PART)
			return true;
		atomic_dec(&kept->nr);
	}
	atomic_dec(&kept_by_all);
	return false;
}

/**
 * blkback_kept_sub() - a grant that was counted is mapped no more
 * @kept: of the domain that granted it
 *
 * Context: any.
 */
void blkback_kept_sub(struct blkback_kept *kept)
{
	atomic_dec(&kept->nr);
	atomic_dec(&kept_by_all);
}
