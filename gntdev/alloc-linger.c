// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/*
 * Pages and their grants, from the first to the last. Xen cannot take a grant back
 * while the other domain has it mapped, and that domain alone decides how long it
 * does: what it keeps of pages that were given up is counted, all in all and for
 * each domain, and looked at again: soon, then every second, and before somebody is
 * refused pages because of it.
 */

#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <xen/grant_table.h>
#include <xen/page.h>

#include "alloc.h"

/*
 * When a grant that is kept is looked at again: after these milliseconds, twice as
 * many and so on. Most domains let go as soon as they learn that a page was given
 * up. Who has not after so many looks is looked at every LAST_LOOK_MS.
 */
#define FIRST_LOOK_MS 4u
#define LAST_LOOK_MS 1000u
#define YOUNG_LOOKS 8u

/*
 * Before pages are refused, each domain that may be the reason has its kept grants
 * looked at, until so many were found mapped: one that keeps thousands does not
 * delay the caller. Those that it has let go of are work to be done anyway.
 */
#define MOST_MAPPED 256u

/* A message for each domain that does not get pages, so often. */
#define TELL_JIFFIES (60 * HZ)

/*
 * Who keeps more than an eighth of what the others leave gets no new pages: it is
 * enough for an honest domain that is slow, and any number of others together never
 * have all.
 */
#define SHARE_OF_KEEPER 8

/**
 * struct alloc_peer - a domain that pages are granted to
 * @domid: the domain
 * @grants: its grants, with those given up
 * @kept: entries in @kept_grants
 * @kept_grants: struct alloc_grant that were given up, and that it has mapped; who
 *	was found mapped goes to the end
 * @told: whether it was named in the log: this stays then, so that @messages
 *	counts on when it has let go of all and gets pages again
 * @messages: limits how often it is named; with one for all, a domain would hide
 *	what is said of others
 */
struct alloc_peer {
	domid_t domid;
	unsigned int grants;
	unsigned int kept;
	struct list_head kept_grants;
	bool told;
	struct ratelimit_state messages;
};

/* Protects all below and every peer. Taken inside alloc.c's lock. */
static DEFINE_MUTEX(linger_lock);

/* struct alloc_peer by domain. */
static DEFINE_XARRAY(peers);

/* Kept grants of all domains: those of the last seconds, and the others. */
static LIST_HEAD(young);
static LIST_HEAD(old);
static unsigned int kept_total;

/* When the old ones are looked at next, and after how long the young ones. */
static unsigned long old_due = INITIAL_JIFFIES;
static unsigned int delay_ms;

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
		INIT_LIST_HEAD(&peer->kept_grants);
		ratelimit_state_init(&peer->messages, TELL_JIFFIES, 1);
		/* Without a line that says how many were left out. */
		ratelimit_set_flags(&peer->messages, RATELIMIT_MSG_ON_RELEASE);
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

	if (--peer->grants || peer->told)
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

/* What is left to do for a grant that was taken back. */
static void grant_free(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	/* Input and output under way may hold the page a while longer. */
	put_page(grant->page);
	peer_put(grant->peer);
	kfree(grant);
}

/* Counts a grant that was given up as kept. */
static void keep(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	grant->peer->kept++;
	kept_total++;
	list_add_tail(&grant->of_peer, &grant->peer->kept_grants);
	list_add_tail(&grant->node, &young);
}

static void unkeep(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	list_del(&grant->node);
	list_del(&grant->of_peer);
	kept_total--;
	grant->peer->kept--;
}

static void look_later(unsigned int ms)
{
	queue_delayed_work(system_unbound_wq, &look_work, msecs_to_jiffies(ms));
}

/* Grants given up one after the other do not put the look off. */
static void look_soon(void)
{
	lockdep_assert_held(&linger_lock);

	if (delay_ms != FIRST_LOOK_MS)
		cancel_delayed_work(&look_work);
	delay_ms = FIRST_LOOK_MS;
	look_later(delay_ms);
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
	if (gnttab_try_end_foreign_access(grant->ref)) {
		grant_free(grant);
	} else {
		keep(grant);
		look_soon();
	}
	mutex_unlock(&linger_lock);
}

/* Takes a grant that is kept back, unless it is mapped still. */
static bool look_at(struct alloc_grant *grant)
{
	lockdep_assert_held(&linger_lock);

	if (!gnttab_try_end_foreign_access(grant->ref))
		return false;
	unkeep(grant);
	grant_free(grant);
	return true;
}

