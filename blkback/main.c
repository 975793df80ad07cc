// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* xen-blkback: parameters, load, unload. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <xen/xen.h>

#include "gntdev/param.h"
#include "blkback.h"

unsigned int blkback_max_ring_page_order = XENBUS_MAX_RING_GRANT_ORDER;
static struct gnt_param max_ring_page_order = {
	.value = &blkback_max_ring_page_order,
	.max = XENBUS_MAX_RING_GRANT_ORDER,
};
module_param_cb(max_ring_page_order, &gnt_param_ops, &max_ring_page_order,
		0444);
MODULE_PARM_DESC(max_ring_page_order,
		 "Largest ring is of 2^N pages, N from 0 to 4 (default 4)");

unsigned int blkback_max_queues;
static struct gnt_param max_queues = {
	.value = &blkback_max_queues,
	.max = BLKBACK_QUEUES_LIMIT,
};
module_param_cb(max_queues, &gnt_param_ops, &max_queues, 0644);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a vbd, 1 to 256 (default 0: a queue a CPU)");

unsigned int blkback_max_persistent_grants = 1056;
static struct gnt_param max_persistent_grants = {
	.value = &blkback_max_persistent_grants,
	.max = 65536,
};
module_param_cb(max_persistent_grants, &gnt_param_ops, &max_persistent_grants,
		0644);
MODULE_PARM_DESC(max_persistent_grants,
		 "Grants a ring keeps mapped, 0 to 65536 (default 1056)");

/* Three quarters of what Xen lets a domain map, unless it is told otherwise. */
unsigned int blkback_max_kept_grants = 196608;
static struct gnt_param max_kept_grants = {
	.value = &blkback_max_kept_grants,
	.max = 16777216,
};
module_param_cb(max_kept_grants, &gnt_param_ops, &max_kept_grants, 0644);
MODULE_PARM_DESC(max_kept_grants,
		 "Grants all rings keep, 0 to 16777216 (default 196608)");

unsigned int blkback_unused_seconds = 60;
static struct gnt_param unused_seconds = {
	.value = &blkback_unused_seconds,
	.max = 86400,
};
module_param_cb(persistent_grant_unused_seconds, &gnt_param_ops,
		&unused_seconds, 0644);
MODULE_PARM_DESC(persistent_grant_unused_seconds,
		 "Unused grants go after 0 (never) to 86400 s (default 60)");

unsigned int blkback_max_buffer_pages = 1024;
static struct gnt_param max_buffer_pages = {
	.value = &blkback_max_buffer_pages,
	.max = 1048576,
};
module_param_cb(max_buffer_pages, &gnt_param_ops, &max_buffer_pages, 0644);
MODULE_PARM_DESC(max_buffer_pages,
		 "Idle pages kept for grants, 0 to 1048576 (default 1024)");

unsigned int blkback_squeeze_ms = 10;
static struct gnt_param squeeze_ms = {
	.value = &blkback_squeeze_ms,
	.max = 60000,
};
module_param_cb(buffer_squeeze_duration_ms, &gnt_param_ops, &squeeze_ms, 0644);
MODULE_PARM_DESC(buffer_squeeze_duration_ms,
		 "No idle page is kept so long after memory was short");

unsigned int blkback_log_stats;
static struct gnt_param log_stats = {
	.value = &blkback_log_stats,
	.max = 1,
};
module_param_cb(log_stats, &gnt_param_ops, &log_stats, 0644);
MODULE_PARM_DESC(log_stats, "Log each busy ring's counters every 10 s, 0 or 1");

bool blkback_feature_persistent = true;
module_param_cb(feature_persistent, &gnt_param_flag_ops,
		&blkback_feature_persistent, 0644);
MODULE_PARM_DESC(feature_persistent,
		 "Offer persistent grants to vbds to come (default Y)");

bool blkback_emulate_512;
module_param_cb(emulate_512, &gnt_param_flag_ops, &blkback_emulate_512, 0644);
MODULE_PARM_DESC(emulate_512,
		 "Vbds to come have blocks of 512 bytes (default N)");

static const struct xenbus_device_id blkback_ids[] = { { "vbd" }, { "" } };

static struct xbe_driver blkback_driver = {
	.ops = &blkback_ops,
	.ids = blkback_ids,
};

static int __init blkback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!blkback_max_queues)
		blkback_max_queues = num_online_cpus();
	blkback_pages_init();
	err = blkback_watch_init();
	if (err)
		return err;
	err = blkback_flush_init();
	if (err)
		goto exit_watch;
	xbe_switch_add(&blkback_latency_switch);
	err = xbe_register_driver(&blkback_driver);
	if (!err)
		return 0;
	xbe_switch_remove(&blkback_latency_switch);
	blkback_flush_exit();
exit_watch:
	blkback_watch_exit();
	return err;
}

static void __exit blkback_exit(void)
{
	xbe_unregister_driver(&blkback_driver);
	xbe_switch_remove(&blkback_latency_switch);
	blkback_flush_exit();
	blkback_watch_exit();
	blkback_pages_shrink(0);
}

module_init(blkback_init);
module_exit(blkback_exit);

MODULE_DESCRIPTION("Xen block device backend");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vbd");
MODULE_IMPORT_NS(XEN_BACKENDS);
