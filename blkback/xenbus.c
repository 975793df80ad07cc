// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A vbd as a backend device: what it advertises, what it reads, its life. */

#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "blkback.h"

/**
 * struct front_keys - what a frontend says of itself
 * @nr_queues: rings
 * @protocol: enum blkback_abi
 * @persistent: it uses the same grants again and again
 */
struct front_keys {
	u32 nr_queues;
	u32 protocol;
	u32 persistent;
};

/* The words of xen/interface/io/protocols.h. Without one it is our own. */
static const struct xbe_choice protocols[] = {
	{ "x86_64-abi", BLKBACK_ABI_64 },
	{ "x86_32-abi", BLKBACK_ABI_32 },
	{ "arm-abi", BLKBACK_ABI_64 },
	{},
};

static int read_front_keys(struct blkback_vbd *vbd, struct front_keys *front)
{
	const struct xbe_key keys[] = {
		{
			.name = "multi-queue-num-queues",
			.min = 1,
			.max = vbd->max_queues,
			.def = 1,
			.offset = offsetof(struct front_keys, nr_queues),
		},
		{
			.name = "protocol",
			.choices = protocols,
			.def = BLKBACK_ABI_64,
			.offset = offsetof(struct front_keys, protocol),
		},
		{
			.name = "feature-persistent",
			/* As in-tree has it: any but 0. */
			.max = U32_MAX,
			.offset = offsetof(struct front_keys, persistent),
		},
	};

	return xbe_read_keys(vbd->xbe, NULL, keys, ARRAY_SIZE(keys), front);
}

/*
 * ~0 stands for a missing node. Frontends older than "ring-page-order" say how
 * many pages with "num-ring-pages"; without either the ring is one page, named
 * "ring-ref".
 */
static int read_order(struct blkback_vbd *vbd, struct blkback_ring_keys *keys)
{
	const struct xbe_key order = {
		.name = "ring-page-order",
		.max = vbd->max_order,
		.def = ~0u,
	};
	const struct xbe_key number = {
		.name = "num-ring-pages",
		.min = 1,
		.max = 1 << vbd->max_order,
		.def = 1,
	};
	u32 pages;
	int err;

	err = xbe_read_keys(vbd->xbe, NULL, &order, 1, &keys->order);
	if (err)
		return err;
	keys->numbered = keys->order != ~0u;
	if (keys->numbered)
		return 0;
	err = xbe_read_keys(vbd->xbe, NULL, &number, 1, &pages);
	if (err)
		return err;
	if (!is_power_of_2(pages)) {
		xbe_error(vbd->xbe, -EINVAL,
			  "num-ring-pages is %u, allowed is a power of 2 to %u",
			  pages, number.max);
		return -EINVAL;
	}
	keys->order = ilog2(pages);
	keys->numbered = pages > 1;
	return 0;
}

/*
 * The thread is named as in-tree names it, "<domid>.<device>-<queue>": people
 * and scripts look for it in ps.
 */
static void name_ring(struct blkback_ring *ring)
{
	struct xbe_device *xbe = ring->vbd->xbe;
	char *dev = xenbus_read(XBT_NIL, xbe->xdev->nodename, "dev", NULL);

	snprintf(ring->name, sizeof(ring->name), "%u.%.16s-%u", xbe->domid,
		 IS_ERR_OR_NULL(dev) ? "vbd" : kbasename(dev), ring->index);
	if (!IS_ERR(dev))
		kfree(dev);
	/* It becomes a folder of /proc/irq. */
	strreplace(ring->name, '/', '!');
}

static int read_rings(struct blkback_vbd *vbd,
		      const struct blkback_ring_keys *keys)
{
	char subdir[sizeof("queue-") + 10];
	unsigned int i;
	int err = 0;

	for (i = 0; i < vbd->nr_rings && !err; i++) {
		struct blkback_ring *ring = &vbd->rings[i];

		ring->vbd = vbd;
		ring->index = i;
		name_ring(ring);
		snprintf(subdir, sizeof(subdir), "queue-%u", i);
		/* blkif.h: a single queue has its keys at the top level. */
		err = blkback_ring_read(ring, keys,
					vbd->nr_rings > 1 ? subdir : NULL);
	}
	return err;
}

static int connect_rings(struct blkback_vbd *vbd,
			 const struct blkback_ring_keys *keys)
{
	unsigned int i;
	int err;

	err = read_rings(vbd, keys);
	for (i = 0; i < vbd->nr_rings && !err; i++)
		err = blkback_ring_connect(&vbd->rings[i], keys);
	if (!err)
		blkback_pids_publish(vbd);
	return err;
}

static void vbd_disconnect(struct xbe_device *xbe)
{
	struct blkback_vbd *vbd = xbe->priv;
	unsigned int i;

	blkback_pids_remove(vbd);
	blkback_rings_close(vbd);
	for (i = 0; i < vbd->nr_rings; i++)
		blkback_ring_stop(&vbd->rings[i]);
	blkback_flush_leave(vbd);
	vbd->told_512 = false;
	/* Before they go: a completion may use its ring until here. */
	if (vbd->nr_rings)
		synchronize_rcu();
	for (i = 0; i < vbd->nr_rings; i++)
		blkback_ring_disconnect(&vbd->rings[i]);
	blkback_stats_fold(vbd);
}

