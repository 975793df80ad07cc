// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /dev/xen/gntalloc: pages of this domain that a process shares with another
 * one. What becomes of a page that was given up is alloc-linger.c's.
 */

#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include <xen/events.h>
#include <xen/gntalloc.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "alloc.h"

/* Protects all of the device. Taken inside mmap_lock: no user access in it. */
static DEFINE_MUTEX(alloc_lock);

/* Pages shared through any file and not yet given up. */
static unsigned int total;

/**
 * struct alloc_file - an open /dev/xen/gntalloc
 * @shares: struct share by page offset
 * @next: first page offset never given out
 * @nr: pages shared and not yet given up, with those only a vma still holds
 */
struct alloc_file {
	struct xarray shares;
	unsigned long next;
	unsigned int nr;
};

/**
 * struct share - a page and its grant
 * @ref: held by @file's @shares and by each &struct view
 * @file: whose it is; a view holds the file
 * @grant: the page and its grant
 * @action: UNMAP_NOTIFY_*
 * @port: event channel to send to, a reference is held
 * @offset: byte of the page to clear
 */
struct share {
	struct kref ref;
	struct alloc_file *file;
	struct alloc_grant *grant;
	u32 action;
	evtchn_port_t port;
	unsigned int offset;
};

/**
 * struct view - shares that a vma shows
 * @ref: held by each vma that was split off or copied from the first
 * @nr: entries in @share
 * @share: the shares, in order
 */
struct view {
	struct kref ref;
	unsigned int nr;
	struct share *share[];
};

static void share_release(struct kref *ref)
{
	struct share *sh = container_of(ref, struct share, ref);

	lockdep_assert_held(&alloc_lock);

	if (sh->action & UNMAP_NOTIFY_CLEAR_BYTE) {
		u8 *byte = kmap_local_page(sh->grant->page);

		WRITE_ONCE(byte[sh->offset], 0);
		kunmap_local(byte);
	}
	if (sh->action & UNMAP_NOTIFY_SEND_EVENT) {
		notify_remote_via_evtchn(sh->port);
		evtchn_put(sh->port);
	}
	alloc_grant_put(sh->grant);
	sh->file->nr--;
	total--;
	kfree(sh);
}

static struct share *share_create(struct alloc_file *af, domid_t domid,
				  bool readonly)
{
	struct share *sh = kzalloc(sizeof(*sh), GFP_KERNEL);
	struct alloc_grant *grant;

	if (!sh)
		return ERR_PTR(-ENOMEM);
	grant = alloc_grant_create(domid, readonly);
	if (IS_ERR(grant)) {
		kfree(sh);
		return ERR_CAST(grant);
	}
	kref_init(&sh->ref);
	sh->file = af;
	sh->grant = grant;
	return sh;
}

/* Counts @count pages before any is made. Both limits may have been lowered. */
static int account(struct alloc_file *af, domid_t domid, unsigned int count,
		   unsigned long *index)
{
	unsigned int mine = alloc_limit_file();
	int err = -ENOSPC;

	mutex_lock(&alloc_lock);
	if (af->nr <= mine && count <= mine - af->nr &&
	    alloc_linger_room(domid, count, total, alloc_limit_total())) {
		total += count;
		af->nr += count;
		*index = af->next;
		af->next += count;
		err = 0;
	}
	mutex_unlock(&alloc_lock);
	return err;
}

/* Gives up shares made for a request, and the accounts of those never made. */
static void abandon(struct alloc_file *af, struct share **share,
		    unsigned int made, unsigned int count)
{
	unsigned int i;

	mutex_lock(&alloc_lock);
	for (i = 0; i < made; i++)
		kref_put(&share[i]->ref, share_release);
	total -= count - made;
	af->nr -= count - made;
	mutex_unlock(&alloc_lock);
}

static int publish(struct alloc_file *af, unsigned long index,
		   struct share **share, unsigned int count)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&alloc_lock);
	for (i = 0; i < count && !err; i++)
		err = xa_insert(&af->shares, index + i, share[i], GFP_KERNEL);
	if (err)
		for (i--; i > 0; i--)
			xa_erase(&af->shares, index + i - 1);
	mutex_unlock(&alloc_lock);
	return err;
}

