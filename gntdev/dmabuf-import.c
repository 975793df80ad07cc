// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * DMABUF_IMP_*: the pages of a dma-buf granted to another domain. Xen cannot take
 * a grant back while the other side has it mapped: the buffer is held until the
 * last one is back, however long its pages' owner waits for that.
 */

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-map-ops.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <xen/page.h>

#include "dmabuf.h"
#include "table.h"

/*
 * For imports that wait for the other domain. Not the mappings' queue: that one is
 * there for memory to be freed, and drivers of buffers may wait for any other.
 */
static struct workqueue_struct *reaper;

/*
 * Pages of all imports, with those that wait for the other domain. At most a
 * quarter of the grant table: gntalloc may have half of it.
 */
static atomic_t granted = ATOMIC_INIT(0);

/**
 * struct gnt_import - a dma-buf whose pages are granted
 * @node: in the file's @imports
 * @attach: holds the buffer
 * @sgt: its pages, mapped for @importer
 * @reap: takes back what the other domain still had mapped
 * @tries: how often it has tried
 * @fd: the number the process knows the buffer by
 * @charged: grants asked for
 * @nr: grants in @ref
 * @ref: what is granted
 */
struct gnt_import {
	struct list_head node;
	struct dma_buf_attachment *attach;
	struct sg_table *sgt;
	struct delayed_work reap;
	unsigned int tries;
	u32 fd;
	unsigned int charged;
	unsigned int nr;
	grant_ref_t ref[];
};

/*
 * The device that buffers are mapped for stands for the other domain's CPUs, so
 * its addresses are those of memory itself. The DMA API of a PV domain would give
 * those of a bounce buffer for pages that are in a row for Linux and not for Xen,
 * and whoever maps the grants would see a copy.
 */
static struct device *importer;
static struct device_dma_parameters importer_parms;

static dma_addr_t importer_map_page(struct device *dev, struct page *page,
				    unsigned long offset, size_t size,
				    enum dma_data_direction dir,
				    unsigned long attrs)
{
	return page_to_phys(page) + offset;
}

static int importer_map_sg(struct device *dev, struct scatterlist *list,
			   int nents, enum dma_data_direction dir,
			   unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, nents, i) {
		sg_dma_address(sg) = sg_phys(sg);
		sg_dma_len(sg) = sg->length;
	}
	return nents;
}

static void importer_unmap_page(struct device *dev, dma_addr_t addr,
				size_t size, enum dma_data_direction dir,
				unsigned long attrs)
{
}

static void importer_unmap_sg(struct device *dev, struct scatterlist *list,
			      int nents, enum dma_data_direction dir,
			      unsigned long attrs)
{
}

static const struct dma_map_ops importer_ops = {
	.map_page = importer_map_page,
	.unmap_page = importer_unmap_page,
	.map_sg = importer_map_sg,
	.unmap_sg = importer_unmap_sg,
};

/* Takes back what nobody has mapped. Returns whether that was all. */
static bool revoke(struct gnt_import *imp)
{
	unsigned int i, left = 0;

	for (i = 0; i < imp->nr; i++) {
		if (!gnttab_try_end_foreign_access(imp->ref[i]))
			imp->ref[left++] = imp->ref[i];
		cond_resched();
	}
	imp->nr = left;
	return !left;
}

static int reserve(unsigned int count)
{
	unsigned int most = gnt_table_entries() / 4;

	if (count > most)
		return -ENOSPC;
	if (atomic_add_return(count, &granted) <= most)
		return 0;
	atomic_sub(count, &granted);
	return -ENOSPC;
}

static void unreserve(unsigned int count)
{
	atomic_sub(count, &granted);
}

static void import_free(struct gnt_import *imp)
{
	struct dma_buf *buf = imp->attach->dmabuf;

	dma_buf_unmap_attachment_unlocked(imp->attach, imp->sgt,
					  DMA_BIDIRECTIONAL);
	dma_buf_detach(buf, imp->attach);
	dma_buf_put(buf);
	unreserve(imp->charged);
	kvfree(imp);
}

static void reap_later(struct gnt_import *imp)
{
	queue_delayed_work(reaper, &imp->reap, gnt_reap_delay(&imp->tries));
}

