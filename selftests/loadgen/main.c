// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The module: its parameters, its two drivers, what they are made of. */

#include <linux/module.h>
#include <xen/xen.h>

#include "blk.h"
#include "loadgen.h"
#include "net.h"

bool lg_persistent = true;
module_param_named(persistent, lg_persistent, bool, 0444);
MODULE_PARM_DESC(persistent,
		 "Let vbds keep our pages mapped when they offer it");

unsigned int lg_ring_order;
module_param_named(ring_order, lg_ring_order, uint, 0444);
MODULE_PARM_DESC(ring_order, "Pages of a vbd's ring, as a power of two: 0-4");

static const struct lg_type vbd_type = {
	.name = "vbd",
	.number_key = "virtual-device",
	.offered = XenbusStateInitialised,
	.offer = lg_blk_offer,
	.connected = lg_blk_connected,
	.release = lg_blk_release,
	.up = lg_run_add,
	.down = lg_run_remove,
	.run = lg_blk_run,
};

static const struct lg_type vif_type = {
	.name = "vif",
	.number_key = "handle",
	.offered = XenbusStateConnected,
	.has_packets = true,
	.offer = lg_net_offer,
	.connected = lg_net_connected,
	.release = lg_net_release,
	.up = lg_run_add,
	.down = lg_run_remove,
	.run = lg_net_run,
};

static int vbd_probe(struct xenbus_device *xdev,
		     const struct xenbus_device_id *id)
{
	return PTR_ERR_OR_ZERO(lg_probe(xdev, &vbd_type));
}

static int vif_probe(struct xenbus_device *xdev,
		     const struct xenbus_device_id *id)
{
	return PTR_ERR_OR_ZERO(lg_probe(xdev, &vif_type));
}

static const struct xenbus_device_id vbd_ids[] = { { "vbd" }, { "" } };
static const struct xenbus_device_id vif_ids[] = { { "vif" }, { "" } };

/* Not essential: who loads this need not wait minutes for a bad backend. */
static struct xenbus_driver vbd_driver = {
	.name = "loadgen-vbd",
	.ids = vbd_ids,
	.allow_rebind = true,
	.not_essential = true,
	.probe = vbd_probe,
	.otherend_changed = lg_otherend_changed,
	.remove = lg_remove,
	.is_ready = lg_is_ready,
};

static struct xenbus_driver vif_driver = {
	.name = "loadgen-vif",
	.ids = vif_ids,
	.allow_rebind = true,
	.not_essential = true,
	.probe = vif_probe,
	.otherend_changed = lg_otherend_changed,
	.remove = lg_remove,
	.is_ready = lg_is_ready,
};

static int __init lg_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	if (lg_ring_order > XENBUS_MAX_RING_GRANT_ORDER) {
		pr_err("xen-loadgen: ring_order is %u, allowed is 0 to %u\n",
		       lg_ring_order, XENBUS_MAX_RING_GRANT_ORDER);
		return -EINVAL;
	}
	err = lg_run_init();
	if (err)
		return err;
	err = xenbus_register_frontend(&vbd_driver);
	if (err)
		goto exit_run;
	err = xenbus_register_frontend(&vif_driver);
	if (err)
		goto unregister_vbd;
	return 0;

unregister_vbd:
	xenbus_unregister_driver(&vbd_driver);
exit_run:
	lg_run_exit();
	return err;
}
module_init(lg_init);

static void __exit lg_exit(void)
{
	xenbus_unregister_driver(&vif_driver);
	xenbus_unregister_driver(&vbd_driver);
	lg_run_exit();
}
module_exit(lg_exit);

MODULE_DESCRIPTION("Xen frontends that load backends");
MODULE_LICENSE("Dual MIT/GPL");
