// SPDX-License-Identifier: GPL-2.0 OR MIT
/* /dev/xen/gntdev: other domains' grants for processes. */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/events.h>
#include <xen/xen.h>

#include "chardev.h"
#include "dmabuf.h"
#include "param.h"

/* So that no request needs an array beyond kvmalloc(). */
#define LIMIT_MAX ((unsigned int)SZ_16M)

static unsigned int limit = 65536;
static struct gnt_param limit_param = { .value = &limit, .max = LIMIT_MAX };
module_param_cb(limit, &gnt_param_ops, &limit_param, 0644);
MODULE_PARM_DESC(limit, "most grants that one request may have (65536)");

/**
 * gnt_file_limit() - the most grants that one request may have
 *
 * Context: any.
 * Return: grants; any array of one entry each can be asked for.
 */
unsigned int gnt_file_limit(void)
{
	return READ_ONCE(limit);
}

static int charge_locked(struct gnt_file *gf, unsigned int count)
{
	lockdep_assert_held(&gf->lock);

	if (count > gf->max || gf->used > gf->max - count)
		return -ENOSPC;
	gf->used += count;
	return 0;
}

/**
 * gnt_file_charge() - count grants that a file is about to have
 * @gf: the file
 * @count: grants, as many as gnt_file_limit() at most
 *
 * Context: may sleep.
 * Return: 0, or -ENOSPC for more than SET_MAX_GRANTS allows.
 */
int gnt_file_charge(struct gnt_file *gf, unsigned int count)
{
	int err;

	mutex_lock(&gf->lock);
	err = charge_locked(gf, count);
	mutex_unlock(&gf->lock);
	return err;
}

/**
 * gnt_file_uncharge() - count grants that a file has no more
 * @gf: the file
 * @count: grants, as they were charged
 *
 * Context: may sleep.
 */
void gnt_file_uncharge(struct gnt_file *gf, unsigned int count)
{
	mutex_lock(&gf->lock);
	gf->used -= count;
	mutex_unlock(&gf->lock);
}

static struct gnt_umap *umap_of(const struct rb_node *node)
{
	return rb_entry(node, struct gnt_umap, node);
}

static bool umap_less(struct rb_node *a, const struct rb_node *b)
{
	return umap_of(a)->index < umap_of(b)->index;
}

static int umap_compare(const void *key, const struct rb_node *node)
{
	unsigned long index = *(const unsigned long *)key;
	const struct gnt_umap *map = umap_of(node);

	if (index < map->index)
		return -1;
	return index - map->index >= map->count;
}

/* Makes the range known, at the offset it was promised. */
static int file_add(struct gnt_file *gf, struct gnt_umap *map)
{
	int err;

	mutex_lock(&gf->lock);
	err = charge_locked(gf, map->count);
	if (!err)
		rb_add(&map->node, &gf->maps, umap_less);
	mutex_unlock(&gf->lock);
	return err;
}

/* Offsets are never used again: a stale one finds nothing. */
static unsigned long reserve_offsets(struct gnt_file *gf, unsigned int count)
{
	unsigned long index;

	mutex_lock(&gf->lock);
	index = gf->next;
	gf->next += count;
	mutex_unlock(&gf->lock);
	return index;
}

static long map_grant_ref(struct gnt_file *gf,
			  struct ioctl_gntdev_map_grant_ref __user *arg)
{
	struct ioctl_gntdev_map_grant_ref req;
	struct gnt_umap *map;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!req.count || req.count > gnt_file_limit())
		return -EINVAL;
	map = gnt_umap_create(req.count, &gnt_backing_idle);
	if (IS_ERR(map))
		return PTR_ERR(map);

	err = -EFAULT;
	if (copy_from_user(map->grant, &arg->refs,
			   array_size(req.count, sizeof(*map->grant))))
		goto put;
	map->index = reserve_offsets(gf, req.count);
	req.index = (u64)map->index << PAGE_SHIFT;
	/* Before another thread can find it, so that a failure undoes all. */
	if (copy_to_user(arg, &req, sizeof(req)))
		goto put;
	err = file_add(gf, map);
	if (err)
		goto put;
	return 0;

put:
	gnt_umap_put(map);
	return err;
}

/* The mapping whose range that page offset is in, or NULL. */
static struct gnt_umap *find(struct gnt_file *gf, unsigned long index)
{
	struct rb_node *node;

	lockdep_assert_held(&gf->lock);

	node = rb_find(&index, &gf->maps, umap_compare);
	return node ? umap_of(node) : NULL;
}

/* The mapping of that very range, or NULL. */
static struct gnt_umap *find_exact(struct gnt_file *gf, unsigned long index,
				   unsigned long count)
{
	struct gnt_umap *map = find(gf, index);

	return map && map->index == index && map->count == count ? map : NULL;
}

static long unmap_grant_ref(struct gnt_file *gf, void __user *arg)
{
	struct ioctl_gntdev_unmap_grant_ref req;
	struct gnt_umap *map;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	mutex_lock(&gf->lock);
	map = find_exact(gf, req.index >> PAGE_SHIFT, req.count);
	if (map) {
		rb_erase(&map->node, &gf->maps);
		gf->used -= map->count;
	}
	mutex_unlock(&gf->lock);
	if (!map)
		return -ENOENT;
	gnt_umap_put(map);
	return 0;
}

