/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Every difference between kernel versions, and nothing else. Force-included
 * before each source file, so that no product source tests a version.
 */
#ifndef XEN_BACKENDS_COMPAT_H
#define XEN_BACKENDS_COMPAT_H

#include <linux/version.h>

/*
 * Macros, because this header comes before any other: an inline function
 * would need headers that must not come before a source's pr_fmt.
 */

/* 6.3 write-locks the vma when its flags change. */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#define vm_flags_set(vma, flags) ((vma)->vm_flags |= (flags))
#define vm_flags_clear(vma, flags) ((vma)->vm_flags &= ~(flags))
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
