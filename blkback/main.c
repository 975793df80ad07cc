// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* xen-blkback: parameters, load, unload. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <xen/xen.h>

#include "blkback.h"

/* blkif.h names no limit; this is far above what any frontend asks for. */
#define QUEUES_LIMIT 256

unsigned int blkback_max_ring_page_order = XENBUS_MAX_RING_GRANT_ORDER;
module_param_named(max_ring_page_order, blkback_max_ring_page_order, uint,
		   0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "Largest ring is of 2^N pages, N from 0 to 4 (default 4)");

/**
 * struct bounded - a parameter that can be changed at any time
 * @value: where it is
 * @max: the greatest it may be
 */
struct bounded {
	unsigned int *value;
	unsigned int max;
};

static int set_bounded(const char *text, const struct kernel_param *kp)
{
	const struct bounded *param = kp->arg;
	unsigned int value;

	if (kstrtouint(text, 0, &value) || value > param->max) {
		pr_err("%s is \"%.*s\", allowed is 0 to %u\n", kp->name,
		       (int)strcspn(text, "\n"), text, param->max);
		return -EINVAL;
	}
	WRITE_ONCE(*param->value, value);
	return 0;
}

static int get_bounded(char *buf, const struct kernel_param *kp)
{
	const struct bounded *param = kp->arg;

	return sysfs_emit(buf, "%u\n", READ_ONCE(*param->value));
}

static const struct kernel_param_ops bounded_ops = {
	.set = set_bounded,
	.get = get_bounded,
};

unsigned int blkback_max_queues;
static struct bounded max_queues = { &blkback_max_queues, QUEUES_LIMIT };
module_param_cb(max_queues, &bounded_ops, &max_queues, 0644);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a vbd, 1 to 256 (default 0: a queue a CPU)");

unsigned int blkback_max_persistent_grants = 1056;
static struct bounded max_persistent_grants = { &blkback_max_persistent_grants,
						65536 };
module_param_cb(max_persistent_grants, &bounded_ops, &max_persistent_grants,
		0644);
MODULE_PARM_DESC(max_persistent_grants,
		 "Grants a ring keeps mapped, 0 to 65536 (default 1056)");

unsigned int blkback_unused_seconds = 60;
static struct bounded unused_seconds = { &blkback_unused_seconds, 86400 };
module_param_cb(persistent_grant_unused_seconds, &bounded_ops, &unused_seconds,
		0644);
MODULE_PARM_DESC(persistent_grant_unused_seconds,
		 "Unused grants go after 0 (never) to 86400 s (default 60)");

unsigned int blkback_max_buffer_pages = 1024;
static struct bounded max_buffer_pages = { &blkback_max_buffer_pages, 1048576 };
module_param_cb(max_buffer_pages, &bounded_ops, &max_buffer_pages, 0644);
MODULE_PARM_DESC(max_buffer_pages,
		 "Idle pages kept for grants, 0 to 1048576 (default 1024)");

unsigned int blkback_squeeze_ms = 10;
static struct bounded squeeze_ms = { &blkback_squeeze_ms, 60000 };
module_param_cb(buffer_squeeze_duration_ms, &bounded_ops, &squeeze_ms, 0644);
MODULE_PARM_DESC(buffer_squeeze_duration_ms,
		 "No idle page is kept so long after memory was short");

unsigned int blkback_log_stats;
static struct bounded log_stats = { &blkback_log_stats, 1 };
module_param_cb(log_stats, &bounded_ops, &log_stats, 0644);
MODULE_PARM_DESC(log_stats, "Log each busy ring's counters every 10 s, 0 or 1");

bool blkback_feature_persistent = true;
module_param_named(feature_persistent, blkback_feature_persistent, bool, 0644);
MODULE_PARM_DESC(feature_persistent,
		 "Offer persistent grants to vbds to come (default Y)");

bool blkback_emulate_512;
module_param_named(emulate_512, blkback_emulate_512, bool, 0644);
MODULE_PARM_DESC(emulate_512,
		 "Vbds to come have blocks of 512 bytes (default N)");

static const struct xenbus_device_id blkback_ids[] = { { "vbd" }, { "" } };

static struct xbe_driver blkback_driver = {
	.ops = &blkback_ops,
	.ids = blkback_ids,
};

static int __init check_parameters(void)
{
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
	blkback_pages_init();
	err = blkback_watch_init();
	if (err)
		return err;
	blkback_latency_init();
	err = xbe_register_driver(&blkback_driver);
	if (err) {
		blkback_latency_exit();
		blkback_watch_exit();
	}
	return err;
}

static void __exit blkback_exit(void)
{
	xbe_unregister_driver(&blkback_driver);
	blkback_latency_exit();
	blkback_watch_exit();
	blkback_pages_shrink(0);
}

module_init(blkback_init);
module_exit(blkback_exit);

MODULE_DESCRIPTION("Xen block device backend");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vbd");
MODULE_IMPORT_NS(XEN_BACKENDS);
