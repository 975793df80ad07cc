// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Writes that wait for a flush: one flush for all that came while the last was
 * under way.
 */

#include "blkback.h"

struct workqueue_struct *blkback_flush_wq;

/* Its error may have been told to another request already. */
static int check(const struct blkback_io *io)
{
	const struct blkback_store_ops *ops = io->ring->vbd->store->ops;

	return ops->check ? ops->check(io) : 0;
}

static void go_on(struct blkback_io *io, int err)
{
	if (!err && !io->written) {
		io->ring->vbd->execute(io);
		return;
	}
	if (!err)
		err = check(io);
	io->written = false;
	blkback_finish(io, err ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
}

static void flush_for_all(struct work_struct *work)
{
	struct blkback_vbd *vbd =
		container_of(work, struct blkback_vbd, flush.work);
	struct llist_node *list =
		llist_reverse_order(llist_del_all(&vbd->flush.waiting));
	struct blkback_io *io, *next;
	int err;

	if (!list)
		return;
	err = blkback_flush_now(vbd);
	/* On a disk that knows no flush a write is better there than not. */
	if (err == -EOPNOTSUPP)
		err = 0;
	/* With the last of them the rings may go, and the disk. */
	llist_for_each_entry_safe(io, next, list, next)
		go_on(io, err);
}

/**
 * blkback_flush_init() - make the queue where vbds flush
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init blkback_flush_init(void)
{
	/* A vbd has one place on it, whatever its disk does. */
	blkback_flush_wq = alloc_workqueue("xen-blkback-flush",
					   WQ_UNBOUND | WQ_MEM_RECLAIM,
					   WQ_MAX_ACTIVE);
	return blkback_flush_wq ? 0 : -ENOMEM;
}

/* With no vbd left. */
void blkback_flush_exit(void)
{
	destroy_workqueue(blkback_flush_wq);
}

/**
 * blkback_flush_add() - prepare a vbd for requests that wait
 * @vbd: a vbd that nobody else has
 *
 * Context: may sleep.
 */
void blkback_flush_add(struct blkback_vbd *vbd)
{
	init_llist_head(&vbd->flush.waiting);
	INIT_WORK(&vbd->flush.work, flush_for_all);
}

/**
 * blkback_flush_remove() - the end of it
 * @vbd: a vbd with no ring connected: nothing waits
 *
 * Context: may sleep.
 */
void blkback_flush_remove(struct blkback_vbd *vbd)
{
	cancel_work_sync(&vbd->flush.work);
}
