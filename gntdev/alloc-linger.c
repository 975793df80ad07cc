// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/*
 * Pages and their grants, from the first to the last. Xen cannot take a grant back
 * while the other domain has it mapped, and that domain alone decides how long it
 * does: what it keeps of pages that were given up is counted, all in all and for
 * each domain, and looked at every second.
 */

#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <xen/grant_table.h>
#include <xen/page.h>

#include "alloc.h"

/* How often a domain is asked whether it has let go. */
#define RETRY_JIFFIES HZ

/*
 * Who keeps pages gets new ones up to an eighth of what the others leave: enough
 * for an honest domain that is slow, and any number of others together never have
 * all.
 */
#define SHARE_OF_KEEPER 8

/**
 * struct alloc_peer - a domain that pages are granted to
 * @domid: the domain
 * @grants: its grants, with those given up
 * @kept: its grants that were given up, and that it has mapped
 */
struct alloc_peer {
	domid_t domid;
	unsigned int grants;
	unsigned int kept;
};

/* Protects all below and every peer. Taken inside alloc.c's lock. */
static DEFINE_MUTEX(linger_lock);

/* struct alloc_peer by domain. */
static DEFINE_XARRAY(peers);

/* Grants that were given up and are mapped still, and how many they are. */
static LIST_HEAD(kept_grants);
static unsigned int kept_total;

static void look_again(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look_again);

static struct alloc_peer *peer_get(domid_t domid)
{
	struct alloc_peer *peer;

	lockdep_assert_held(&linger_lock);

	peer = xa_load(&peers, domid);
	if (!peer) {
		peer = kzalloc(sizeof(*peer), GFP_KERNEL);
		if (!peer)
			return NULL;
		peer->domid = domid;
		if (xa_err(xa_store(&peers, domid, peer, GFP_KERNEL))) {
			kfree(peer);
			return NULL;
		}
	}
	peer->grants++;
	return peer;
}

static void peer_put(struct alloc_peer *peer)
{
	lockdep_assert_held(&linger_lock);

	if (--peer->grants)
		return;
	xa_erase(&peers, peer->domid);
	kfree(peer);
}

/**
 * alloc_grant_create() - a new page, granted
 * @domid: to whom
 * @readonly: whether it may only read
 *
 * Context: may sleep.
 * Return: the grant, or an error pointer: -ENOMEM, -ENOSPC without a free entry.
 */
struct alloc_grant *alloc_grant_create(domid_t domid, bool readonly)
{
	struct alloc_grant *grant = kzalloc(sizeof(*grant), GFP_KERNEL);
	int ref = -ENOMEM;

	if (!grant)
		return ERR_PTR(-ENOMEM);
	grant->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!grant->page)
		goto free;
	mutex_lock(&linger_lock);
	grant->peer = peer_get(domid);
	mutex_unlock(&linger_lock);
	if (!grant->peer)
		goto free_page;
	ref = gnttab_grant_foreign_access(domid, xen_page_to_gfn(grant->page),
					  readonly);
	if (ref < 0)
		goto put_peer;
	grant->ref = ref;
	return grant;

put_peer:
	mutex_lock(&linger_lock);
	peer_put(grant->peer);
	mutex_unlock(&linger_lock);
free_page:
	__free_page(grant->page);
free:
	kfree(grant);
	return ERR_PTR(ref);
}

/* Takes a grant back, unless it is mapped. */
static bool grant_end(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	if (!gnttab_try_end_foreign_access(grant->ref))
		return false;
	/* Input and output under way may hold the page a while longer. */
	put_page(grant->page);
	peer_put(grant->peer);
	kfree(grant);
	return true;
}

/* Counts a grant that was given up as kept. */
static void keep(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	grant->peer->kept++;
	kept_total++;
	list_add_tail(&grant->node, &kept_grants);
}

static void unkeep(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	list_del(&grant->node);
	kept_total--;
	grant->peer->kept--;
}

static void look_later(void)
{
	queue_delayed_work(system_unbound_wq, &look_work, RETRY_JIFFIES);
}

/**
 * alloc_grant_put() - give a page up
 * @grant: the grant, which is gone for the caller
 *
 * Page and entry are free at once, or when the other domain lets go.
 *
 * Context: may sleep; alloc.c's lock and mmap_lock may be held.
 */
void alloc_grant_put(struct alloc_grant *grant)
{
	mutex_lock(&linger_lock);
	if (!grant_end(grant)) {
		keep(grant);
		look_later();
	}
	mutex_unlock(&linger_lock);
}

/* One at a time: nobody who shares a page waits for what another domain keeps. */
static void look_at(struct alloc_grant *grant)
{
	mutex_lock(&linger_lock);
	unkeep(grant);
	if (!grant_end(grant))
		keep(grant);
	mutex_unlock(&linger_lock);
}

static void look_again(struct work_struct *work)
{
	LIST_HEAD(todo);

	mutex_lock(&linger_lock);
	list_splice_init(&kept_grants, &todo);
	mutex_unlock(&linger_lock);

	/* What is on this list nobody else takes off. */
	while (!list_empty(&todo)) {
		look_at(list_first_entry(&todo, struct alloc_grant, node));
		cond_resched();
	}

	mutex_lock(&linger_lock);
	if (kept_total)
		look_later();
	mutex_unlock(&linger_lock);
}

/* It makes this happen as often as it likes. */
static void tell_of(const struct alloc_peer *peer)
{
	pr_notice_ratelimited("domain %u gets no more pages: it keeps %u\n",
			      peer->domid, peer->kept);
}

/**
 * alloc_linger_room() - whether pages may be granted
 * @domid: to whom
 * @count: how many
 * @shared: pages that are shared with any domain and not given up
 * @limit: how many there may be, with those given up and kept
 *
 * The answer holds as long as the caller keeps others from giving up pages: what
 * is kept becomes less only.
 *
 * Context: may sleep; alloc.c's lock is held.
 * Return: whether there is room for them all.
 */
bool alloc_linger_room(domid_t domid, unsigned int count, unsigned int shared,
		       unsigned int limit)
{
	const struct alloc_peer *peer;
	unsigned int kept, others;
	bool room;

	mutex_lock(&linger_lock);
	peer = xa_load(&peers, domid);
	kept = peer ? peer->kept : 0;
	others = kept_total - kept;
	room = shared + kept_total <= limit &&
	       count <= limit - shared - kept_total;
	if (room && kept && kept + count > (limit - others) / SHARE_OF_KEEPER) {
		tell_of(peer);
		room = false;
	}
	mutex_unlock(&linger_lock);
	return room;
}

/**
 * alloc_linger_exit() - leave what other domains keep to the kernel
 *
 * Context: may sleep; no file is open any more.
 */
void alloc_linger_exit(void)
{
	struct alloc_grant *grant, *next;

	cancel_delayed_work_sync(&look_work);
	mutex_lock(&linger_lock);
	list_for_each_entry_safe(grant, next, &kept_grants, node) {
		unkeep(grant);
		gnttab_end_foreign_access(grant->ref, grant->page);
		peer_put(grant->peer);
		kfree(grant);
	}
	mutex_unlock(&linger_lock);
}
