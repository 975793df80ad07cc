/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Private to /dev/xen/gntdev.
 *
 * chardev.c:       the device: its calls, and the mappings of each open file;
 *                  gnt_file_limit() gnt_file_charge() gnt_file_uncharge()
 * chardev-map.c:   gnt_umap_create() gnt_umap_put() gnt_umap_set_notify()
 *                  gnt_umap_page() gnt_umap_unmap_pages()
 *                  gnt_umap_retry() gnt_umap_init() gnt_umap_exit()
 *                  gnt_reap_delay()
 * chardev-idle.c:  gnt_backing_idle gnt_idle_init() gnt_idle_exit()
 * chardev-pte.c:   gnt_umap_empty_ptes() gnt_umap_unmap_ptes()
 * chardev-vma.c:   gnt_umap_mmap() gnt_umap_of_vma() gnt_umap_map_pages()
 * chardev-copy.c:  gnt_ucopy_ioctl() gnt_ucopy_free()
 * dmabuf.h:        what dmabuf-*.c have for chardev.c
 */
#ifndef XEN_BACKENDS_GNTDEV_CHARDEV_H
#define XEN_BACKENDS_GNTDEV_CHARDEV_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/workqueue.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/gntdev.h>

#include "gntdev.h"

struct gnt_ucopy;
struct gnt_umap;

/* Operations in a hypercall: beyond this Xen itself goes in portions. */
#define GNT_USER_BATCH 512u

/*
 * Pages of a mapping that are gone through before whoever waits gets the CPU: a
 * mapping may have millions, and a process that ends with one has them all taken
 * out at once, in an mmu notifier. That may sleep where it is told that it may.
 */
#define GNT_WALK_MAX (4 * GNT_USER_BATCH)

/**
 * struct gnt_unotify - what to do when a page goes away
 * @action: UNMAP_NOTIFY_*
 * @port: event channel to send to, a reference is held
 * @offset: the byte to clear, from the start of the mapping
 */
struct gnt_unotify {
	u32 action;
	evtchn_port_t port;
	unsigned long offset;
};

/**
 * struct gnt_backing - where the pages of a mapping come from
 * @get: fills @page; may set @backing_data. 0 or an errno
 * @put: gives the pages back, with no grant in any of them
 */
struct gnt_backing {
	int (*get)(struct gnt_umap *map);
	void (*put)(struct gnt_umap *map);
};

/**
 * struct gnt_umap - grants that a process asked to map, as one range
 * @ref: held by the file until UNMAP_GRANT_REF, by each vma and by @reap while
 *	@retrying; or by a dma-buf
 * @node: in the file's @maps
 * @index: first page of the range in the file's offsets
 * @count: grants
 * @lock: protects @notify, both counts of what is mapped, @page_handle,
 *	@pte_handle and @unmap from the time the mapping is @live. The mmu
 *	notifier takes it: no memory may be allocated and no user memory
 *	touched while it is held
 * @notify: what to do on unmap
 * @claimed: an mmap() has taken the range, there is never a second one;
 *	under the file's lock
 * @live: mapped; before that only mmap() looks at the handles
 * @readonly: mapped so; set by mmap()
 * @notified: @notifier is inserted; set by mmap()
 * @pages_mapped: handles in @page_handle
 * @ptes_mapped: handles in @pte_handle
 * @grant: what to map; this array and those below are behind the structure
 * @page: where Linux has it
 * @page_handle: the mapping at the kernel's address of each page, or
 *	INVALID_GRANT_HANDLE
 * @pte_handle: PV: the mapping in the process's page table, likewise
 * @pte: PV: machine address of each page table entry
 * @unmap: for at most GNT_USER_BATCH operations; here because an unmap must
 *	not need memory
 * @start: PV: address of the first page in @notifier's address space
 * @notifier: PV: says when page table entries go
 * @reap: tries again to unmap pages that are in use
 * @tries: how often it has
 * @backing: where @page comes from
 * @backing_data: of @backing
 * @retrying: @reap holds a reference for pages that the process has no more;
 *	under @lock
 * @over: the last reference is gone; @reap ends the mapping
 *
 * On PV a grant is mapped in the process's page table, and at the page's kernel
 * address once the kernel asks for the page, which few do. The first goes the
 * moment Linux takes the address back. The second stays while the page is in use
 * elsewhere (direct input and output), so that nobody ever waits for that in the
 * notifier.
 */
