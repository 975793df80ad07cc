// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grants in a process's address space. On PV Xen writes the page table entries
 * itself and a notifier takes them out; under auto-translation they are pages
 * like any others.
 */

#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <xen/features.h>
#include <xen/page.h>

#include "chardev.h"

static void vma_open(struct vm_area_struct *vma)
{
	struct gnt_umap *map = vma->vm_private_data;

	kref_get(&map->ref);
}

static void vma_close(struct vm_area_struct *vma)
{
	gnt_umap_put(vma->vm_private_data);
}

/* By the offset, which stays right when the vma is split or moved. */
static struct page *vma_find_special_page(struct vm_area_struct *vma,
					  unsigned long addr)
{
	struct gnt_umap *map = vma->vm_private_data;
	unsigned long slot = vma->vm_pgoff - map->index +
			     ((addr - vma->vm_start) >> PAGE_SHIFT);

	return gnt_umap_page(map, slot);
}

#ifdef CONFIG_NUMA
/*
 * None: another domain's pages cannot be moved to another node. NUMA balancing
 * leaves a mapping without a policy alone (vma_policy_mof() in mm/mempolicy.c),
 * where it would take the entries' access away to see who asks for it, and the
 * notifier the grants. VM_MIXEDMAP would say the same, but has fork() copy
 * entries.
 */
static struct mempolicy *vma_get_policy(compat_get_policy_args)
{
	return NULL;
}
#endif

static const struct vm_operations_struct umap_vm_ops = {
	.open = vma_open,
	.close = vma_close,
#ifdef CONFIG_NUMA
	.get_policy = vma_get_policy,
#endif
	.find_special_page = vma_find_special_page,
};

/**
 * gnt_umap_of_vma() - the mapping that a vma shows
 * @vma: any vma
 *
 * Context: under mmap_lock.
 * Return: the mapping, alive as long as the vma, or NULL for any other vma.
 */
struct gnt_umap *gnt_umap_of_vma(struct vm_area_struct *vma)
{
	return vma->vm_ops == &umap_vm_ops ? vma->vm_private_data : NULL;
}

static bool pte_invalidate(struct mmu_interval_notifier *notifier,
			   const struct mmu_notifier_range *range,
			   unsigned long seq)
{
	struct gnt_umap *map =
		container_of(notifier, struct gnt_umap, notifier);
	unsigned long size = (unsigned long)map->count << PAGE_SHIFT;
	unsigned long from = max(range->start, map->start);
	unsigned long to = min(range->end, map->start + size);
	unsigned int first, nr;

	if (!mmu_notifier_range_blockable(range))
		return false;
	if (from >= to)
		return true;
	first = (from - map->start) >> PAGE_SHIFT;
	nr = (to - from) >> PAGE_SHIFT;

	mutex_lock(&map->lock);
	mmu_interval_set_seq(notifier, seq);
	if (map->live) {
		gnt_umap_empty_ptes(map, first, nr);
		gnt_umap_unmap_ptes(map, first, nr);
		if (gnt_umap_unmap_pages(map, first, nr))
			gnt_umap_retry(map);
	}
	mutex_unlock(&map->lock);
	return true;
}

static const struct mmu_interval_notifier_ops pte_notifier_ops = {
	.invalidate = pte_invalidate,
};

static int note_pte(pte_t *pte, unsigned long addr, void *data)
{
	struct gnt_umap *map = data;

	map->pte[(addr - map->start) >> PAGE_SHIFT] =
		arbitrary_virt_to_machine(pte).maddr;
	return 0;
}

/* Finds the page table entries of the whole vma. */
static int note_ptes(struct gnt_umap *map, struct vm_area_struct *vma)
{
	unsigned long addr, size;
	int err = 0;

	for (addr = vma->vm_start; addr < vma->vm_end && !err; addr += size) {
		size = min(vma->vm_end - addr,
			   (unsigned long)GNT_WALK_MAX << PAGE_SHIFT);
		err = apply_to_page_range(vma->vm_mm, addr, size, note_pte,
					  map);
		cond_resched();
	}
	return err;
}

/**
 * gnt_umap_map_pages() - map the grants into the pages, for the kernel
 * @map: a mapping that is not yet live
 * @batch: a batch of any size
 *
 * Context: as gnt_map_flush() with GNT_MAP_PAGES.
 * Return: 0, or -EINVAL if any grant could not be mapped. What was mapped goes
 * with the mapping, or by gnt_umap_unmap_pages().
 */
