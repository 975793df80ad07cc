// SPDX-License-Identifier: GPL-2.0 OR MIT
/* How much of the domain's grant table processes may use. */

#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <xen/xen.h>

#include "alloc.h"
#include "param.h"
#include "table.h"

/* More than there can be, so that nobody has asked for it. */
#define NOT_GIVEN UINT_MAX

/*
 * Half of the table: the other half is for this domain's own frontends, for
 * drivers and for dma-bufs.
 */
static unsigned int most_pages(void)
{
	/* Elsewhere there is no table to ask for, and alloc_init() refuses. */
	return xen_domain() ? gnt_table_entries() / 2 : 0;
}

/* most_pages(), asked for once. */
static unsigned int half_of_table;

static unsigned int limit = NOT_GIVEN;
static struct gnt_param limit_param = {
	.value = &limit,
	.most = most_pages,
	.in_force = alloc_limit_total,
};
module_param_cb(limit, &gnt_param_ops, &limit_param, 0644);
MODULE_PARM_DESC(limit,
		 "most pages shared at a time, in all (half of the table)");

static unsigned int limit_per_file = NOT_GIVEN;
static struct gnt_param limit_per_file_param = {
	.value = &limit_per_file,
	.most = most_pages,
	.in_force = alloc_limit_file,
};
module_param_cb(limit_per_file, &gnt_param_ops, &limit_per_file_param, 0644);
MODULE_PARM_DESC(limit_per_file,
		 "most pages of one open file (limit, if given, or a quarter)");

/**
 * alloc_limit_init() - learn what the limits are that are not given
 *
 * Context: a domain of Xen's, before any file is open.
 */
void alloc_limit_init(void)
{
	half_of_table = most_pages();
}

/**
 * alloc_limit_total() - how many pages all open files may share together
 *
 * Pages that were given up and are mapped still are among them.
 *
 * Context: any. It may be lowered at any time, below what is shared.
 * Return: pages, 0 to half of the entries of the grant table.
 */
unsigned int alloc_limit_total(void)
{
	unsigned int given = READ_ONCE(limit);

	return given == NOT_GIVEN ? half_of_table : given;
}

/**
 * alloc_limit_file() - how many pages an open file may share
 *
 * In-tree has one limit only: who writes that one means it for the one file that he
 * has, as the display of a domain does.
 *
 * Context: any. It may be lowered at any time, below what is shared.
 * Return: pages, 0 to half of the entries of the grant table.
 */
unsigned int alloc_limit_file(void)
{
	unsigned int given = READ_ONCE(limit_per_file);

	if (given == NOT_GIVEN)
		given = READ_ONCE(limit);
	return given == NOT_GIVEN ? half_of_table / 2 : given;
}
