/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Private to /dev/xen/gntalloc.
 *
 * alloc.c:        the device
 * alloc-limit.c:  alloc_limit_init() alloc_limit_total() alloc_limit_file()
 * alloc-linger.c: alloc_grant_create() alloc_grant_put() alloc_linger_room()
 *                 alloc_linger_exit()
 */
#ifndef XEN_BACKENDS_GNTDEV_ALLOC_H
#define XEN_BACKENDS_GNTDEV_ALLOC_H

#include <linux/list.h>
#include <linux/types.h>
#include <xen/grant_table.h>

struct alloc_peer;
struct page;

/**
 * struct alloc_grant - a page that is granted to another domain
 * @node: among those given up and still mapped, of all domains
 * @of_peer: the same, of @peer's
 * @peer: the domain
 * @page: the page
 * @ref: its grant
 * @looks: how often it was found mapped since it was given up
 */
struct alloc_grant {
	struct list_head node;
	struct list_head of_peer;
	struct alloc_peer *peer;
	struct page *page;
	grant_ref_t ref;
	unsigned int looks;
};

void alloc_limit_init(void);
unsigned int alloc_limit_total(void);
unsigned int alloc_limit_file(void);

struct alloc_grant *alloc_grant_create(domid_t domid, bool readonly);
void alloc_grant_put(struct alloc_grant *grant);
bool alloc_linger_room(domid_t domid, unsigned int count, unsigned int shared,
		       unsigned int limit);
void alloc_linger_exit(void);

#endif
