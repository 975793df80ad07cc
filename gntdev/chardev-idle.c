// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Pages of the kernel's for a process's mapping of grants, kept for the next one. */

#include <linux/minmax.h>
#include <linux/sched.h>
#include <xen/grant_table.h>

#include "chardev.h"

/*
 * Pages without a grant in them, for the next mapping: making one page of the
 * kernel's ready to hold a grant costs as much as mapping it.
 */
static struct gnttab_page_cache idle_pages;

/*
 * Beyond this pages go back to the kernel: 16 MiB of addresses, and of memory
 * only where the kernel finds no addresses without.
 */
#define IDLE_PAGES_MAX 4096u

static void free_new(struct page **page, unsigned int nr)
{
	unsigned int part;

	for (; nr; page += part, nr -= part) {
		part = min(nr, GNT_WALK_MAX);
		gnttab_free_pages(part, page);
		cond_resched();
	}
}

static int alloc_new(struct page **page, unsigned int nr)
{
	unsigned int part, done;
	int err;

	for (done = 0; done < nr; done += part) {
		part = min(nr - done, GNT_WALK_MAX);
		err = gnttab_alloc_pages(part, page + done);
		if (err) {
			free_new(page, done);
			return err;
		}
		cond_resched();
	}
	return 0;
}

static int idle_get(struct gnt_umap *map)
{
	unsigned int i;
	int err;

	if (READ_ONCE(idle_pages.num_pages) < map->count)
		return alloc_new(map->page, map->count);
	for (i = 0; i < map->count; i++) {
		err = gnttab_page_cache_get(&idle_pages, &map->page[i]);
		if (err)
			goto put;
	}
	return 0;

put:
	gnttab_page_cache_put(&idle_pages, map->page, i);
	return err;
}

/* Keeps what there is room for, so that the lock is held for no longer. */
static void idle_put(struct gnt_umap *map)
{
	unsigned int had = min(READ_ONCE(idle_pages.num_pages), IDLE_PAGES_MAX);
	unsigned int keep = min(map->count, IDLE_PAGES_MAX - had);

	gnttab_page_cache_put(&idle_pages, map->page, keep);
	free_new(map->page + keep, map->count - keep);
}

/* Addresses of the kernel's, without memory where it has such. */
const struct gnt_backing gnt_backing_idle = {
	.get = idle_get,
	.put = idle_put,
};

/**
 * gnt_idle_init() - get ready to have pages for mappings
 *
 * Context: any.
 */
void gnt_idle_init(void)
{
	gnttab_page_cache_init(&idle_pages);
}

/**
 * gnt_idle_exit() - give the kernel its pages back when no mapping is left
 *
 * Context: may sleep.
 */
void gnt_idle_exit(void)
{
	gnttab_page_cache_shrink(&idle_pages, 0);
}
