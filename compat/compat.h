/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Every difference between kernel versions, and nothing else. Force-included
 * before each source file, so that no product source tests a version. It
 * includes nothing of the kernel's: what it names is there where it is used.
 */
#ifndef XEN_BACKENDS_COMPAT_H
#define XEN_BACKENDS_COMPAT_H

#include <linux/version.h>

/* 6.3: the device given to a uevent callback is const. */
#if KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
#define compat_uevent_const const
#else
#define compat_uevent_const
#endif

/* 6.6: the page pool has a folder of its own. */
#if KERNEL_VERSION(6, 6, 0) <= LINUX_VERSION_CODE
#define COMPAT_PAGE_POOL_H "net/page_pool/helpers.h"
#else
#define COMPAT_PAGE_POOL_H "net/page_pool.h"
#endif

/* 6.7: any page pool may give parts of pages. */
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
#define COMPAT_PAGE_POOL_PARTS 0
#define compat_page_pool_whole(page) ((void)(page))
#else
#define COMPAT_PAGE_POOL_PARTS PP_FLAG_PAGE_FRAG
/* There a whole page of such a pool is a page of one part. */
#define compat_page_pool_whole(page) page_pool_fragment_page(page, 1)
#endif

/* 6.5: what segments packets has a header of its own. */
#if KERNEL_VERSION(6, 5, 0) <= LINUX_VERSION_CODE
#define COMPAT_GSO_H "net/gso.h"
#else
#define COMPAT_GSO_H "linux/netdevice.h"
#endif

/* 6.3: a net device says what it can do with XDP; programs are made for one. */
#if KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
#define compat_xdp_offer(dev)                            \
	((dev)->xdp_features = NETDEV_XDP_ACT_BASIC |    \
			       NETDEV_XDP_ACT_REDIRECT | \
			       NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG)
#define compat_prog_is_bound(prog) ((prog)->aux->dev_bound)
#else
#define compat_xdp_offer(dev) ((void)(dev))
#define compat_prog_is_bound(prog) ((prog)->aux->offload_requested)
#endif

/*
 * 6.9: block devices are opened as files. A handle is what opening gives or an
 * error pointer, and what closing wants. A thread of the kernel that just puts
 * a file has it closed some time later; the device must be free at once.
 */
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
#define compat_disk_mode(writable) \
	(BLK_OPEN_READ | ((writable) ? BLK_OPEN_WRITE : 0))
#define compat_disk_open(dev, writable) \
	bdev_file_open_by_dev(dev, compat_disk_mode(writable), NULL, NULL)
#define compat_disk_close(handle, writable) \
	((void)(writable), __fput_sync(handle))
#define compat_disk_bdev(handle) file_bdev(handle)
#define compat_disk_pages(handle) ((handle)->f_mapping)
#define compat_disk_handle struct file
#else
#define compat_disk_mode(writable) (FMODE_READ | ((writable) ? FMODE_WRITE : 0))
#define compat_disk_open(dev, writable) \
	blkdev_get_by_dev(dev, compat_disk_mode(writable), NULL)
#define compat_disk_close(handle, writable) \
	blkdev_put(handle, compat_disk_mode(writable))
#define compat_disk_bdev(handle) (handle)
#define compat_disk_pages(handle) ((handle)->bd_inode->i_mapping)
#define compat_disk_handle struct block_device
#endif

/* 6.7: a policy also tells where interleaving begins, at 0 if nothing is said. */
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
#define compat_get_policy_args \
	struct vm_area_struct *vma, unsigned long addr, pgoff_t *interleave
#else
#define compat_get_policy_args struct vm_area_struct *vma, unsigned long addr
#endif

/* 6.3 write-locks the vma when its flags change. */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#define vm_flags_set(vma, flags) ((vma)->vm_flags |= (flags))
#define vm_flags_clear(vma, flags) ((vma)->vm_flags &= ~(flags))
#endif

/* 6.4: workers of vhost are threads of its process. */
#if KERNEL_VERSION(6, 4, 0) <= LINUX_VERSION_CODE
#define COMPAT_PF_WORKER (PF_KTHREAD | PF_USER_WORKER)
#else
#define COMPAT_PF_WORKER PF_KTHREAD
#endif

/* 6.6 has ports that outlive their binding. */
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
#define compat_evtchn_make_refcounted(port, is_static) \
	((void)(is_static), evtchn_make_refcounted(port))
#else
#define compat_evtchn_make_refcounted(port, is_static) \
	evtchn_make_refcounted(port, is_static)
#endif

#endif
