// SPDX-License-Identifier: GPL-2.0 OR MIT
/* xenbus-be: the base module of the suite. */

#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/module.h>
#include <xen/xen.h>

#include "gntdev/gntdev.h"
#include "internal.h"

static struct dentry *debugfs_root;

DEFINE_SHOW_ATTRIBUTE(gnt_counters);

/**
 * xbe_debugfs_dir() - where the suite's debugfs files are
 *
 * Context: any.
 * Return: the directory xen-backends, or an error pointer that debugfs takes
 * as a parent.
 */
struct dentry *xbe_debugfs_dir(void)
{
	return debugfs_root;
}
EXPORT_SYMBOL_NS_GPL(xbe_debugfs_dir, XEN_BACKENDS);

static int __init xbe_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	debugfs_root = debugfs_create_dir("xen-backends", NULL);
	debugfs_create_file("grants", 0444, debugfs_root, NULL,
			    &gnt_counters_fops);
	return 0;
}

static void __exit xbe_exit(void)
{
	debugfs_remove(debugfs_root);
}

module_init(xbe_init);
module_exit(xbe_exit);

MODULE_DESCRIPTION("Base of the Xen backends: life, rings, grants, channels");
MODULE_LICENSE("Dual MIT/GPL");