struct gnt_umap {
	struct kref ref;
	struct rb_node node;
	unsigned long index;
	unsigned int count;
	struct mutex lock; /* notify, handles, unmap */
	struct gnt_unotify notify;
	bool claimed;
	bool live;
	bool readonly;
	bool notified;
	unsigned int pages_mapped;
	unsigned int ptes_mapped;
	struct ioctl_gntdev_grant_ref *grant;
	struct page **page;
	grant_handle_t *page_handle;
	grant_handle_t *pte_handle;
	u64 *pte;
	struct gnt_unmap_batch *unmap;
	unsigned long start;
	struct mmu_interval_notifier notifier;
	struct delayed_work reap;
	unsigned int tries;
	const struct gnt_backing *backing;
	void *backing_data;
	bool retrying;
	bool over;
};

/**
 * struct gnt_file - an open /dev/xen/gntdev
 * @lock: protects @maps, @next, @used, @max and @imports; taken inside
 *	mmap_lock, so that user memory is never touched with it, and before a
 *	mapping's lock
 * @maps: struct gnt_umap by its first page offset
 * @next: first page offset never given out
 * @used: grants in @maps, in @exports and in @imports
 * @max: what SET_MAX_GRANTS allows in @used
 * @exports: dma-bufs made of grants that are not yet released; under a lock of
 *	dmabuf-export.c
 * @imports: dma-bufs whose pages are granted, the last one first
 * @copy: memory of the last GRANT_COPY for the next one, or NULL; exchanged
 *	atomically
 */
struct gnt_file {
	struct mutex lock; /* all but copy and exports */
	struct rb_root maps;
	unsigned long next;
	unsigned long used;
	unsigned long max;
	struct list_head exports;
	struct list_head imports;
	struct gnt_ucopy *copy;
};

unsigned int gnt_file_limit(void);
int gnt_file_charge(struct gnt_file *gf, unsigned int count);
void gnt_file_uncharge(struct gnt_file *gf, unsigned int count);

extern const struct gnt_backing gnt_backing_idle;
void gnt_idle_init(void);
void gnt_idle_exit(void);

struct gnt_umap *gnt_umap_create(unsigned int count,
				 const struct gnt_backing *backing);
void gnt_umap_put(struct gnt_umap *map);
struct page *gnt_umap_page(struct gnt_umap *map, unsigned long slot);
void gnt_umap_empty_ptes(struct gnt_umap *map, unsigned int first,
			 unsigned int nr);
void gnt_umap_unmap_ptes(struct gnt_umap *map, unsigned int first,
			 unsigned int nr);
bool gnt_umap_unmap_pages(struct gnt_umap *map, unsigned int first,
			  unsigned int nr);
void gnt_umap_retry(struct gnt_umap *map);
int gnt_umap_set_notify(struct gnt_umap *map, const struct gnt_unotify *want,
			struct gnt_unotify *old);
int gnt_umap_init(void);
void gnt_umap_exit(void);
unsigned long gnt_reap_delay(unsigned int *tries);

int gnt_umap_mmap(struct gnt_umap *map, struct vm_area_struct *vma);
int gnt_umap_map_pages(struct gnt_umap *map, struct gnt_map_batch *batch);
struct gnt_umap *gnt_umap_of_vma(struct vm_area_struct *vma);

long gnt_ucopy_ioctl(struct gnt_file *gf, void __user *arg);
void gnt_ucopy_free(struct gnt_ucopy *uc);

#endif
