// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A process's mapping on PV: its page table entries, which Xen fills and empties. */

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "chardev.h"

static void clear_notify_byte(struct gnt_umap *map, unsigned int first,
			      unsigned int nr)
{
	unsigned long slot = map->notify.offset >> PAGE_SHIFT;
	struct page *page;
	u8 *byte;

	if (!(map->notify.action & UNMAP_NOTIFY_CLEAR_BYTE))
		return;
	if (slot < first || slot - first >= nr)
		return;
	map->notify.action &= ~UNMAP_NOTIFY_CLEAR_BYTE;
	/* The request may have come before an mmap() that was read-only. */
	page = map->readonly ? NULL : gnt_umap_page(map, slot);
	if (!page)
		return;
	byte = page_address(page);
	WRITE_ONCE(byte[offset_in_page(map->notify.offset)], 0);
}

/* Takes the handle of a page table entry into the batch, which has room. */
static void take_pte(struct gnt_umap *map, unsigned int slot)
{
	gnt_unmap_add_pte(map->unmap, map->pte[slot], map->pte_handle[slot]);
	map->pte_handle[slot] = INVALID_GRANT_HANDLE;
}

/* One that fails is mapped for good: its page is lost in the end. */
static void flush_ptes(struct gnt_umap *map)
{
	unsigned int failed = gnt_unmap_flush(map->unmap);

	map->ptes_mapped -= map->unmap->nr - failed;
	gnt_unmap_start(map->unmap, GNT_MAP_PTES);
}

/* Whether no entry after @slot, before @end and in the same table is mapped. */
static bool last_in_table(const struct gnt_umap *map, unsigned int slot,
			  unsigned int end)
{
	unsigned long addr = map->start + ((unsigned long)slot << PAGE_SHIFT);

	while (++slot < end) {
		addr += PAGE_SIZE;
		if (!(addr & ~PMD_MASK))
			break;
		if (map->pte_handle[slot] != INVALID_GRANT_HANDLE)
			return false;
	}
	return true;
}

/**
 * struct walk - page table entries to be emptied
 * @map: whose they are
 * @end: slot after the last one
 */
struct walk {
	struct gnt_umap *map;
	unsigned int end;
};

static int empty_pte(pte_t *pte, unsigned long addr, void *data)
{
	struct walk *walk = data;
	struct gnt_umap *map = walk->map;
	unsigned int slot = (addr - map->start) >> PAGE_SHIFT;

	if (map->pte_handle[slot] == INVALID_GRANT_HANDLE)
		return 0;
	take_pte(map, slot);
	if (map->unmap->nr == map->unmap->max ||
	    last_in_table(map, slot, walk->end))
		flush_ptes(map);
	return 0;
}

/* Empties no more than GNT_WALK_MAX entries: nothing else runs meanwhile. */
static void empty_part(struct gnt_umap *map, unsigned int first,
		       unsigned int nr)
{
	struct walk walk = { .map = map, .end = first + nr };
	unsigned long start = map->start + ((unsigned long)first << PAGE_SHIFT);
	unsigned long size = (unsigned long)nr << PAGE_SHIFT;

	apply_to_existing_page_range(map->notifier.mm, start, size, empty_pte,
				     &walk);
	flush_ptes(map);
}

/**
 * gnt_umap_empty_ptes() - take grants out of a page table that others look at
 * @map: a live mapping, locked
 * @first: first page
 * @nr: pages, 1 or more; those that are not mapped are passed over
 *
 * Xen empties the entries, but under the lock that Linux looks at them under:
 * whoever has seen one has taken hold of its page, or not seen it at all. So a
 * fault never writes an entry back, and no page is idle that is about to be used.
 * gnt_umap_unmap_ptes() has to follow for what has no table any more.
 *
 * Context: may sleep.
 */
void gnt_umap_empty_ptes(struct gnt_umap *map, unsigned int first,
			 unsigned int nr)
{
	unsigned int part;

	clear_notify_byte(map, first, nr);
	gnt_unmap_start(map->unmap, GNT_MAP_PTES);
	for (; nr && map->ptes_mapped; first += part, nr -= part) {
		part = min(nr, GNT_WALK_MAX);
		empty_part(map, first, part);
		cond_resched();
	}
}

/*
 * Takes the handles of a range of page table entries into the batch, as far as
 * it has room, and of no more than GNT_WALK_MAX. Returns where the next batch
 * begins.
 */
static unsigned int take_ptes(struct gnt_umap *map, unsigned int first,
			      unsigned int end)
{
	unsigned int i;

	gnt_unmap_start(map->unmap, GNT_MAP_PTES);
	end = min(end, first + GNT_WALK_MAX);
	for (i = first; i < end && map->unmap->nr < map->unmap->max; i++)
		if (map->pte_handle[i] != INVALID_GRANT_HANDLE)
			take_pte(map, i);
	return i;
}

/**
 * gnt_umap_unmap_ptes() - take grants out of a page table nobody looks at
 * @map: the mapping, locked or not yet live; its vma is not there, not yet there
 *	or has been through gnt_umap_empty_ptes()
 * @first: first page
 * @nr: pages; those that are not mapped are passed over
 *
 * Clears the byte of an unmap notification that falls into the range, which
 * is why this comes before gnt_umap_unmap_pages().
 *
 * Context: may sleep.
 */
void gnt_umap_unmap_ptes(struct gnt_umap *map, unsigned int first,
			 unsigned int nr)
{
	unsigned int end = first + nr;

	clear_notify_byte(map, first, nr);
	while (first < end && map->ptes_mapped) {
		first = take_ptes(map, first, end);
		flush_ptes(map);
		cond_resched();
	}
}
