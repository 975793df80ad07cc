// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/*
 * Statistics of a vbd: in sysfs under the names that xentop reads, all of them
 * in debugfs. Both are safe against a disconnect at any time (XSA-528): rings
 * come and go under vbd->lock, and what they counted stays with the vbd.
 */

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "blkback.h"

/* How often log_stats writes a ring's counters. */
#define LOG_INTERVAL (10 * HZ)

static void add_ring(struct blkback_stats *sum, const struct blkback_ring *ring)
{
	const u64 *from = (const u64 *)&ring->stats;
	u64 *to = (u64 *)sum;
	unsigned int i;

	for (i = 0; i < sizeof(*sum) / sizeof(u64); i++)
		to[i] += READ_ONCE(from[i]);
	sum->events += READ_ONCE(ring->chan.events);
	sum->spurious += READ_ONCE(ring->chan.spurious);
	sum->notifies += READ_ONCE(ring->chan.notifies);
}

static void sum_up(struct blkback_vbd *vbd, struct blkback_stats *sum)
{
	unsigned int i;

	mutex_lock(&vbd->lock);
	*sum = vbd->folded;
	for (i = 0; i < vbd->nr_rings; i++)
		add_ring(sum, &vbd->rings[i]);
	mutex_unlock(&vbd->lock);
}

/**
 * blkback_stats_fold() - free the rings, keep what they counted
 * @vbd: a vbd whose rings are disconnected
 *
 * Context: the device's work; may sleep.
 */
void blkback_stats_fold(struct blkback_vbd *vbd)
{
	struct blkback_ring *rings = vbd->rings;
	unsigned int i;

	mutex_lock(&vbd->lock);
	for (i = 0; i < vbd->nr_rings; i++)
		add_ring(&vbd->folded, &rings[i]);
	vbd->nr_rings = 0;
	vbd->rings = NULL;
	mutex_unlock(&vbd->lock);
	kvfree(rings);
}

/**
 * blkback_stats_log() - write a ring's counters to the log now and then
 * @ring: a ring that has just been served
 *
 * Context: the ring's thread.
 */
void blkback_stats_log(struct blkback_ring *ring)
{
	const struct blkback_stats *stats = &ring->stats;

	if (!time_after_eq(jiffies, ring->next_log))
		return;
	ring->next_log = jiffies + LOG_INTERVAL;
	pr_info("%s: rd %llu, wr %llu, f %llu, ds %llu, oo %llu, errors %llu; %u grants mapped\n",
		ring->name, stats->rd_req, stats->wr_req, stats->f_req,
		stats->ds_req, stats->oo_req, stats->errors, ring->grants.nr);
}

static ssize_t show_stat(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	const struct dev_ext_attribute *stat =
		container_of(attr, struct dev_ext_attribute, attr);
	struct blkback_vbd *vbd = READ_ONCE(xbe_from_dev(dev)->priv);
	struct blkback_stats sum = {};

	if (vbd)
		sum_up(vbd, &sum);
	return sysfs_emit(buf, "%llu\n",
			  *(u64 *)((char *)&sum + (unsigned long)stat->var));
}

/* Each with the place of its number in struct blkback_stats. */
static struct dev_ext_attribute stats[] = {
	{ __ATTR(oo_req, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, oo_req) },
	{ __ATTR(rd_req, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, rd_req) },
	{ __ATTR(wr_req, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, wr_req) },
	{ __ATTR(f_req, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, f_req) },
	{ __ATTR(ds_req, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, ds_req) },
	{ __ATTR(rd_sect, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, rd_sect) },
	{ __ATTR(wr_sect, 0444, show_stat, NULL),
	  (void *)offsetof(struct blkback_stats, wr_sect) },
};

static struct attribute *stat_attrs[] = {
	&stats[0].attr.attr, &stats[1].attr.attr,
	&stats[2].attr.attr, &stats[3].attr.attr,
	&stats[4].attr.attr, &stats[5].attr.attr,
	&stats[6].attr.attr, NULL
};

static ssize_t physical_device_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct blkback_vbd *vbd = READ_ONCE(xbe_from_dev(dev)->priv);
	dev_t disk = vbd ? READ_ONCE(vbd->device) : 0;

	return sysfs_emit(buf, "%x:%x\n", MAJOR(disk), MINOR(disk));
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct blkback_vbd *vbd = READ_ONCE(xbe_from_dev(dev)->priv);

	return sysfs_emit(buf, "%s\n",
			  vbd && !READ_ONCE(vbd->readonly) ? "w" : "r");
}
static DEVICE_ATTR_RO(mode);

static struct attribute *vbd_attrs[] = { &dev_attr_physical_device.attr,
					 &dev_attr_mode.attr, NULL };

static const struct attribute_group stat_group = {
	.name = "statistics",
	.attrs = stat_attrs,
};

static const struct attribute_group vbd_group = {
	.attrs = vbd_attrs,
};

const struct attribute_group *blkback_groups[] = {
	&vbd_group,
	&stat_group,
	&blkback_limit_group,
	NULL,
};

static int blkback_stats_show(struct seq_file *m, void *unused)
{
	struct blkback_vbd *vbd = m->private;
	struct blkback_stats s;

	sum_up(vbd, &s);
	seq_printf(m, "rd_req: %llu\nwr_req: %llu\nf_req: %llu\nds_req: %llu\n",
		   s.rd_req, s.wr_req, s.f_req, s.ds_req);
	seq_printf(m, "oo_req: %llu\n", s.oo_req);
	seq_printf(m, "rd_sect: %llu\nwr_sect: %llu\nerrors: %llu\n", s.rd_sect,
		   s.wr_sect, s.errors);
	seq_printf(m,
		   "passes: %llu\ndirect: %llu\npolled: %llu\nwakeups: %llu\n",
		   s.passes, s.direct, s.polled, s.wakeups);
	seq_printf(m, "events: %llu\nspurious: %llu\nnotifies: %llu\n",
		   s.events, s.spurious, s.notifies);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(blkback_stats);

/**
 * blkback_debug_add() - make the vbd's file in debugfs
 * @vbd: the vbd
 *
 * Context: may sleep.
 */
void blkback_debug_add(struct blkback_vbd *vbd)
{
	vbd->debug = debugfs_create_file(dev_name(&vbd->xbe->xdev->dev), 0444,
					 xbe_debugfs_dir(), vbd,
					 &blkback_stats_fops);
	blkback_rings_add(vbd);
}

/**
 * blkback_debug_remove() - remove it; no reader is in it afterwards
 * @vbd: the vbd
 *
 * Context: may sleep.
 */
void blkback_debug_remove(struct blkback_vbd *vbd)
{
	blkback_rings_remove(vbd);
	debugfs_remove(vbd->debug);
}