static int tell_user(struct ioctl_gntalloc_alloc_gref __user *arg,
		     unsigned long index, struct share **share,
		     unsigned int count)
{
	__u32 __user *id = (void __user *)arg +
			   offsetof(struct ioctl_gntalloc_alloc_gref, gref_ids);
	unsigned int i;

	if (put_user((__u64)index << PAGE_SHIFT, &arg->index))
		return -EFAULT;
	for (i = 0; i < count; i++)
		if (put_user(share[i]->grant->ref, &id[i]))
			return -EFAULT;
	return 0;
}

static long alloc_gref(struct alloc_file *af,
		       struct ioctl_gntalloc_alloc_gref __user *arg)
{
	struct ioctl_gntalloc_alloc_gref req;
	struct share **share;
	unsigned long index;
	unsigned int made;
	bool readonly;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	readonly = !(req.flags & GNTALLOC_FLAG_WRITABLE);
	err = account(af, req.domid, req.count, &index);
	if (err)
		return err;

	err = -ENOMEM;
	made = 0;
	share = kvmalloc_array(req.count, sizeof(*share), GFP_KERNEL);
	if (!share)
		goto abandon;
	for (; made < req.count; made++) {
		share[made] = share_create(af, req.domid, readonly);
		if (IS_ERR(share[made])) {
			err = PTR_ERR(share[made]);
			goto abandon;
		}
	}
	/* Before another thread can find them, so that a failure undoes all. */
	err = tell_user(arg, index, share, req.count);
	if (!err)
		err = publish(af, index, share, req.count);
	if (err)
		goto abandon;
	kvfree(share);
	return 0;

abandon:
	abandon(af, share, made, req.count);
	kvfree(share);
	return err;
}

static bool all_there(struct alloc_file *af, unsigned long index,
		      unsigned long count)
{
	unsigned long i;

	lockdep_assert_held(&alloc_lock);

	for (i = 0; i < count; i++)
		if (!xa_load(&af->shares, index + i))
			return false;
	return count > 0;
}

static long dealloc_gref(struct alloc_file *af, void __user *arg)
{
	struct ioctl_gntalloc_dealloc_gref req;
	unsigned long index, i;
	struct share *sh;
	bool there;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (offset_in_page(req.index))
		return -EINVAL;
	index = req.index >> PAGE_SHIFT;
	mutex_lock(&alloc_lock);
	there = all_there(af, index, req.count);
	for (i = 0; there && i < req.count; i++) {
		sh = xa_erase(&af->shares, index + i);
		kref_put(&sh->ref, share_release);
	}
	mutex_unlock(&alloc_lock);
	return there ? 0 : -EINVAL;
}

static int set_notify_locked(struct alloc_file *af,
			     const struct ioctl_gntalloc_unmap_notify *req)
{
	struct share *sh = xa_load(&af->shares, req->index >> PAGE_SHIFT);

	lockdep_assert_held(&alloc_lock);

	if (!sh)
		return -ENOENT;
	if (req->action & ~(UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT))
		return -EINVAL;
	/*
	 * The new reference comes before the old one goes: they may be the
	 * same port, and the last two to it.
	 */
	if (req->action & UNMAP_NOTIFY_SEND_EVENT &&
	    evtchn_get(req->event_channel_port))
		return -EINVAL;
	if (sh->action & UNMAP_NOTIFY_SEND_EVENT)
		evtchn_put(sh->port);
	sh->action = req->action;
	sh->port = req->event_channel_port;
	sh->offset = offset_in_page(req->index);
	return 0;
}

static long set_unmap_notify(struct alloc_file *af, void __user *arg)
{
	struct ioctl_gntalloc_unmap_notify req;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	mutex_lock(&alloc_lock);
	err = set_notify_locked(af, &req);
	mutex_unlock(&alloc_lock);
	return err;
}

static long alloc_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct alloc_file *af = file->private_data;
	void __user *ptr = (void __user *)arg;

	switch (cmd) {
	case IOCTL_GNTALLOC_ALLOC_GREF:
		return alloc_gref(af, ptr);
	case IOCTL_GNTALLOC_DEALLOC_GREF:
		return dealloc_gref(af, ptr);
	case IOCTL_GNTALLOC_SET_UNMAP_NOTIFY:
		return set_unmap_notify(af, ptr);
	default:
		return -ENOTTY;
	}
}

