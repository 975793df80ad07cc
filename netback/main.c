// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* xen-netback: parameters, load, unload. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <xen/xen.h>

#include "gntdev/param.h"
#include "netback.h"

#define QUEUES_DEFAULT 8
#define DRAIN_LIMIT 3600000
#define CACHE_LIMIT 65536

bool netback_separate_channels = true;
module_param_cb(separate_tx_rx_irq, &gnt_param_flag_ops,
		&netback_separate_channels, 0444);
MODULE_PARM_DESC(separate_tx_rx_irq,
		 "Offer a channel for each direction (default yes)");

bool netback_provides_headroom = true;
module_param_cb(provides_xdp_headroom, &gnt_param_flag_ops,
		&netback_provides_headroom, 0444);
MODULE_PARM_DESC(provides_xdp_headroom,
		 "Offer room for XDP in front of packets (default yes)");

unsigned int netback_max_queues;
static struct gnt_param max_queues = {
	.value = &netback_max_queues,
	.max = NETBACK_QUEUES_LIMIT,
};
module_param_cb(max_queues, &gnt_param_ops, &max_queues, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a vif, 1 to 64 (default 0: one a CPU, to 8)");

unsigned int netback_fatal_slots = 20;
static struct gnt_param fatal_slots = {
	.value = &netback_fatal_slots,
	.min = XEN_NETIF_NR_SLOTS_MIN,
	.max = NETBACK_MAX_SLOTS,
};
module_param_cb(fatal_skb_slots, &gnt_param_ops, &fatal_slots, 0444);
MODULE_PARM_DESC(fatal_skb_slots,
		 "A packet of more slots disables a vif, 18 to 64 (default 20)");

unsigned int netback_drain_msecs = 10000;
static struct gnt_param drain_msecs = {
	.value = &netback_drain_msecs,
	.min = 1,
	.max = DRAIN_LIMIT,
};
module_param_cb(rx_drain_timeout_msecs, &gnt_param_ops, &drain_msecs, 0444);
MODULE_PARM_DESC(rx_drain_timeout_msecs,
		 "Packets wait so long for buffers, 1 to 3600000 (10000)");

/* In-tree's: flows whose hash it keeps. Ours is as fast without keeping any. */
static unsigned int cache_size = 64;
static struct gnt_param hash_cache_size = {
	.value = &cache_size,
	.max = CACHE_LIMIT,
};
module_param_cb(hash_cache_size, &gnt_param_ops, &hash_cache_size, 0444);
MODULE_PARM_DESC(hash_cache_size,
		 "Without effect; known for those who set it, 0 to 65536 (64)");

unsigned int netback_stall_msecs = 60000;
static struct gnt_param stall_msecs = {
	.value = &netback_stall_msecs,
	.min = 1,
	.max = DRAIN_LIMIT,
};
module_param_cb(rx_stall_timeout_msecs, &gnt_param_ops, &stall_msecs, 0444);
MODULE_PARM_DESC(rx_stall_timeout_msecs,
		 "Without buffers for so long no carrier, 1 to 3600000 (60000)");

static const struct xenbus_device_id netback_ids[] = { { "vif" }, { "" } };

static struct xbe_driver netback_driver = {
	.ops = &netback_ops,
	.ids = netback_ids,
};

static int __init netback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (!netback_max_queues)
		netback_max_queues =
			min_t(unsigned int, QUEUES_DEFAULT, num_online_cpus());
	xbe_switch_add(&netback_timing_switch);
	err = xbe_register_driver(&netback_driver);
	if (err)
		xbe_switch_remove(&netback_timing_switch);
	return err;
}

static void __exit netback_exit(void)
{
	xbe_unregister_driver(&netback_driver);
	xbe_switch_remove(&netback_timing_switch);
}

module_init(netback_init);
module_exit(netback_exit);

MODULE_DESCRIPTION("Xen network backend");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vif");
MODULE_IMPORT_NS(XEN_BACKENDS);