static void reap(struct work_struct *work)
{
	struct gnt_import *imp =
		container_of(to_delayed_work(work), struct gnt_import, reap);

	if (!revoke(imp)) {
		reap_later(imp);
		return;
	}
	import_free(imp);
	module_put(THIS_MODULE); /* gnt_import_exit() waits for us. */
}

/* Ends an import that no list has, at once or when the other domain lets it. */
static void import_end(struct gnt_import *imp)
{
	if (revoke(imp)) {
		import_free(imp);
		return;
	}
	/* The caller's file keeps the module here until this does. */
	__module_get(THIS_MODULE);
	reap_later(imp);
}

static int grant_page(struct gnt_import *imp, domid_t domid, dma_addr_t addr)
{
	unsigned long pfn = PHYS_PFN(addr);
	unsigned long gfn = pfn_to_gfn(pfn);
	int ref;

	if (!pfn_valid(pfn) || gfn == INVALID_P2M_ENTRY)
		return -EINVAL;
	ref = gnttab_grant_foreign_access(domid, gfn, 0);
	if (ref < 0)
		return ref;
	imp->ref[imp->nr++] = ref;
	return 0;
}

/* The table is another driver's: it may have too little or too much in it. */
static int grant_pages(struct gnt_import *imp, domid_t domid)
{
	struct scatterlist *sg;
	dma_addr_t addr, end;
	int i, err;

	for_each_sgtable_dma_sg(imp->sgt, sg, i) {
		addr = sg_dma_address(sg);
		end = addr + sg_dma_len(sg);
		if (!PAGE_ALIGNED(addr) || !PAGE_ALIGNED(end) ||
		    sg_dma_len(sg) >> PAGE_SHIFT > imp->charged - imp->nr)
			return -EINVAL;
		for (; addr < end; addr += PAGE_SIZE) {
			err = grant_page(imp, domid, addr);
			if (err)
				return err;
			cond_resched();
		}
	}
	return imp->nr == imp->charged ? 0 : -EINVAL;
}

/* Fills in @attach and @sgt; then the import has the reference to the buffer. */
static int import_attach(struct gnt_import *imp, struct dma_buf *buf)
{
	int err;

	if (buf->size != (size_t)imp->charged << PAGE_SHIFT)
		return -EINVAL;
	imp->attach = dma_buf_attach(buf, importer);
	if (IS_ERR(imp->attach))
		return PTR_ERR(imp->attach);
	imp->sgt =
		dma_buf_map_attachment_unlocked(imp->attach, DMA_BIDIRECTIONAL);
	if (!IS_ERR(imp->sgt))
		return 0;
	err = PTR_ERR(imp->sgt);
	dma_buf_detach(buf, imp->attach);
	return err;
}

static struct gnt_import *
import_create(const struct ioctl_gntdev_dmabuf_imp_to_refs *req)
{
	struct dma_buf *buf = dma_buf_get(req->fd);
	struct gnt_import *imp;
	int err = -ENOMEM;

	if (IS_ERR(buf))
		return ERR_CAST(buf);
	imp = kvzalloc(struct_size(imp, ref, req->count), GFP_KERNEL);
	if (!imp)
		goto put;
	INIT_DELAYED_WORK(&imp->reap, reap);
	imp->fd = req->fd;
	imp->charged = req->count;
	err = reserve(req->count);
	if (err)
		goto free;
	err = import_attach(imp, buf);
	if (err)
		goto unreserve;
	err = grant_pages(imp, req->domid);
	if (!err)
		return imp;
	/* The other domain may have guessed references already. */
	import_end(imp);
	return ERR_PTR(err);

unreserve:
	unreserve(req->count);
free:
	kvfree(imp);
put:
	dma_buf_put(buf);
	return ERR_PTR(err);
}