static void view_release(struct kref *ref)
{
	struct view *view = container_of(ref, struct view, ref);
	unsigned int i;

	mutex_lock(&alloc_lock);
	for (i = 0; i < view->nr; i++) {
		kref_put(&view->share[i]->ref, share_release);
		cond_resched();
	}
	mutex_unlock(&alloc_lock);
	kvfree(view);
}

static void view_vma_open(struct vm_area_struct *vma)
{
	struct view *view = vma->vm_private_data;

	kref_get(&view->ref);
}

static void view_vma_close(struct vm_area_struct *vma)
{
	struct view *view = vma->vm_private_data;

	kref_put(&view->ref, view_release);
}

static const struct vm_operations_struct view_vm_ops = {
	.open = view_vma_open,
	.close = view_vma_close,
};

/* References to the shares of a range, or -ENOENT unless all are there. */
static int view_fill(struct view *view, struct alloc_file *af,
		     unsigned long index)
{
	unsigned int i;
	bool there;

	mutex_lock(&alloc_lock);
	there = all_there(af, index, view->nr);
	for (i = 0; there && i < view->nr; i++) {
		view->share[i] = xa_load(&af->shares, index + i);
		kref_get(&view->share[i]->ref);
	}
	mutex_unlock(&alloc_lock);
	return there ? 0 : -ENOENT;
}

static int alloc_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct alloc_file *af = file->private_data;
	unsigned long addr = vma->vm_start;
	struct view *view;
	unsigned int i;
	int err;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	/* Asks for no memory for a range that cannot be there. */
	if (vma_pages(vma) > READ_ONCE(af->nr))
		return -ENOENT;
	view = kvmalloc(struct_size(view, share, vma_pages(vma)), GFP_KERNEL);
	if (!view)
		return -ENOMEM;
	kref_init(&view->ref);
	view->nr = vma_pages(vma);
	err = view_fill(view, af, vma->vm_pgoff);
	if (err) {
		kvfree(view);
		return err;
	}

	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	for (i = 0; i < view->nr && !err; i++, addr += PAGE_SIZE) {
		err = vm_insert_page(vma, addr, view->share[i]->grant->page);
		cond_resched();
	}
	if (err) {
		kref_put(&view->ref, view_release);
		return err;
	}
	vma->vm_private_data = view;
	vma->vm_ops = &view_vm_ops;
	return 0;
}

static int alloc_open(struct inode *inode, struct file *file)
{
	struct alloc_file *af = kzalloc(sizeof(*af), GFP_KERNEL);

	if (!af)
		return -ENOMEM;
	xa_init(&af->shares);
	file->private_data = af;
	return 0;
}

static int alloc_release(struct inode *inode, struct file *file)
{
	struct alloc_file *af = file->private_data;
	unsigned long index;
	struct share *sh;

	/* Every vma held the file: these are the last references. */
	mutex_lock(&alloc_lock);
	xa_for_each(&af->shares, index, sh) {
		kref_put(&sh->ref, share_release);
		cond_resched();
	}
	mutex_unlock(&alloc_lock);
	xa_destroy(&af->shares);
	kfree(af);
	return 0;
}

static const struct file_operations alloc_fops = {
	.owner = THIS_MODULE,
	.open = alloc_open,
	.release = alloc_release,
	.mmap = alloc_mmap,
	.unlocked_ioctl = alloc_ioctl,
};

static struct miscdevice alloc_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/gntalloc",
	.fops = &alloc_fops,
};

static int __init alloc_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	alloc_limit_init();
	return misc_register(&alloc_misc);
}
module_init(alloc_init);

static void __exit alloc_exit(void)
{
	misc_deregister(&alloc_misc);
	alloc_linger_exit();
}
module_exit(alloc_exit);

MODULE_DESCRIPTION("Pages shared with other domains: /dev/xen/gntalloc");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_IMPORT_NS(XEN_BACKENDS);
