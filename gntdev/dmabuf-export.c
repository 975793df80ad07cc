// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * DMABUF_EXP_*: other domains' grants as a dma-buf. All are mapped before there
 * is a buffer and unmapped when it is released, which may be long after the file
 * was closed that made it: the buffer holds the module, never the file. So a
 * file whose buffer its own imports hold is closed like any other.
 */

#include <linux/completion.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/features.h>

#include "dmabuf.h"

/*
 * Protects @exports of all files, and @file and @node of all that is in them.
 * A file's lock is taken inside.
 */
static DEFINE_MUTEX(exports_lock);

/**
 * struct gnt_export - a dma-buf made of grants
 * @ref: held by the dma-buf and by each waiter
 * @map: the grants, mapped into pages
 * @file: who is charged, or NULL when that is closed
 * @node: in the file's @exports, the last one first
 * @fd: the number it was given, by which a file finds it again
 * @released: the grants are unmapped, or will be without anybody's help
 */
struct gnt_export {
	struct kref ref;
	struct gnt_umap *map;
	struct gnt_file *file;
	struct list_head node;
	int fd;
	struct completion released;
};

static void export_free(struct kref *ref)
{
	kfree(container_of(ref, struct gnt_export, ref));
}

static struct sg_table *export_map(struct dma_buf_attachment *attach,
				   enum dma_data_direction dir)
{
	const struct gnt_export *ex = attach->dmabuf->priv;
	/* What is in a row for Linux is not for a device of a PV domain. */
	unsigned int most = xen_feature(XENFEAT_auto_translated_physmap) ?
				    UINT_MAX :
				    PAGE_SIZE;
	struct sg_table *sgt;
	int err;

	if (dir == DMA_NONE)
		return ERR_PTR(-EINVAL);
	sgt = kmalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt)
		return ERR_PTR(-ENOMEM);
	err = sg_alloc_table_from_pages_segment(sgt, ex->map->page,
						ex->map->count, 0,
						attach->dmabuf->size, most,
						GFP_KERNEL);
	if (err)
		goto free;
	err = dma_map_sgtable(attach->dev, sgt, dir, 0);
	if (err)
		goto free_table;
	return sgt;

free_table:
	sg_free_table(sgt);
free:
	kfree(sgt);
	return ERR_PTR(err);
}

static void export_unmap(struct dma_buf_attachment *attach,
			 struct sg_table *sgt, enum dma_data_direction dir)
{
	dma_unmap_sgtable(attach->dev, sgt, dir, 0);
	sg_free_table(sgt);
	kfree(sgt);
}

/* The module is held until this is over. */
static void export_release(struct dma_buf *buf)
{
	struct gnt_export *ex = buf->priv;
	unsigned int count = ex->map->count;

	gnt_umap_put(ex->map);
	mutex_lock(&exports_lock);
	if (ex->file) {
		list_del(&ex->node);
		gnt_file_uncharge(ex->file, count);
	}
	mutex_unlock(&exports_lock);
	complete_all(&ex->released);
	kref_put(&ex->ref, export_free);
}

static const struct dma_buf_ops export_ops = {
	.map_dma_buf = export_map,
	.unmap_dma_buf = export_unmap,
	.release = export_release,
};

/* The buffer of a mapping, which it takes over, charged to nobody as yet. */
static struct dma_buf *export_create(struct gnt_umap *map)
{
	struct gnt_export *ex = kzalloc(sizeof(*ex), GFP_KERNEL);
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf *buf;

	if (!ex)
		return ERR_PTR(-ENOMEM);
	kref_init(&ex->ref);
	init_completion(&ex->released);
	ex->map = map;
	info.ops = &export_ops;
	info.size = (size_t)map->count << PAGE_SHIFT;
	info.flags = O_RDWR;
	info.priv = ex;
	buf = dma_buf_export(&info);
	if (IS_ERR(buf))
		kfree(ex);
	return buf;
}

/* Where the pages come from, or NULL for flags that cannot be had. */
static const struct gnt_backing *backing_of(u32 flags)
{
	if (!flags)
		return &gnt_backing_idle;
	/* The kernel looks for such memory under the wrong addresses on PV. */
	if (!xen_feature(XENFEAT_auto_translated_physmap))
		return NULL;
	switch (flags) {
	case GNTDEV_DMA_FLAG_WC:
		return &gnt_backing_wc;
	case GNTDEV_DMA_FLAG_COHERENT:
		return &gnt_backing_coherent;
	default:
		return NULL;
	}
}

static int read_refs(struct gnt_umap *map, domid_t domid,
		     const __u32 __user *refs)
{
	unsigned int i;

	for (i = 0; i < map->count; i++) {
		map->grant[i].domid = domid;
		if (get_user(map->grant[i].ref, &refs[i]))
			return -EFAULT;
		cond_resched();
	}
	return 0;
}

