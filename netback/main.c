// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* xen-netback: parameters, load, unload. */

#include <linux/cpumask.h>
#include <linux/module.h>
#include <xen/xen.h>

#include "netback.h"

#define QUEUES_DEFAULT 8
#define QUEUES_LIMIT 64
#define DRAIN_LIMIT 3600000

bool netback_separate_channels = true;
module_param_named(separate_tx_rx_irq, netback_separate_channels, bool, 0444);
MODULE_PARM_DESC(separate_tx_rx_irq,
		 "Offer a channel for each direction (default yes)");

unsigned int netback_max_queues;
module_param_named(max_queues, netback_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues,
		 "Most queues of a vif, 1 to 64 (default 0: one a CPU, to 8)");

unsigned int netback_fatal_slots = 20;
module_param_named(fatal_skb_slots, netback_fatal_slots, uint, 0444);
MODULE_PARM_DESC(fatal_skb_slots,
		 "Slots of a packet that disable a vif, 18 to 64 (default 20)");

unsigned int netback_drain_msecs = 10000;
module_param_named(rx_drain_timeout_msecs, netback_drain_msecs, uint, 0444);
MODULE_PARM_DESC(rx_drain_timeout_msecs,
		 "Packets wait so long for buffers, 1 to 3600000 (10000)");

static const struct xenbus_device_id netback_ids[] = { { "vif" }, { "" } };

static struct xbe_driver netback_driver = {
	.ops = &netback_ops,
	.ids = netback_ids,
};

static int __init check_range(const char *name, unsigned int value,
			      unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("%s is %u, allowed is %u to %u\n", name, value, min, max);
	return -EINVAL;
}

static int __init check_parameters(void)
{
	int err;

	err = check_range("max_queues", netback_max_queues, 0, QUEUES_LIMIT);
	if (err)
		return err;
	err = check_range("fatal_skb_slots", netback_fatal_slots,
			  NETBACK_LEGAL_SLOTS, NETBACK_MAX_SLOTS);
	if (err)
		return err;
	if (!netback_max_queues)
		netback_max_queues =
			min_t(unsigned int, QUEUES_DEFAULT, num_online_cpus());
	return check_range("rx_drain_timeout_msecs", netback_drain_msecs, 1,
			   DRAIN_LIMIT);
}

static int __init netback_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	err = check_parameters();
	if (err)
		return err;
	return xbe_register_driver(&netback_driver);
}

static void __exit netback_exit(void)
{
	xbe_unregister_driver(&netback_driver);
}

module_init(netback_init);
module_exit(netback_exit);

MODULE_DESCRIPTION("Xen network backend");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vif");
MODULE_IMPORT_NS(XEN_BACKENDS);