int gnt_umap_map_pages(struct gnt_umap *map, struct gnt_map_batch *batch)
{
	unsigned int i, first, nr, failed;

	for (first = 0; first < map->count; first += nr) {
		nr = min(map->count - first, batch->max);
		gnt_map_start(batch, GNT_MAP_PAGES);
		for (i = first; i < first + nr; i++)
			gnt_map_add(batch, map->grant[i].domid,
				    map->grant[i].ref, map->page[i],
				    map->readonly);
		failed = gnt_map_flush(batch);
		for (i = 0; i < nr; i++)
			map->page_handle[first + i] = gnt_map_handle(batch, i);
		map->pages_mapped += nr - failed;
		if (failed)
			return -EINVAL;
		cond_resched();
	}
	return 0;
}

static int map_into_ptes(struct gnt_umap *map, struct gnt_map_batch *batch)
{
	unsigned int i, first, nr, failed;

	for (first = 0; first < map->count; first += nr) {
		nr = min(map->count - first, batch->max);
		gnt_map_start(batch, GNT_MAP_PTES);
		for (i = first; i < first + nr; i++)
			gnt_map_add_pte(batch, map->grant[i].domid,
					map->grant[i].ref, map->pte[i],
					map->readonly);
		failed = gnt_map_flush(batch);
		for (i = 0; i < nr; i++)
			map->pte_handle[first + i] = gnt_map_handle(batch, i);
		map->ptes_mapped += nr - failed;
		if (failed)
			return -EINVAL;
		cond_resched();
	}
	return 0;
}

/*
 * The notifier must be in before Xen is told where the entries are. Nothing
 * can take them away before mmap() is over, as that holds mmap_lock.
 */
static int map_pv(struct gnt_umap *map, struct vm_area_struct *vma,
		  struct gnt_map_batch *batch)
{
	unsigned long size = vma->vm_end - vma->vm_start;
	int err;

	map->start = vma->vm_start;
	err = mmu_interval_notifier_insert_locked(&map->notifier, vma->vm_mm,
						  vma->vm_start, size,
						  &pte_notifier_ops);
	if (err)
		return err;
	map->notified = true;
	/* Waits for an invalidation that began before we were in. */
	mmu_interval_read_begin(&map->notifier);
	err = note_ptes(map, vma);
	return err ?: map_into_ptes(map, batch);
}

static int map_translated(struct gnt_umap *map, struct vm_area_struct *vma,
			  struct gnt_map_batch *batch)
{
	unsigned long addr = vma->vm_start;
	unsigned int i;
	int err;

	err = gnt_umap_map_pages(map, batch);
	for (i = 0; i < map->count && !err; i++, addr += PAGE_SIZE) {
		err = vm_insert_page(vma, addr, map->page[i]);
		cond_resched();
	}
	return err;
}

/**
 * gnt_umap_mmap() - map the grants and show them in a vma
 * @map: a mapping that was claimed for this
 * @vma: as long as the mapping; gets its own reference
 *
 * Context: process, mmap_lock held for writing.
 * Return: 0, or an errno with nothing mapped: -EINVAL if any grant could not
 * be mapped, -ENOMEM.
 */
int gnt_umap_mmap(struct gnt_umap *map, struct vm_area_struct *vma)
{
	bool pv = !xen_feature(XENFEAT_auto_translated_physmap);
	struct gnt_map_batch *batch;
	int err;

	batch = gnt_map_alloc(min(map->count, GNT_USER_BATCH));
	if (!batch)
		return -ENOMEM;

	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	/*
	 * Xen knows the entries of this address space only. A process can take
	 * the flags back (MADV_DOFORK, MADV_KEEPONFORK): its child's mapping is
	 * empty all the same, as fork() copies entries of mixed maps only.
	 */
	vm_flags_set(vma, pv ? VM_DONTCOPY | VM_WIPEONFORK : VM_MIXEDMAP);
	mutex_lock(&map->lock);
	map->readonly = !(vma->vm_flags & VM_WRITE);
	mutex_unlock(&map->lock);
	/* What Xen maps read-only, mprotect() must not promise to write. */
	if (map->readonly)
		vm_flags_clear(vma, VM_MAYWRITE);

	err = pv ? map_pv(map, vma, batch) : map_translated(map, vma, batch);
	gnt_map_free(batch);

	mutex_lock(&map->lock);
	if (err) {
		gnt_umap_unmap_ptes(map, 0, map->count);
		gnt_umap_unmap_pages(map, 0, map->count);
	}
	map->live = !err;
	mutex_unlock(&map->lock);
	/* Pages already in the vma are not idle: they go with the mapping. */
	if (err)
		return err;

	kref_get(&map->ref);
	vma->vm_private_data = map;
	vma->vm_ops = &umap_vm_ops;
	return 0;
}
