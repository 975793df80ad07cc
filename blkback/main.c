// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* xen-blkback: parameters, load, unload. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <xen/xen.h>

#include "blkback.h"

/* blkif.h names no limit; this is far above what any frontend asks for. */
#define QUEUES_LIMIT 256

unsigned int blkback_max_queues;
module_param_named(max_queues, blkback_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a vbd, 1 to 256 (default 0: a queue a CPU)");

unsigned int blkback_max_ring_page_order = XENBUS_MAX_RING_GRANT_ORDER;
module_param_named(max_ring_page_order, blkback_max_ring_page_order, uint,
		   0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "Largest ring is of 2^N pages, N from 0 to 4 (default 4)");

static const struct xenbus_device_id blkback_ids[] = { { "vbd" }, { "" } };

static struct xbe_driver blkback_driver = {
	.ops = &blkback_ops,
	.ids = blkback_ids,
};

static int __init check_parameters(void)
{
	if (blkback_max_queues > QUEUES_LIMIT) {
		pr_err("max_queues is %u, allowed is 0 to %u\n",
		       blkback_max_queues, QUEUES_LIMIT);
		return -EINVAL;
	}
	if (blkback_max_ring_page_order > XENBUS_MAX_RING_GRANT_ORDER) {
		pr_err("max_ring_page_order is %u, allowed is 0 to %u\n",
		       blkback_max_ring_page_order,
		       XENBUS_MAX_RING_GRANT_ORDER);
		return -EINVAL;
	}
	if (!blkback_max_queues)
		blkback_max_queues = num_online_cpus();
	return 0;
}

static int __init blkback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	err = check_parameters();
	if (err)
		return err;
	return xbe_register_driver(&blkback_driver);
}

static void __exit blkback_exit(void)
{
	xbe_unregister_driver(&blkback_driver);
}

module_init(blkback_init);
module_exit(blkback_exit);

MODULE_DESCRIPTION("Xen block device backend");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vbd");
MODULE_IMPORT_NS(XEN_BACKENDS);
