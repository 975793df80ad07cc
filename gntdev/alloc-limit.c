// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* How much of the domain's grant table processes may use. */

#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <xen/xen.h>

#include "alloc.h"
#include "table.h"

/* More than is allowed, so that nobody has asked for it. */
#define NOT_GIVEN UINT_MAX

/*
 * Half of the table: the other half is for this domain's own frontends, for
 * drivers and for dma-bufs. What another domain keeps mapped after it was given
 * up is the kernel's, and is not counted.
 */
static unsigned int most_pages(void)
{
	return gnt_table_entries() / 2;
}

static int set_limit(const char *text, const struct kernel_param *kp)
{
	unsigned int value, most;

	/* There is no table to ask for, and alloc_init() refuses. */
	if (!xen_domain())
		return 0;
	most = most_pages();
	if (kstrtouint(text, 0, &value) || value > most) {
		pr_err("%s is \"%.*s\", allowed is 0 to %u, half of the grant table\n",
		       kp->name, (int)strcspn(text, "\n"), text, most);
		return -EINVAL;
	}
	WRITE_ONCE(*(unsigned int *)kp->arg, value);
	return 0;
}

static const struct kernel_param_ops limit_ops = {
	.set = set_limit,
	.get = param_get_uint,
};

static unsigned int limit = NOT_GIVEN;
module_param_cb(limit, &limit_ops, &limit, 0644);
MODULE_PARM_DESC(limit,
		 "most pages shared at a time, in all (half of the table)");

static unsigned int limit_per_file = NOT_GIVEN;
module_param_cb(limit_per_file, &limit_ops, &limit_per_file, 0644);
MODULE_PARM_DESC(limit_per_file,
		 "most pages shared at a time by one open file (a quarter)");

/**
 * alloc_limit_init() - choose the limits that were not given
 *
 * Context: a domain of Xen's, before any file is open.
 */
void alloc_limit_init(void)
{
	if (limit == NOT_GIVEN)
		limit = most_pages();
	if (limit_per_file == NOT_GIVEN)
		limit_per_file = most_pages() / 2;
}

/**
 * alloc_limit_total() - how many pages all open files may share together
 *
 * Context: any. It may be lowered at any time, below what is shared.
 * Return: pages, 0 to half of the entries of the grant table.
 */
unsigned int alloc_limit_total(void)
{
	return READ_ONCE(limit);
}

/**
 * alloc_limit_file() - how many pages an open file may share
 *
 * Context: any. It may be lowered at any time, below what is shared.
 * Return: pages, 0 to half of the entries of the grant table.
 */
unsigned int alloc_limit_file(void)
{
	return READ_ONCE(limit_per_file);
}