static long get_offset_for_vaddr(void __user *arg)
{
	struct ioctl_gntdev_get_offset_for_vaddr req;
	struct vm_area_struct *vma;
	struct gnt_umap *map;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, req.vaddr);
	map = vma ? gnt_umap_of_vma(vma) : NULL;
	if (map) {
		req.offset = (u64)map->index << PAGE_SHIFT;
		req.count = map->count;
	}
	mmap_read_unlock(current->mm);
	if (!map)
		return -EINVAL;
	return copy_to_user(arg, &req, sizeof(req)) ? -EFAULT : 0;
}

static long set_unmap_notify(struct gnt_file *gf, void __user *arg)
{
	struct ioctl_gntdev_unmap_notify req;
	struct gnt_unotify want, old;
	struct gnt_umap *map;
	int err = -ENOENT;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.action & ~(UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT))
		return -EINVAL;
	/*
	 * The new reference comes before the old one goes: they may be the
	 * same port, and the last two to it.
	 */
	if (req.action & UNMAP_NOTIFY_SEND_EVENT &&
	    evtchn_get(req.event_channel_port))
		return -EINVAL;
	want = (struct gnt_unotify){
		.action = req.action,
		.port = req.event_channel_port,
	};
	old = want;

	mutex_lock(&gf->lock);
	map = find(gf, req.index >> PAGE_SHIFT);
	if (map) {
		want.offset = req.index - ((u64)map->index << PAGE_SHIFT);
		err = gnt_umap_set_notify(map, &want, &old);
	}
	mutex_unlock(&gf->lock);

	/* What was replaced, or on failure what was asked for. */
	if (old.action & UNMAP_NOTIFY_SEND_EVENT)
		evtchn_put(old.port);
	return err;
}

static long set_max_grants(struct gnt_file *gf, void __user *arg)
{
	struct ioctl_gntdev_set_max_grants req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.count > gnt_file_limit())
		return -E2BIG;
	mutex_lock(&gf->lock);
	gf->max = req.count;
	mutex_unlock(&gf->lock);
	return 0;
}

static long chardev_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct gnt_file *gf = file->private_data;
	void __user *ptr = (void __user *)arg;

	switch (cmd) {
	case IOCTL_GNTDEV_MAP_GRANT_REF:
		return map_grant_ref(gf, ptr);
	case IOCTL_GNTDEV_UNMAP_GRANT_REF:
		return unmap_grant_ref(gf, ptr);
	case IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR:
		return get_offset_for_vaddr(ptr);
	case IOCTL_GNTDEV_SET_UNMAP_NOTIFY:
		return set_unmap_notify(gf, ptr);
	case IOCTL_GNTDEV_GRANT_COPY:
		return gnt_ucopy_ioctl(gf, ptr);
	case IOCTL_GNTDEV_SET_MAX_GRANTS:
		return set_max_grants(gf, ptr);
	case IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS:
		return gnt_export_from_refs(gf, ptr);
	case IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED:
		return gnt_export_wait(gf, ptr);
	case IOCTL_GNTDEV_DMABUF_IMP_TO_REFS:
		return gnt_import_to_refs(gf, ptr);
	case IOCTL_GNTDEV_DMABUF_IMP_RELEASE:
		return gnt_import_release(gf, ptr);
	default:
		return -ENOTTY;
	}
}

static int chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct gnt_file *gf = file->private_data;
	struct gnt_umap *map;
	int err;

	/* A private copy of another domain's page would never be written. */
	if ((vma->vm_flags & VM_WRITE) && !(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	mutex_lock(&gf->lock);
	map = find_exact(gf, vma->vm_pgoff, vma_pages(vma));
	if (map && !map->claimed) {
		map->claimed = true;
		kref_get(&map->ref);
	} else {
		map = NULL;
	}
	mutex_unlock(&gf->lock);
	if (!map)
		return -EINVAL;
	err = gnt_umap_mmap(map, vma);
	gnt_umap_put(map);
	return err;
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct gnt_file *gf = kzalloc(sizeof(*gf), GFP_KERNEL);

	if (!gf)
		return -ENOMEM;
	mutex_init(&gf->lock);
	gf->maps = RB_ROOT;
	gf->max = ULONG_MAX;
	INIT_LIST_HEAD(&gf->exports);
	INIT_LIST_HEAD(&gf->imports);
	file->private_data = gf;
	return 0;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct gnt_file *gf = file->private_data;
	struct gnt_umap *map, *next;

	/* Every vma held the file: only retries may hold more references. */
	rbtree_postorder_for_each_entry_safe(map, next, &gf->maps, node)
		gnt_umap_put(map);
	gnt_import_release_all(gf);
	gnt_export_orphan_all(gf);
	gnt_ucopy_free(gf->copy);
	kfree(gf);
	return 0;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.mmap = chardev_mmap,
	.unlocked_ioctl = chardev_ioctl,
};

static struct miscdevice chardev_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/gntdev",
	.fops = &chardev_fops,
};

static int __init chardev_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	err = gnt_umap_init();
	if (err)
		return err;
	err = gnt_dma_pages_init();
	if (err)
		goto umap_exit;
	err = gnt_import_init();
	if (err)
		goto pages_exit;
	err = misc_register(&chardev_misc);
	if (err)
		goto import_exit;
	return 0;

import_exit:
	gnt_import_exit();
pages_exit:
	gnt_dma_pages_exit();
umap_exit:
	gnt_umap_exit();
	return err;
}
module_init(chardev_init);

static void __exit chardev_exit(void)
{
	misc_deregister(&chardev_misc);
	gnt_import_exit();
	gnt_dma_pages_exit();
	gnt_umap_exit();
}
module_exit(chardev_exit);

MODULE_DESCRIPTION("Other domains' grants for processes: /dev/xen/gntdev");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_IMPORT_NS(XEN_BACKENDS);
