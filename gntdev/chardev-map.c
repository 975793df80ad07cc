// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* A process's mapping of grants: its memory, its unmapping and its end. */

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/xen.h>

#include "chardev.h"

#define REAP_MS 5
#define REAP_MAX_MS 1000

/* For mappings that wait for their pages to become idle. */
static struct workqueue_struct *reaper;

static void umap_free(struct gnt_umap *map)
{
	gnt_unmap_free(map->unmap);
	kvfree(map);
}

/*
 * PV: a page gets its grant at the kernel's address only when the kernel wants
 * the page; see gnt_umap_page(). One such map at a time, in memory that is
 * always there, as it happens under a page table lock. The lock also protects
 * @page_handle and @pages_mapped of every mapping that is live on PV. Nothing
 * is taken inside. A handle in @pte_handle means that the process's map holds
 * the grant: it goes under the page table lock, and the mapping's.
 */
static DEFINE_SPINLOCK(late_lock);
static struct gnt_map_batch *late_batch;

static bool process_has(const struct gnt_umap *map, unsigned int slot)
{
	return !map->pte_handle ||
	       map->pte_handle[slot] != INVALID_GRANT_HANDLE;
}

static void map_late(struct gnt_umap *map, unsigned int slot)
{
	lockdep_assert_held(&late_lock);

	/* Under auto-translation mmap() has mapped the page, or never will. */
	if (!map->pte_handle)
		return;
	gnt_map_start(late_batch, GNT_MAP_PAGES);
	gnt_map_add(late_batch, map->grant[slot].domid, map->grant[slot].ref,
		    map->page[slot], map->readonly);
	gnt_map_flush(late_batch);
	map->page_handle[slot] = gnt_map_handle(late_batch, 0);
	if (map->page_handle[slot] != INVALID_GRANT_HANDLE)
		map->pages_mapped++;
}

/**
 * gnt_umap_page() - the page that holds a grant, for the kernel's own use
 * @map: a mapping that is live
 * @slot: which grant; any number
 *
 * Most mappings are only ever touched by their process, so that on PV the
 * second map, into the page, waits until somebody asks for the page: direct
 * input and output, another grant operation, the byte of a notification.
 * The grant cannot go away meanwhile, as the process's own map holds it; Xen
 * does not answer GNTST_eagain for a frame that is mapped.
 *
 * Whatever walks page tables asks, smaps and mlockall() as well as direct input
 * and output. Without room in Xen's tables the answer is NULL, and EFAULT is
 * what a process gets.
 *
 * Context: not in an interrupt. The page table lock of the entry or the lock of
 * the mapping is held.
 * Return: the page, or NULL if it is mapped nowhere (any more).
 */
struct page *gnt_umap_page(struct gnt_umap *map, unsigned long slot)
{
	struct page *page = NULL;

	if (slot >= map->count)
		return NULL;
	spin_lock(&late_lock);
	/* Where the process has it no more, it is about to go here as well. */
	if (process_has(map, slot)) {
		if (map->page_handle[slot] == INVALID_GRANT_HANDLE)
			map_late(map, slot);
		if (map->page_handle[slot] != INVALID_GRANT_HANDLE)
			page = map->page[slot];
	}
	spin_unlock(&late_lock);
	return page;
}

/*
 * Forgets the handles of pages that a flushed batch has unmapped. It held live
 * handles from slot @first on, in that order; @failed are mapped still.
 */
static void forget_pages(struct gnt_umap *map, unsigned int failed,
			 unsigned int first)
{
	const struct gnt_unmap_batch *batch = map->unmap;
	unsigned int i, slot = first;

	spin_lock(&late_lock);
	for (i = 0; i < batch->nr; i++, slot++) {
		while (map->page_handle[slot] != batch->op[i].handle)
			slot++;
		if (likely(!failed) || gnt_unmap_ok(batch, i))
			map->page_handle[slot] = INVALID_GRANT_HANDLE;
	}
	map->pages_mapped -= batch->nr - failed;
	spin_unlock(&late_lock);
}

/**
 * gnt_umap_unmap_pages() - take grants out of pages that are idle
 * @map: the mapping, locked or not yet live
 * @first: first page
 * @nr: pages; those not mapped and those in use are passed over
 *
 * Context: may sleep.
 * Return: whether any was passed over because it was in use. It may be idle by
 * now, but its grant is still in it.
 */