/*
 * One at a time: nobody who shares a page waits for what another domain keeps.
 * Returns whether there was one.
 */
static bool look_at_first(struct list_head *todo)
{
	struct alloc_grant *grant;

	mutex_lock(&linger_lock);
	grant = list_first_entry_or_null(todo, struct alloc_grant, node);
	if (grant && !look_at(grant))
		list_move_tail(&grant->node,
			       ++grant->looks < YOUNG_LOOKS ? &young : &old);
	mutex_unlock(&linger_lock);
	return grant;
}

static void look_at_all(struct list_head *list)
{
	LIST_HEAD(todo);

	mutex_lock(&linger_lock);
	list_splice_init(list, &todo);
	mutex_unlock(&linger_lock);
	while (look_at_first(&todo))
		cond_resched();
}

static void look_again(struct work_struct *work)
{
	if (time_after_eq(jiffies, old_due)) {
		look_at_all(&old);
		old_due = jiffies + msecs_to_jiffies(LAST_LOOK_MS);
	}
	look_at_all(&young);

	mutex_lock(&linger_lock);
	delay_ms = min(2 * delay_ms, LAST_LOOK_MS);
	if (kept_total)
		look_later(delay_ms);
	mutex_unlock(&linger_lock);
}

/* Takes back what a domain has let go of. It may be gone then. */
static void look_at_peer(struct alloc_peer *peer)
{
	unsigned int left = peer->kept, mapped = 0;
	struct alloc_grant *grant;

	lockdep_assert_held(&linger_lock);

	/* It stays until here. */
	peer->grants++;
	for (; left && mapped < MOST_MAPPED; left--) {
		grant = list_first_entry(&peer->kept_grants, struct alloc_grant,
					 of_peer);
		if (!look_at(grant)) {
			list_move_tail(&grant->of_peer, &peer->kept_grants);
			mapped++;
		}
		cond_resched();
	}
	peer_put(peer);
}

static void look_at_peers(void)
{
	struct alloc_peer *peer;
	unsigned long domid;

	xa_for_each(&peers, domid, peer)
		look_at_peer(peer);
}

/* Whether there is room for that many, whoever gets them. */
static bool fits(unsigned int count, unsigned int shared, unsigned int limit)
{
	lockdep_assert_held(&linger_lock);

	return shared + kept_total <= limit &&
	       count <= limit - shared - kept_total;
}

/* Whether a domain keeps more than its share of a limit that is not exceeded. */
static bool keeps_too_many(const struct alloc_peer *peer, unsigned int limit)
{
	lockdep_assert_held(&linger_lock);

	return peer && peer->kept > (limit - (kept_total - peer->kept)) /
					    SHARE_OF_KEEPER;
}

/* It makes this happen as often as it likes. */
static void tell_of(struct alloc_peer *peer)
{
	peer->told = true;
	if (__ratelimit(&peer->messages))
		pr_notice("domain %u gets no more pages: it keeps %u\n",
			  peer->domid, peer->kept);
}

/**
 * alloc_linger_room() - whether pages may be granted
 * @domid: to whom
 * @count: how many
 * @shared: pages that are shared with any domain and not given up
 * @limit: how many there may be, with those given up and kept
 *
 * What other domains have let go of by now is not in the way.
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
	struct alloc_peer *peer;
	bool room;

	mutex_lock(&linger_lock);
	peer = xa_load(&peers, domid);
	if (!fits(count, shared, limit))
		look_at_peers();
	else if (keeps_too_many(peer, limit))
		look_at_peer(peer);
	peer = xa_load(&peers, domid);
	room = fits(count, shared, limit);
	if (room && keeps_too_many(peer, limit)) {
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
	struct alloc_peer *peer;
	unsigned long domid;

	cancel_delayed_work_sync(&look_work);
	mutex_lock(&linger_lock);
	xa_for_each(&peers, domid, peer) {
		/* It goes here, if it was told of as well. */
		peer->grants++;
		peer->told = false;
		list_for_each_entry_safe(grant, next, &peer->kept_grants,
					 of_peer) {
			unkeep(grant);
			gnttab_end_foreign_access(grant->ref, grant->page);
			peer_put(peer);
			kfree(grant);
		}
		peer_put(peer);
	}
	mutex_unlock(&linger_lock);
}