/* The grants of a request, mapped for the kernel. */
static struct gnt_umap *
map_refs(const struct ioctl_gntdev_dmabuf_exp_from_refs *req,
	 const __u32 __user *refs, const struct gnt_backing *backing)
{
	struct gnt_map_batch *batch;
	struct gnt_umap *map;
	int err;

	map = gnt_umap_create(req->count, backing);
	if (IS_ERR(map))
		return map;
	err = read_refs(map, req->domid, refs);
	if (err)
		goto put;
	batch = gnt_map_alloc(min(req->count, GNT_USER_BATCH));
	if (!batch) {
		err = -ENOMEM;
		goto put;
	}
	err = gnt_umap_map_pages(map, batch);
	gnt_map_free(batch);
	if (err)
		goto put;
	return map;

put:
	gnt_umap_put(map);
	return ERR_PTR(err);
}

/* Gives the buffer to the process, which pays for it from here on. */
static int export_publish(struct gnt_file *gf, struct dma_buf *buf,
			  __u32 __user *answer, int fd)
{
	struct gnt_export *ex = buf->priv;

	mutex_lock(&exports_lock);
	ex->file = gf;
	ex->fd = fd;
	list_add(&ex->node, &gf->exports);
	mutex_unlock(&exports_lock);
	/* Before another thread can use it, so that a failure undoes all. */
	if (put_user(fd, answer)) {
		dma_buf_put(buf);
		return -EFAULT;
	}
	fd_install(fd, buf->file);
	return 0;
}

/**
 * gnt_export_from_refs() - DMABUF_EXP_FROM_REFS: make a dma-buf of grants
 * @gf: the file, charged until the buffer is released
 * @ptr: struct ioctl_gntdev_dmabuf_exp_from_refs; its @fd is written
 *
 * Context: process, may sleep, no lock held.
 * Return: 0. -EINVAL for no grants, more than the module's limit, no domain's
 * number, flags that cannot be had, or a grant that cannot be mapped. -ENOSPC
 * for more than SET_MAX_GRANTS allows. -EMFILE, -ENFILE, -ENOMEM, -EFAULT.
 */
long gnt_export_from_refs(struct gnt_file *gf, void __user *ptr)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs __user *arg = ptr;
	struct ioctl_gntdev_dmabuf_exp_from_refs req;
	const struct gnt_backing *backing;
	struct gnt_umap *map;
	struct dma_buf *buf;
	int fd, err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	backing = backing_of(req.flags);
	if (!req.count || req.count > gnt_file_limit() || !backing ||
	    req.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	err = gnt_file_charge(gf, req.count);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		err = fd;
		goto uncharge;
	}
	map = map_refs(&req, arg->refs, backing);
	if (IS_ERR(map)) {
		err = PTR_ERR(map);
		goto put_fd;
	}
	buf = export_create(map);
	if (IS_ERR(buf)) {
		err = PTR_ERR(buf);
		goto put_map;
	}
	err = export_publish(gf, buf, &arg->fd, fd);
	/* The buffer's release unmaps and uncharges. */
	if (err)
		put_unused_fd(fd);
	return err;

put_map:
	gnt_umap_put(map);
put_fd:
	put_unused_fd(fd);
uncharge:
	gnt_file_uncharge(gf, req.count);
	return err;
}

/* The last buffer that was given this number, with a reference, or NULL. */
static struct gnt_export *export_find(struct gnt_file *gf, u32 fd)
{
	struct gnt_export *ex, *found = NULL;

	mutex_lock(&exports_lock);
	list_for_each_entry(ex, &gf->exports, node) {
		if (ex->fd == fd) {
			kref_get(&ex->ref);
			found = ex;
			break;
		}
	}
	mutex_unlock(&exports_lock);
	return found;
}

/**
 * gnt_export_wait() - DMABUF_EXP_WAIT_RELEASED: wait until a buffer is gone
 * @gf: the file that made it
 * @ptr: struct ioctl_gntdev_dmabuf_exp_wait_released
 *
 * Context: process, may sleep, no lock held.
 * Return: 0. -ENOENT: no buffer of that number (any more). -ETIMEDOUT: it is
 * still there after @wait_to_ms. -EINTR: a signal came. -EFAULT.
 */
long gnt_export_wait(struct gnt_file *gf, void __user *ptr)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released req;
	unsigned long timeout;
	struct gnt_export *ex;
	long left;

	if (copy_from_user(&req, ptr, sizeof(req)))
		return -EFAULT;
	ex = export_find(gf, req.fd);
	if (!ex)
		return -ENOENT;
	timeout = msecs_to_jiffies(req.wait_to_ms);
	left = wait_for_completion_interruptible_timeout(&ex->released,
							 timeout);
	kref_put(&ex->ref, export_free);
	if (left < 0)
		return -EINTR;
	return left ? 0 : -ETIMEDOUT;
}

/**
 * gnt_export_orphan_all() - part a file that is being closed from its buffers
 * @gf: the file; its buffers stay until they are released
 *
 * Context: may sleep.
 */
void gnt_export_orphan_all(struct gnt_file *gf)
{
	struct gnt_export *ex, *next;

	mutex_lock(&exports_lock);
	list_for_each_entry_safe(ex, next, &gf->exports, node) {
		list_del(&ex->node);
		ex->file = NULL;
	}
	mutex_unlock(&exports_lock);
}

MODULE_IMPORT_NS(DMA_BUF);
