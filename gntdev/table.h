/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* How large the domain's own grant table can be. */
#ifndef XEN_BACKENDS_GNTDEV_TABLE_H
#define XEN_BACKENDS_GNTDEV_TABLE_H

#include <asm/xen/hypercall.h>
#include <xen/grant_table.h>
#include <xen/interface/grant_table.h>
#include <xen/page.h>

/**
 * gnt_table_entries() - the most entries that the domain's grant table can have
 *
 * Linux uses the larger entries of version 2 on hosts with more than 16 TiB of
 * addresses, or when told to by a parameter of its own
 * (drivers/xen/grant-table.c). Xen knows which.
 *
 * Context: any, in a domain of Xen's.
 * Return: entries of this domain.
 */
static inline unsigned int gnt_table_entries(void)
{
	struct gnttab_get_version get = { .dom = DOMID_SELF };
	unsigned int size = sizeof(struct grant_entry_v1);

	if (!HYPERVISOR_grant_table_op(GNTTABOP_get_version, &get, 1) &&
	    get.version == 2)
		size = sizeof(union grant_entry_v2);
	return gnttab_max_grant_frames() * (XEN_PAGE_SIZE / size);
}

#endif
