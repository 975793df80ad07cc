// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What each ring of a vbd does, in debugfs. Rings come and go under vbd->lock:
 * a reader never meets a teardown.
 */

#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/seq_file.h>

#include "blkback.h"

static void show_counters(struct seq_file *m, const struct blkback_ring *ring)
{
	const struct blkback_stats *s = &ring->stats;

	seq_printf(m, "rd_req: %llu\nwr_req: %llu\nf_req: %llu\nds_req: %llu\n",
		   s->rd_req, s->wr_req, s->f_req, s->ds_req);
	seq_printf(m, "oo_req: %llu\nrd_sect: %llu\nwr_sect: %llu\n", s->oo_req,
		   s->rd_sect, s->wr_sect);
	seq_printf(m, "errors: %llu\npasses: %llu\ndirect: %llu\n", s->errors,
		   s->passes, s->direct);
	seq_printf(m, "polled: %llu\nwakeups: %llu\nevents: %llu\n", s->polled,
		   s->wakeups, (u64)ring->chan.events);
	seq_printf(m, "spurious: %llu\nnotifies: %llu\n",
		   (u64)ring->chan.spurious, (u64)ring->chan.notifies);
}

static void show_ring(struct seq_file *m, const struct blkback_ring *ring)
{
	const struct task_struct *thread = READ_ONCE(ring->thread);

	seq_printf(m, "queue: %u\nname: %s\n", ring->index, ring->name);
	/* Its indices only: what the guest can write is none of a reader's. */
	seq_printf(m, "slots: %u\ntaken: %u\nanswered: %u\n", ring->shared.size,
		   READ_ONCE(ring->shared.req_cons),
		   READ_ONCE(ring->shared.rsp_prod));
	seq_printf(m, "inflight: %d\nserved: %d\nhalted: %d\nlimited: %d\n",
		   atomic_read(&ring->inflight), !!thread, ring->halted,
		   ring->turn.held);
	seq_printf(m, "kept: %u\n", READ_ONCE(ring->grants.nr));
	show_counters(m, ring);
	blkback_latency_show(m, &ring->latency);
}

static int blkback_rings_show(struct seq_file *m, void *unused)
{
	struct blkback_vbd *vbd = m->private;
	unsigned int i;

	mutex_lock(&vbd->lock);
	seq_printf(m, "pages: %d\nflushes: %d\nflushes_failed: %d\n",
		   atomic_read(&vbd->pages), READ_ONCE(vbd->flush.told),
		   atomic_read(&vbd->flush.failed) -
			   atomic_read(&vbd->flush.good));
	for (i = 0; i < vbd->nr_rings; i++)
		show_ring(m, &vbd->rings[i]);
	mutex_unlock(&vbd->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(blkback_rings);

/**
 * blkback_rings_add() - make a vbd's file of its rings in debugfs
 * @vbd: the vbd
 *
 * Context: may sleep.
 */
void blkback_rings_add(struct blkback_vbd *vbd)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-rings",
		 dev_name(&vbd->xbe->xdev->dev));
	vbd->debug_rings = debugfs_create_file(name, 0400, xbe_debugfs_dir(),
					       vbd, &blkback_rings_fops);
}

/**
 * blkback_rings_remove() - remove it; no reader is in it afterwards
 * @vbd: the vbd
 *
 * Context: may sleep.
 */
void blkback_rings_remove(struct blkback_vbd *vbd)
{
	debugfs_remove(vbd->debug_rings);
}
