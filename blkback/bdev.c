// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A block device below a vbd: open, describe, close. */

#include <linux/major.h>
#include <linux/pagemap.h>

#include "blkback.h"

static void bdev_close(struct blkback_store *store)
{
	compat_disk_close(store->disk, store->writable);
}

/*
 * Numbers of devices are given again once a device is gone: the one that was
 * opened may not be the one that the script had looked at.
 */
static int check_opened(struct blkback_store *store)
{
	const struct blkback_where *where = &store->where;
	u64 diskseq = store->bdev->bd_disk->diskseq;

	if (where->diskseq && where->diskseq != diskseq) {
		xbe_error(store->vbd->xbe, -ESTALE,
			  "diskseq is %llx, block device %x:%x has %llx",
			  where->diskseq, MAJOR(where->device),
			  MINOR(where->device), diskseq);
		return -ESTALE;
	}
	return 0;
}

static int bdev_open(struct blkback_store *store)
{
	dev_t device = store->where.device;
	compat_disk_handle *disk = compat_disk_open(device, store->writable);
	int err;

	if (IS_ERR(disk)) {
		xbe_error(store->vbd->xbe, PTR_ERR(disk),
			  "physical-device %x:%x cannot be opened for %s",
			  MAJOR(device), MINOR(device),
			  store->writable ? "writing" : "reading");
		return PTR_ERR(disk);
	}
	store->disk = disk;
	store->bdev = compat_disk_bdev(disk);
	err = check_opened(store);
	if (err)
		bdev_close(store);
	return err;
}

/**
 * blkback_bdev_errors() - where errors of a page cache begin that count from now on
 * @pages: the page cache of a block device
 *
 * Those of before are told to who has the device open, and not again to others.
 *
 * Context: any.
 * Return: what filemap_check_wb_err() takes.
 */
errseq_t blkback_bdev_errors(struct address_space *pages)
{
	errseq_t since = filemap_sample_wb_err(pages);

	errseq_check_and_advance(&pages->wb_err, &since);
	return since;
}

/*
 * An error that a write of before has had is no reason not to connect: it was told.
 * A page that another opener has mapped stays: there is no way past that.
 */
static int bdev_settle(struct blkback_store *store)
{
	struct address_space *pages = compat_disk_pages(store->disk);
	errseq_t since = blkback_bdev_errors(pages);
	int err = filemap_fdatawrite(pages);

	filemap_fdatawait_keep_errors(pages);
	err = err ?: filemap_check_wb_err(pages, since);
	if (!err)
		invalidate_inode_pages2(pages);
	return err;
}

static int bdev_flush(struct blkback_store *store)
{
	return blkdev_issue_flush(store->bdev);
}

/*
 * A loop device hands the pages that it is given to a file system, and does not
 * say what that or the disk below it wants. Where one stands on another device,
 * nobody can tell.
 */
static bool wants_stable(struct block_device *bdev)
{
	return bdev_stable_writes(bdev) ||
	       MAJOR(disk_devt(bdev->bd_disk)) == LOOP_MAJOR;
}

static void bdev_describe(struct blkback_store *store,
			  struct blkback_geometry *geometry)
{
	struct block_device *bdev = store->bdev;

	*geometry = (struct blkback_geometry){
		.sectors = bdev_nr_sectors(bdev),
		.block = bdev_logical_block_size(bdev),
		.physical = bdev_physical_block_size(bdev),
		.flush = bdev_write_cache(bdev),
		.stable = wants_stable(bdev),
		.readonly = bdev_read_only(bdev),
		.removable = bdev->bd_disk->flags & GENHD_FL_REMOVABLE,
		.cdrom = disk_to_cdi(bdev->bd_disk),
		.discard = store->writable && bdev_max_discard_sectors(bdev),
		.secure = store->writable &&
			  bdev_max_secure_erase_sectors(bdev),
		.discard_granularity = bdev_discard_granularity(bdev),
		.discard_alignment = bdev_discard_alignment(bdev),
	};
}

const struct blkback_store_ops blkback_bdev_ops = {
	.name = "block device",
	.open = bdev_open,
	.close = bdev_close,
	.settle = bdev_settle,
	.flush = bdev_flush,
	.describe = bdev_describe,
	.submit = blkback_bdev_submit,
};