bool gnt_umap_unmap_pages(struct gnt_umap *map, unsigned int first,
			  unsigned int nr)
{
	unsigned int i, failed, stop, end = first + nr;
	bool busy = false;

	while (first < end && map->pages_mapped) {
		gnt_unmap_start(map->unmap, GNT_MAP_PAGES);
		stop = min(end, first + GNT_WALK_MAX);
		for (i = first; i < stop && map->unmap->nr < map->unmap->max;
		     i++) {
			if (map->page_handle[i] == INVALID_GRANT_HANDLE)
				continue;
			if (gnt_page_idle(map->page[i]))
				gnt_unmap_add(map->unmap, map->page[i],
					      map->page_handle[i]);
			else
				busy = true;
		}
		failed = gnt_unmap_flush(map->unmap);
		forget_pages(map, failed, first);
		first = i;
		cond_resched();
	}
	return busy;
}

/* Returns whether the mapping is gone; it is tried again otherwise. */
static bool umap_finish(struct gnt_umap *map)
{
	unsigned int mapped;
	bool busy;

	mutex_lock(&map->lock);
	gnt_umap_unmap_ptes(map, 0, map->count);
	busy = gnt_umap_unmap_pages(map, 0, map->count);
	mapped = map->pages_mapped + map->ptes_mapped;
	mutex_unlock(&map->lock);
	if (busy)
		return false;

	if (map->notify.action & UNMAP_NOTIFY_SEND_EVENT) {
		notify_remote_via_evtchn(map->notify.port);
		evtchn_put(map->notify.port);
	}
	/* Another domain's memory must never be given out as Linux's own. */
	if (mapped)
		pr_err_ratelimited("%u pages lost, still mapped\n", map->count);
	else
		map->backing->put(map);
	umap_free(map);
	return true;
}

/**
 * gnt_reap_delay() - how long to wait before what is in use is tried again
 * @tries: how often it was tried; is counted up
 *
 * Context: any.
 * Return: jiffies: the more tries the more, up to a second.
 */
unsigned long gnt_reap_delay(unsigned int *tries)
{
	return msecs_to_jiffies(min(REAP_MS * ++*tries, REAP_MAX_MS));
}

static void reap_later(struct gnt_umap *map)
{
	queue_delayed_work(reaper, &map->reap, gnt_reap_delay(&map->tries));
}

/*
 * Takes grants out of pages that the process has no more. Returns whether none of
 * them is in use any longer.
 */
static bool unmap_left_behind(struct gnt_umap *map)
{
	unsigned int first, end;
	bool busy = false;

	lockdep_assert_held(&map->lock);

	for (first = 0; first < map->count && map->pages_mapped; first = end) {
		cond_resched();
		end = first + 1;
		if (process_has(map, first))
			continue;
		while (end < map->count && end - first < GNT_WALK_MAX &&
		       !process_has(map, end))
			end++;
		busy |= gnt_umap_unmap_pages(map, first, end - first);
	}
	return !busy;
}

/* Returns whether nothing is left to be tried again. */
static bool umap_retry(struct gnt_umap *map)
{
	bool done;

	mutex_lock(&map->lock);
	done = unmap_left_behind(map);
	map->retrying = !done;
	mutex_unlock(&map->lock);
	return done;
}

/* With the mapping's own end, or with a reference for pages it has let go of. */
static void reap(struct work_struct *work)
{
	struct gnt_umap *map =
		container_of(to_delayed_work(work), struct gnt_umap, reap);
	bool over = map->over;

	if (!(over ? umap_finish(map) : umap_retry(map))) {
		reap_later(map);
		return;
	}
	if (!over)
		gnt_umap_put(map);
	module_put(THIS_MODULE); /* gnt_umap_exit() waits for us. */
}

/**
 * gnt_umap_retry() - let go of pages that were in use, once they are not
 * @map: a live mapping, locked; gnt_umap_unmap_pages() passed over some that the
 *	process has no more
 *
 * Context: process; while the mapping's last reference is being dropped, too.
 */
void gnt_umap_retry(struct gnt_umap *map)
{
	lockdep_assert_held(&map->lock);

	if (map->retrying)
		return;
	/* Its end does all. */
	if (!kref_get_unless_zero(&map->ref))
		return;
	/* The process's file keeps the module here until this has its own. */
	__module_get(THIS_MODULE);
	map->retrying = true;
	map->tries = 0;
	reap_later(map);
}

static void umap_release(struct kref *ref)
{
	struct gnt_umap *map = container_of(ref, struct gnt_umap, ref);

	if (map->notified)
		mmu_interval_notifier_remove(&map->notifier);
	map->over = true;
	map->tries = 0;
	if (umap_finish(map))
		return;
	/* The caller keeps the module here until this does. */
	__module_get(THIS_MODULE);
	reap_later(map);
}

/**
 * gnt_umap_put() - drop a reference
 * @map: the mapping
 *
 * With the last one what is mapped is unmapped, the notification is sent and
 * all memory freed: at once, or when the last page becomes idle.
 *
 * Context: may sleep; mmap_lock may be held, the file's lock may not.
 */
