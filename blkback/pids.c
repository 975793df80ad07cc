// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The ring threads' process ids in xenstore, for whoever gives a guest's disks
 * a CPU, a priority or a cgroup: names in ps are cut at 15 characters, and two
 * disks may share one.
 */

#include <linux/slab.h>

#include "blkback.h"

#define NODE_SIZE sizeof("queue-4294967295/kthread-pid")

/* As blkif.h has it for the frontend: a single queue needs no folder. */
static void name_node(const struct blkback_vbd *vbd, unsigned int i, char *name)
{
	if (vbd->nr_rings > 1)
		snprintf(name, NODE_SIZE, "queue-%u/kthread-pid", i);
	else
		strscpy(name, "kthread-pid", NODE_SIZE);
}

/**
 * blkback_pids_publish() - write each ring thread's id into the directory
 * @vbd: a vbd whose rings are connected
 *
 * "kthread-pid", or "queue-N/kthread-pid" when there are several queues, as
 * XCP-ng's blkback has them. A disk is served without them as well.
 *
 * Context: the device's work; may sleep.
 */
void blkback_pids_publish(struct blkback_vbd *vbd)
{
	unsigned int i, nr = vbd->nr_rings;
	struct xbe_node *nodes = kcalloc(nr, sizeof(*nodes), GFP_KERNEL);
	char *names = kcalloc(nr, NODE_SIZE, GFP_KERNEL);
	int err = -ENOMEM;

	if (nodes && names) {
		for (i = 0; i < nr; i++) {
			nodes[i].name = names + i * NODE_SIZE;
			name_node(vbd, i, names + i * NODE_SIZE);
			nodes[i].value = task_pid_nr(vbd->rings[i].thread);
		}
		err = xbe_advertise(vbd->xbe, nodes, nr);
	}
	kfree(names);
	kfree(nodes);
	if (err && err != -ENOENT)
		dev_warn_ratelimited(&vbd->xbe->xdev->dev,
				     "cannot write kthread-pid: error %d\n",
				     err);
}

/**
 * blkback_pids_remove() - remove the ids again
 * @vbd: a vbd that is about to stop its ring threads, if it has any
 *
 * Context: the device's work; may sleep.
 */
void blkback_pids_remove(struct blkback_vbd *vbd)
{
	const char *dir = vbd->xbe->xdev->nodename;
	char name[NODE_SIZE];
	unsigned int i;

	for (i = 0; i < vbd->nr_rings; i++) {
		if (!vbd->rings[i].thread)
			continue;
		name_node(vbd, i, name);
		xenbus_rm(XBT_NIL, dir, name);
		if (vbd->nr_rings > 1) {
			*strchr(name, '/') = '\0';
			xenbus_rm(XBT_NIL, dir, name);
		}
	}
}
