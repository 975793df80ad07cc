/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Private to /dev/xen/gntalloc.
 *
 * alloc.c:       the device
 * alloc-limit.c: alloc_limit_init() alloc_limit_total() alloc_limit_file()
 */
#ifndef XEN_BACKENDS_GNTDEV_ALLOC_H
#define XEN_BACKENDS_GNTDEV_ALLOC_H

void alloc_limit_init(void);
unsigned int alloc_limit_total(void);
unsigned int alloc_limit_file(void);

#endif