/**
 * gnt_import_to_refs() - DMABUF_IMP_TO_REFS: grant the pages of a dma-buf
 * @gf: the file, charged until the import is released
 * @ptr: struct ioctl_gntdev_dmabuf_imp_to_refs; its @refs are written. What is
 *	in @reserved is ignored, as in-tree
 *
 * Context: process, may sleep, no lock held.
 * Return: 0. -EINVAL for no pages, more than the module's limit, no domain's
 * number, not a dma-buf, a buffer of another size, or one that is not made of
 * whole pages of memory. -EBADF: no such file. -ENOSPC for more than
 * SET_MAX_GRANTS or, for all imports, a quarter of the grant table allow, or no
 * free grant entry. What the buffer's driver answers. -ENOMEM, -EFAULT.
 */
long gnt_import_to_refs(struct gnt_file *gf, void __user *ptr)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs __user *arg = ptr;
	struct ioctl_gntdev_dmabuf_imp_to_refs req;
	struct gnt_import *imp;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!req.count || req.count > gnt_file_limit() ||
	    req.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	err = gnt_file_charge(gf, req.count);
	if (err)
		return err;
	imp = import_create(&req);
	if (IS_ERR(imp)) {
		err = PTR_ERR(imp);
		goto uncharge;
	}
	/* Before another thread can find it, so that a failure undoes all. */
	if (copy_to_user(arg->refs, imp->ref,
			 array_size(imp->nr, sizeof(*imp->ref)))) {
		err = -EFAULT;
		goto end;
	}
	mutex_lock(&gf->lock);
	list_add(&imp->node, &gf->imports);
	mutex_unlock(&gf->lock);
	return 0;

end:
	import_end(imp);
uncharge:
	gnt_file_uncharge(gf, req.count);
	return err;
}

/* The last import of that number, off the list and uncharged, or NULL. */
static struct gnt_import *import_take(struct gnt_file *gf, u32 fd)
{
	struct gnt_import *imp, *found = NULL;

	mutex_lock(&gf->lock);
	list_for_each_entry(imp, &gf->imports, node) {
		if (imp->fd == fd) {
			list_del(&imp->node);
			gf->used -= imp->charged;
			found = imp;
			break;
		}
	}
	mutex_unlock(&gf->lock);
	return found;
}

/**
 * gnt_import_release() - DMABUF_IMP_RELEASE: take the grants of a dma-buf back
 * @gf: the file that imported it
 * @ptr: struct ioctl_gntdev_dmabuf_imp_release
 *
 * What the other domain has mapped is taken back later, when it lets go; the
 * buffer is held as long.
 *
 * Context: process, may sleep, no lock held.
 * Return: 0. -ENOENT: no import of that number (any more). -EFAULT.
 */
long gnt_import_release(struct gnt_file *gf, void __user *ptr)
{
	struct ioctl_gntdev_dmabuf_imp_release req;
	struct gnt_import *imp;

	if (copy_from_user(&req, ptr, sizeof(req)))
		return -EFAULT;
	imp = import_take(gf, req.fd);
	if (!imp)
		return -ENOENT;
	import_end(imp);
	return 0;
}

/**
 * gnt_import_release_all() - take back all that a file has granted
 * @gf: the file, which is being closed
 *
 * Context: may sleep.
 */
void gnt_import_release_all(struct gnt_file *gf)
{
	struct gnt_import *imp, *next;

	list_for_each_entry_safe(imp, next, &gf->imports, node)
		import_end(imp);
}

/**
 * gnt_import_init() - get ready to import
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM or an errno of the driver core.
 */
int gnt_import_init(void)
{
	reaper = alloc_workqueue("xen-gntdev-import", WQ_UNBOUND, 0);
	if (!reaper)
		return -ENOMEM;
	importer = root_device_register("xen-gntdev-import");
	if (IS_ERR(importer)) {
		destroy_workqueue(reaper);
		return PTR_ERR(importer);
	}
	importer->dma_parms = &importer_parms;
	dma_set_max_seg_size(importer, UINT_MAX);
	dma_coerce_mask_and_coherent(importer, DMA_BIT_MASK(64));
	set_dma_ops(importer, &importer_ops);
	return 0;
}

/**
 * gnt_import_exit() - undo gnt_import_init() when no import is left
 *
 * An import that waits for another domain holds the module.
 *
 * Context: may sleep.
 */
void gnt_import_exit(void)
{
	destroy_workqueue(reaper);
	root_device_unregister(importer);
}
