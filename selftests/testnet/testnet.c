// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Somebody in the kernel who holds on to a net device: while its name stands in the
 * parameter "hold" the device cannot be freed, and who unregisters it waits.
 */

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/string.h>

static DEFINE_MUTEX(held_lock);
static struct net_device *held; /* under held_lock */

static void hold(struct net_device *dev)
{
	mutex_lock(&held_lock);
	swap(held, dev);
	mutex_unlock(&held_lock);
	dev_put(dev);
}

static int set_hold(const char *text, const struct kernel_param *param)
{
	struct net_device *dev = NULL;
	char name[IFNAMSIZ];

	strscpy(name, text, sizeof(name));
	strim(name);
	if (*name) {
		dev = dev_get_by_name(&init_net, name);
		if (!dev) {
			pr_err("testnet: hold is \"%s\", no net device\n",
			       name);
			return -ENODEV;
		}
	}
	hold(dev);
	return 0;
}

static const struct kernel_param_ops hold_ops = { .set = set_hold };
module_param_cb(hold, &hold_ops, NULL, 0200);
MODULE_PARM_DESC(hold, "Name of the net device; empty: none any more");

static void __exit testnet_exit(void)
{
	hold(NULL);
}

module_exit(testnet_exit);

MODULE_DESCRIPTION("Holds on to a net device");
MODULE_LICENSE("Dual MIT/GPL");
