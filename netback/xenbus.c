// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A vif as a backend device: what it advertises, what it reads, its life. */

#include <linux/kobject.h>
#include <linux/slab.h>

#include "netback.h"

static int advertise(struct xbe_device *xbe, unsigned int max_queues,
		     bool headroom)
{
	const struct xbe_node nodes[] = {
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", 1 },
		{ "feature-gso-tcpv6", 1 },
		{ "feature-ipv6-csum-offload", 1 },
		{ "feature-rx-copy", 1 },
		{ "feature-rx-flip", 0 },
		{ "feature-split-event-channels", netback_separate_channels },
		{ "multi-queue-max-queues", max_queues },
		{ "feature-ctrl-ring", 1 },
		{ "feature-multicast-control", 1 },
		{ "feature-dynamic-multicast-control", 1 },
		{ "feature-xdp-headroom", headroom },
	};

	return xbe_advertise(xbe, nodes, ARRAY_SIZE(nodes));
}

static int read_handle(struct xbe_device *xbe, unsigned int *handle)
{
	int n = xenbus_scanf(XBT_NIL, xbe->xdev->nodename, "handle", "%u",
			     handle);

	if (n == 1)
		return 0;
	xbe_error(xbe, -EINVAL, "%s/handle is missing or not a number",
		  xbe->xdev->nodename);
	return -EINVAL;
}

/* The net device is there before InitWait tells the toolstack to look for it. */
static int vif_probe(struct xbe_device *xbe)
{
	unsigned int max_queues = xbe_told(xbe, "multi-queue-max-queues",
					   netback_max_queues,
					   NETBACK_QUEUES_LIMIT);
	bool headroom = xbe_told(xbe, "feature-xdp-headroom",
				 netback_provides_headroom, 1);
	struct netback_vif *vif;
	unsigned int handle;
	int err;

	err = read_handle(xbe, &handle);
	if (err)
		return err;
	err = advertise(xbe, max_queues, headroom);
	if (err)
		return err;
	vif = netback_vif_create(xbe, handle, max_queues);
	if (IS_ERR(vif))
		return PTR_ERR(vif);
	vif->headroom.offered = headroom;
	xbe->priv = vif;
	xbe_set_child(xbe, &vif->dev->dev);
	kobject_uevent(&xbe->xdev->dev.kobj, KOBJ_ONLINE);
	return 0;
}

/* The hotplug script has put the net device where it belongs. */
static int vif_resource(struct xbe_device *xbe)
{
	char *status = xenbus_read(XBT_NIL, xbe->xdev->nodename,
				   "hotplug-status", NULL);
	int ready;

	if (IS_ERR(status))
		return 0;
	ready = !strcmp(status, "connected");
	kfree(status);
	return ready;
}

/**
 * struct front_keys - what a frontend says of itself
 * @nr_queues: pairs of rings
 * @features: what it can receive
 */
struct front_keys {
	u32 nr_queues;
	struct netback_features features;
};

/* Any number but 0 is a yes, as in the in-tree driver. */
#define FLAG(_name, _field, _def)                               \
	{                                                       \
		.name = (_name), .max = U32_MAX, .def = (_def), \
		.offset = offsetof(struct front_keys, _field),  \
	}

static int read_front_keys(struct xbe_device *xbe, struct front_keys *front)
{
	const struct netback_vif *vif = xbe->priv;
	const struct xbe_key keys[] = {
		{
			.name = "multi-queue-num-queues",
			.min = 1,
			.max = vif->max_queues,
			.def = 1,
			.offset = offsetof(struct front_keys, nr_queues),
		},
		FLAG("feature-sg", features.sg, 0),
		FLAG("feature-gso-tcpv4", features.gso_tcpv4, 0),
		FLAG("feature-gso-tcpv6", features.gso_tcpv6, 0),
		FLAG("feature-no-csum-offload", features.no_csum, 0),
		FLAG("feature-ipv6-csum-offload", features.ipv6_csum, 0),
		FLAG("feature-rx-notify", features.rx_notify, 0),
	};

	return xbe_read_keys(xbe, NULL, keys, ARRAY_SIZE(keys), front);
}

static int vif_connect(struct xbe_device *xbe)
{
	struct netback_vif *vif = xbe->priv;
	struct front_keys front;
	int err;

	err = read_front_keys(xbe, &front);
	if (err)
		return err;
	vif->features = front.features;
	netback_rate_read(vif);
	netback_headroom_start(vif);
	return netback_vif_connect(vif, front.nr_queues);
}

static void vif_disconnect(struct xbe_device *xbe)
{
	netback_vif_disconnect(xbe->priv);
}

static void vif_fault(struct xbe_device *xbe)
{
	netback_vif_disable(xbe->priv);
}

static void vif_remove(struct xbe_device *xbe)
{
	kobject_uevent(&xbe->xdev->dev.kobj, KOBJ_OFFLINE);
	netback_vif_destroy(xbe->priv);
	xbe->priv = NULL;
}

/*
 * Asked at any time, while bound or not: it looks at xenstore and not at
 * the vif, whose net device has the name that the handle gives it.
 */
static int vif_uevent(const struct xenbus_device *xdev,
		      struct kobj_uevent_env *env)
{
	unsigned int handle;
	char *script;
	int err;

	script = xenbus_read(XBT_NIL, xdev->nodename, "script", NULL);
	if (!IS_ERR(script)) {
		err = add_uevent_var(env, "script=%s", script);
		kfree(script);
		if (err)
			return err;
	}
	if (xenbus_scanf(XBT_NIL, xdev->nodename, "handle", "%u", &handle) != 1)
		return 0;
	return add_uevent_var(env, "vif=vif%u.%u", xdev->otherend_id, handle);
}

static void vif_key_changed(struct xbe_device *xbe)
{
	struct netback_vif *vif = xbe->priv;

	netback_rate_read(vif);
	if (!vif->connected)
		return;
	netback_pin_changed(vif);
	netback_mcast_read(&vif->mcast, xbe);
	netback_link_tell(vif);
}

static void vif_reconfigure(struct xbe_device *xbe)
{
	netback_headroom_read(xbe->priv);
}

static const struct xbe_watch_desc watches[] = {
	{ "hotplug-status" },
	{ "rate", .optional = true },
	{ "xdp-pin", .optional = true },
	{ "request-multicast-control", .frontend = true, .optional = true },
};

const struct xbe_ops netback_ops = {
	.watches = watches,
	.nr_watches = ARRAY_SIZE(watches),
	.probe = vif_probe,
	.resource = vif_resource,
	.connect = vif_connect,
	.slow_drain = true,
	.has_child = true,
	.key_changed = vif_key_changed,
	.reconfigure = vif_reconfigure,
	.fault = vif_fault,
	.disconnect = vif_disconnect,
	.remove = vif_remove,
	.uevent = vif_uevent,
};