void gnt_umap_put(struct gnt_umap *map)
{
	kref_put(&map->ref, umap_release);
}

/* The structure and its arrays in one piece, the widest entries first. */
static struct gnt_umap *umap_alloc(unsigned int count, bool pv)
{
	struct gnt_umap *map;
	size_t each = sizeof(*map->page) + sizeof(*map->grant) +
		      sizeof(*map->page_handle);

	if (pv)
		each += sizeof(*map->pte) + sizeof(*map->pte_handle);
	map = kvmalloc(size_add(sizeof(*map), array_size(count, each)),
		       GFP_KERNEL);
	if (!map)
		return NULL;
	*map = (struct gnt_umap){ .count = count };
	map->page = (void *)(map + 1);
	map->grant = (void *)(map->page + count);
	map->page_handle = (void *)(map->grant + count);
	if (pv) {
		map->pte = (void *)(map->grant + count);
		map->page_handle = (void *)(map->pte + count);
		map->pte_handle = map->page_handle + count;
		memset32(map->pte_handle, INVALID_GRANT_HANDLE, count);
	}
	memset32(map->page_handle, INVALID_GRANT_HANDLE, count);
	return map;
}

/**
 * gnt_umap_create() - make a mapping with nothing mapped
 * @count: grants, 1 or more
 * @backing: where to take pages from
 *
 * Context: may sleep.
 * Return: the mapping with one reference, @grant to be filled by the caller,
 * or an error pointer: -ENOMEM.
 */
struct gnt_umap *gnt_umap_create(unsigned int count,
				 const struct gnt_backing *backing)
{
	bool pv = !xen_feature(XENFEAT_auto_translated_physmap);
	struct gnt_umap *map = umap_alloc(count, pv);

	if (!map)
		return ERR_PTR(-ENOMEM);
	kref_init(&map->ref);
	mutex_init(&map->lock);
	INIT_DELAYED_WORK(&map->reap, reap);
	map->backing = backing;
	map->unmap = gnt_unmap_alloc(min(count, GNT_USER_BATCH));
	if (!map->unmap || backing->get(map)) {
		umap_free(map);
		return ERR_PTR(-ENOMEM);
	}
	return map;
}

/* Whether a grant is mapped, and cannot be for the kernel's own use. */
static bool no_page_for(struct gnt_umap *map, unsigned long slot)
{
	lockdep_assert_held(&map->lock);

	/* Under auto-translation there is no other map than the kernel's. */
	return map->live && map->pte_handle &&
	       map->pte_handle[slot] != INVALID_GRANT_HANDLE &&
	       !gnt_umap_page(map, slot);
}

/**
 * gnt_umap_set_notify() - say what to do when a page goes away
 * @map: the mapping
 * @want: the request; with UNMAP_NOTIFY_SEND_EVENT it brings a reference to
 *	its port, which the mapping keeps on success
 * @old: receives the request it replaces, and the reference in it
 *
 * Context: may sleep.
 * Return: 0, -EINVAL for a byte in a read-only mapping, or -ENOMEM for one in a
 * page that Xen has no room to map for the kernel. A byte in a page that is
 * unmapped already is never cleared.
 */
int gnt_umap_set_notify(struct gnt_umap *map, const struct gnt_unotify *want,
			struct gnt_unotify *old)
{
	int err = 0;

	mutex_lock(&map->lock);
	if ((want->action & UNMAP_NOTIFY_CLEAR_BYTE) && map->readonly) {
		err = -EINVAL;
	} else if ((want->action & UNMAP_NOTIFY_CLEAR_BYTE) &&
		   no_page_for(map, want->offset >> PAGE_SHIFT)) {
		/* Now, when it can still be said, not when it is to happen. */
		err = -ENOMEM;
	} else {
		*old = map->notify;
		map->notify = *want;
	}
	mutex_unlock(&map->lock);
	return err;
}

/**
 * gnt_umap_init() - get ready to make mappings
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int gnt_umap_init(void)
{
	gnt_idle_init();
	late_batch = gnt_map_alloc(1);
	if (!late_batch)
		return -ENOMEM;
	reaper = alloc_workqueue("xen-gntdev", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!reaper)
		gnt_map_free(late_batch);
	return reaper ? 0 : -ENOMEM;
}

/**
 * gnt_umap_exit() - undo gnt_umap_init() when no mapping is left
 *
 * A mapping that waits to be unmapped holds the module.
 *
 * Context: may sleep.
 */
void gnt_umap_exit(void)
{
	destroy_workqueue(reaper);
	gnt_idle_exit();
	gnt_map_free(late_batch);
}