static int vbd_connect(struct xbe_device *xbe)
{
	struct blkback_vbd *vbd = xbe->priv;
	struct blkback_ring_keys keys = {};
	struct front_keys front;
	struct blkback_ring *rings;
	int err;

	err = read_front_keys(vbd, &front);
	if (err)
		return err;
	err = read_order(vbd, &keys);
	if (err)
		return err;
	keys.layout = &blkback_layouts[front.protocol];
	keys.persistent = front.persistent && vbd->persistent;
	err = blkback_store_settle(vbd->store);
	if (err)
		return err;
	err = blkback_vbd_publish(vbd);
	if (err)
		return err;
	blkback_limit_read(vbd);
	rings = kvcalloc(front.nr_queues, sizeof(*rings), GFP_KERNEL);
	if (!rings)
		return -ENOMEM;
	/* None takes anything until all are there. */
	vbd->closing = true;
	mutex_lock(&vbd->lock);
	vbd->rings = rings;
	vbd->nr_rings = front.nr_queues;
	mutex_unlock(&vbd->lock);

	err = connect_rings(vbd, &keys);
	if (err)
		vbd_disconnect(xbe);
	else
		blkback_rings_take(vbd);
	return err;
}

/*
 * Later changes of the parameters are for vbds to come: what a frontend was told
 * holds for its vbd, also where an earlier module has told it.
 */
static void set_bounds(struct blkback_vbd *vbd)
{
	struct xbe_device *xbe = vbd->xbe;

	vbd->max_queues =
		xbe_told(xbe, "multi-queue-max-queues",
			 READ_ONCE(blkback_max_queues) ?: num_online_cpus(),
			 BLKBACK_QUEUES_LIMIT);
	vbd->max_order = xbe_told(xbe, "max-ring-page-order",
				  blkback_max_ring_page_order,
				  XENBUS_MAX_RING_GRANT_ORDER);
	vbd->told_512 = xbe->found == XenbusStateConnected &&
			xenbus_read_unsigned(xbe->xdev->nodename, "sector-size",
					     0) == SECTOR_SIZE;
	vbd->persistent = READ_ONCE(blkback_feature_persistent);
}

static int advertise(struct blkback_vbd *vbd)
{
	const struct xbe_node nodes[] = {
		{ "max-ring-page-order", vbd->max_order },
		{ "max-ring-pages", 1 << vbd->max_order },
		{ "multi-queue-max-queues", vbd->max_queues },
		/* Some frontends look for it now, and not again. */
		{ "feature-max-indirect-segments", BLKBACK_MAX_SEGS },
		/* Also says that diskseq is known and looked at. */
		{ "opened", 0 },
	};

	return xbe_advertise(vbd->xbe, nodes, ARRAY_SIZE(nodes));
}

static int vbd_probe(struct xbe_device *xbe)
{
	struct blkback_vbd *vbd;
	int err = -ENOMEM;

	vbd = kzalloc(sizeof(*vbd), GFP_KERNEL);
	if (!vbd)
		return -ENOMEM;
	vbd->xbe = xbe;
	vbd->kept = blkback_kept_get(xbe->domid);
	if (!vbd->kept)
		goto free_vbd;
	mutex_init(&vbd->lock);
	blkback_limit_init(&vbd->limiter);
	blkback_flush_add(vbd);
	spin_lock_init(&vbd->gate_lock);
	set_bounds(vbd);
	err = advertise(vbd);
	if (err)
		goto put_kept;
	blkback_debug_add(vbd);
	blkback_watch_add(vbd);
	xbe->priv = vbd;
	return 0;

put_kept:
	blkback_kept_put(vbd->kept);
free_vbd:
	kfree(vbd);
	return err;
}

static int vbd_resource(struct xbe_device *xbe)
{
	return blkback_vbd_open(xbe->priv);
}

static void vbd_key_changed(struct xbe_device *xbe)
{
	blkback_limit_read(xbe->priv);
	blkback_vbd_changed(xbe->priv);
}

static void vbd_remove(struct xbe_device *xbe)
{
	struct blkback_vbd *vbd = xbe->priv;

	blkback_watch_remove(vbd);
	blkback_debug_remove(vbd);
	blkback_flush_remove(vbd);
	blkback_vbd_close(vbd);
	blkback_kept_put(vbd->kept);
	xbe->priv = NULL;
	kfree(vbd);
}

static void vbd_reclaim(struct xbe_device *xbe)
{
	struct blkback_vbd *vbd = xbe->priv;
	unsigned int i;

	/* Whoever has it may be waiting for the memory we are to give back. */
	if (!mutex_trylock(&vbd->lock))
		return;
	for (i = 0; i < vbd->nr_rings; i++) {
		struct blkback_ring *ring = &vbd->rings[i];

		if (!READ_ONCE(ring->spare) && llist_empty(&ring->freed))
			continue;
		WRITE_ONCE(ring->squeeze, true);
		blkback_ring_wake(ring);
	}
	mutex_unlock(&vbd->lock);
}

static const struct xbe_watch_desc watches[] = {
	{ "physical-device" },
	{ "physical-device-path" },
	/* A drive without a medium is named by nothing else. */
	{ "hotplug-status" },
	{ "limits" },
};

const struct xbe_ops blkback_ops = {
	.watches = watches,
	.nr_watches = ARRAY_SIZE(watches),
	.groups = blkback_groups,
	.serve_closing = true,
	.slow_drain = true,
	.probe = vbd_probe,
	.resource = vbd_resource,
	.connect = vbd_connect,
	.key_changed = vbd_key_changed,
	.disconnect = vbd_disconnect,
	.remove = vbd_remove,
	.reclaim = vbd_reclaim,
};
