// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What is below a vbd: which kind it is; and the kind that is nothing. */

#include <linux/namei.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "blkback.h"

#define KINDS "regular file and no block device"

/* What may have to wait at a time: a guest can have no more threads of dom0. */
#define WORKERS 32

static int empty_open(struct blkback_store *store)
{
	return 0;
}

static void empty_close(struct blkback_store *store)
{
}

static int empty_flush(struct blkback_store *store)
{
	return 0;
}

static void empty_describe(struct blkback_store *store,
			   struct blkback_geometry *geometry)
{
	*geometry = (struct blkback_geometry){
		.block = SECTOR_SIZE,
		.physical = SECTOR_SIZE,
		.removable = true,
	};
}

/* With no sectors nothing but a flush passes the parser. */
static void empty_submit(struct blkback_io *io)
{
	blkback_done(io, io->req.nr_sectors ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
}

static const struct blkback_store_ops empty_ops = {
	.name = "empty",
	.open = empty_open,
	.close = empty_close,
	.flush = empty_flush,
	.describe = empty_describe,
	.submit = empty_submit,
};

/*
 * Looked up before it is opened: to open a fifo or a device has effects. The
 * path is the toolstack's; nobody who could exchange the file between the two
 * needs to.
 */
static int look_up(struct blkback_store *store)
{
	struct blkback_where *where = &store->where;
	struct xbe_device *xbe = store->vbd->xbe;
	struct path path;
	struct inode *inode;
	int err;

	err = kern_path(where->path, LOOKUP_FOLLOW, &path);
	if (err) {
		xbe_error(xbe, err, "physical-device-path %s cannot be found",
			  where->path);
		return err;
	}
	inode = d_backing_inode(path.dentry);
	if (S_ISREG(inode->i_mode)) {
		store->ops = &blkback_file_ops;
	} else if (S_ISBLK(inode->i_mode)) {
		where->device = inode->i_rdev;
		store->ops = &blkback_bdev_ops;
	} else {
		err = -EINVAL;
		xbe_error(xbe, err, "physical-device-path %s is no " KINDS,
			  where->path);
	}
	path_put(&path);
	return err;
}

static int find_ops(struct blkback_store *store)
{
	switch (store->where.kind) {
	case BLKBACK_DEVICE:
		store->ops = &blkback_bdev_ops;
		return 0;
	case BLKBACK_PATH:
		return look_up(store);
	case BLKBACK_EMPTY:
		store->ops = &empty_ops;
		return 0;
	}
	return -EINVAL;
}

static int open_store(struct blkback_store *store)
{
	struct xbe_device *xbe = store->vbd->xbe;
	int err = find_ops(store);

	err = err ?: store->ops->open(store);
	if (err)
		return err;
	if (store->bdev && store->vbd->blocks == BLKBACK_SMALL)
		blkback_cached_use(store);
	if (!store->ops->waits)
		return 0;
	store->wq = alloc_workqueue("%s", WQ_UNBOUND | WQ_MEM_RECLAIM, WORKERS,
				    dev_name(&xbe->xdev->dev));
	if (store->wq)
		return 0;
	xbe_error(xbe, -ENOMEM, "no memory to open a disk");
	store->ops->close(store);
	return -ENOMEM;
}

static void free_store(struct blkback_store *store)
{
	kfree(store->where.path);
	kfree(store);
}

static struct blkback_store *alloc_store(struct blkback_vbd *vbd,
					 const struct blkback_where *where)
{
	struct blkback_store *store = kzalloc(sizeof(*store), GFP_KERNEL);

	if (!store)
		return NULL;
	store->vbd = vbd;
	store->writable = !vbd->readonly;
	store->where = *where;
	if (!where->path)
		return store;
	store->where.path = kstrdup(where->path, GFP_KERNEL);
	if (!store->where.path) {
		kfree(store);
		return NULL;
	}
	return store;
}

/**
 * blkback_store_open() - open what keys name
 * @vbd: the vbd
 * @where: what they name
 *
 * Context: the device's work; may sleep.
 * Return: the store, or an error pointer, reported already.
 */
struct blkback_store *blkback_store_open(struct blkback_vbd *vbd,
					 const struct blkback_where *where)
{
	struct blkback_store *store = alloc_store(vbd, where);
	int err;

	if (!store) {
		xbe_error(vbd->xbe, -ENOMEM, "no memory to open a disk");
		return ERR_PTR(-ENOMEM);
	}
	err = open_store(store);
	if (err) {
		free_store(store);
		return ERR_PTR(err);
	}
	return store;
}

/**
 * blkback_store_close() - close a store
 * @store: the store, of which no vbd makes use any more
 *
 * Context: may sleep.
 */
void blkback_store_close(struct blkback_store *store)
{
	if (store->wq)
		destroy_workqueue(store->wq);
	store->ops->close(store);
	free_store(store);
}

/**
 * blkback_store_settle() - have requests find what this domain has written
 * @store: an open store
 *
 * Before the first request of a frontend: what was written to a block device
 * through the page cache, by whoever else has it open, would be read stale, and
 * be written over what the guest has written by then.
 *
 * Context: the device's work; sleeps for as long as the disk takes.
 * Return: 0, or a negative errno, reported already.
 */
int blkback_store_settle(struct blkback_store *store)
{
	int err = store->ops->settle ? store->ops->settle(store) : 0;

	if (err)
		xbe_error(store->vbd->xbe, err,
			  "%s: what this domain has written cannot be settled",
			  store->ops->name);
	return err;
}

/**
 * blkback_store_flush() - have what was written be durable
 * @store: an open store
 *
 * Memory is got without writing out anything: that might come back to this very
 * store, through a disk that dom0 itself has attached.
 *
 * Context: may sleep for as long as the disk takes.
 * Return: 0, or a negative errno: -EOPNOTSUPP of one that knows no flush.
 */
int blkback_store_flush(struct blkback_store *store)
{
	unsigned int noio;
	int err;

	/* Whoever was never to write has nothing to flush. */
	if (!store->writable)
		return 0;
	noio = memalloc_noio_save();
	err = store->ops->flush(store);
	memalloc_noio_restore(noio);
	return err;
}

/**
 * blkback_store_is() - whether keys name what is open already
 * @store: what is open
 * @where: what they name
 *
 * A path is the same when it reads the same: that another file has come to
 * that place meanwhile is no reason to leave the one that is open. A diskseq
 * that is another's is one: the script then names another device by that path.
 *
 * Context: any.
 */
bool blkback_store_is(const struct blkback_store *store,
		      const struct blkback_where *where)
{
	if (where->diskseq && store->bdev &&
	    where->diskseq != store->bdev->bd_disk->diskseq)
		return false;
	if (where->kind == BLKBACK_DEVICE)
		return store->bdev && store->bdev->bd_dev == where->device;
	if (where->kind == BLKBACK_PATH)
		return store->where.path &&
		       !strcmp(store->where.path, where->path);
	return store->where.kind == BLKBACK_EMPTY;
}
