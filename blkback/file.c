// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A regular file below a vbd, with no loop device between: open, describe,
 * close.
 */

#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/stat.h>

#include "blkback.h"

/* Where data of a segment may begin in memory: the protocol's unit. */
#define MEM_ALIGN SECTOR_SIZE

/*
 * The page cache is passed by: a guest has its own, and dom0 is small. Not
 * every file system can do that.
 */
static struct file *open_path(const struct blkback_store *store)
{
	int flags = O_LARGEFILE | (store->writable ? O_RDWR : O_RDONLY);
	struct file *filp;

	filp = filp_open(store->where.path, flags | O_DIRECT, 0);
	if (PTR_ERR(filp) == -EINVAL)
		filp = filp_open(store->where.path, flags, 0);
	return filp;
}

static int check_file(const struct blkback_store *store, struct file *filp)
{
	struct inode *inode = file_inode(filp);
	struct xbe_device *xbe = store->vbd->xbe;

	if (!S_ISREG(inode->i_mode) || !filp->f_op->read_iter ||
	    (store->writable && !filp->f_op->write_iter)) {
		xbe_error(xbe, -EINVAL,
			  "physical-device-path %s is no regular file",
			  store->where.path);
		return -EINVAL;
	}
	if (IS_SWAPFILE(inode)) {
		xbe_error(xbe, -ETXTBSY,
			  "physical-device-path %s is in use as swap",
			  store->where.path);
		return -ETXTBSY;
	}
	return 0;
}

/* What direct I/O wants of offset and length; 0 when there is none. */
static u32 direct_block(struct file *filp)
{
	struct super_block *sb = file_inode(filp)->i_sb;
	struct kstat stat;

	if (!(filp->f_flags & O_DIRECT))
		return 0;
	if (vfs_getattr(&filp->f_path, &stat, STATX_DIOALIGN,
			AT_STATX_SYNC_AS_STAT))
		return 0;
	if (stat.result_mask & STATX_DIOALIGN) {
		if (stat.dio_mem_align > MEM_ALIGN ||
		    stat.dio_offset_align > PAGE_SIZE)
			return 0;
		return stat.dio_offset_align;
	}
	/* One that does not tell wants no more than its disk. */
	return sb->s_bdev ? bdev_logical_block_size(sb->s_bdev) : SECTOR_SIZE;
}

/*
 * Through the page cache a block may be smaller than what direct I/O wants: an
 * image that was made with blocks of 512 bytes is of no use with larger ones.
 */
static void set_direct(struct blkback_file *file, enum blkback_blocks blocks)
{
	u32 block = direct_block(file->filp);

	if (block > SECTOR_SIZE && blocks != BLKBACK_AS_THEY_ARE)
		block = 0;
	file->direct = block;
	file->block = max_t(u32, block, SECTOR_SIZE);
	if (file->direct)
		return;
	spin_lock(&file->filp->f_lock);
	file->filp->f_flags &= ~O_DIRECT;
	file->filp->f_iocb_flags &= ~IOCB_DIRECT;
	spin_unlock(&file->filp->f_lock);
}

/*
 * Which file systems can is nowhere to be read. Past the end there is nothing
 * that a hole could take away.
 */
static bool can_punch(struct blkback_file *file)
{
	struct inode *inode = file_inode(file->filp);
	loff_t end = round_up(i_size_read(inode), PAGE_SIZE);

	return !vfs_fallocate(file->filp,
			      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, end,
			      PAGE_SIZE);
}

static int start_service(struct blkback_store *store, struct blkback_file *file)
{
	struct xbe_device *xbe = store->vbd->xbe;

	set_direct(file, store->vbd->blocks);
	file->nowait = file->filp->f_mode & FMODE_NOWAIT;
	file->punch = store->writable && can_punch(file);
	file->watch = blkback_watch_file(store->vbd, file_inode(file->filp));
	if (IS_ERR(file->watch))
		return PTR_ERR(file->watch);
	dev_info(&xbe->xdev->dev, "file %s, %s\n", store->where.path,
		 file->direct ? "direct I/O" :
				"through the page cache: no direct I/O there");
	return 0;
}

/* At once, not some time later: what it is on may be unmounted next. */
static void close_filp(struct file *filp)
{
	get_file(filp);
	filp_close(filp, NULL);
	__fput_sync(filp);
}

static int file_open(struct blkback_store *store)
{
	struct xbe_device *xbe = store->vbd->xbe;
	struct blkback_file *file = kzalloc(sizeof(*file), GFP_KERNEL);
	int err;

	if (!file)
		return -ENOMEM;
	file->filp = open_path(store);
	if (IS_ERR(file->filp)) {
		err = PTR_ERR(file->filp);
		xbe_error(xbe, err,
			  "physical-device-path %s cannot be opened for %s",
			  store->where.path,
			  store->writable ? "writing" : "reading");
		goto free_file;
	}
	err = check_file(store, file->filp);
	if (err)
		goto put_filp;
	err = start_service(store, file);
	if (err) {
		xbe_error(xbe, err, "physical-device-path %s: no memory",
			  store->where.path);
		goto put_filp;
	}
	store->file = file;
	return 0;

put_filp:
	close_filp(file->filp);
free_file:
	kfree(file);
	return err;
}

static void file_close(struct blkback_store *store)
{
	struct blkback_file *file = store->file;

	blkback_unwatch_file(file->watch);
	close_filp(file->filp);
	kfree(file);
}

/*
 * Btrfs computes checksums of what it is given and does not say that this must
 * not change meanwhile: a guest that changed it would have its own reads, and
 * every scrub, fail. Through the page cache it is copied.
 */
static bool wants_stable(const struct blkback_file *file)
{
	struct inode *inode = file_inode(file->filp);

	return file->direct && (mapping_stable_writes(inode->i_mapping) ||
				inode->i_sb->s_magic == BTRFS_SUPER_MAGIC);
}

/* A piece at the end that is no whole block is out of reach. */
static void file_describe(struct blkback_store *store,
			  struct blkback_geometry *geometry)
{
	struct blkback_file *file = store->file;
	struct inode *inode = file_inode(file->filp);
	u32 physical = clamp_t(u32, i_blocksize(inode), file->block, PAGE_SIZE);

	*geometry = (struct blkback_geometry){
		.sectors = round_down(i_size_read(inode), file->block) >>
			   SECTOR_SHIFT,
		.block = file->block,
		.physical = physical,
		/* Even direct I/O leaves metadata to be written. */
		.flush = store->writable,
		.stable = wants_stable(file),
		.discard = file->punch,
		.discard_granularity = physical,
	};
}

static int file_flush(struct blkback_store *store)
{
	return vfs_fsync(store->file->filp, 1);
}

const struct blkback_store_ops blkback_file_ops = {
	.name = "file",
	.waits = true,
	.open = file_open,
	.close = file_close,
	.flush = file_flush,
	.check = blkback_file_check,
	.describe = file_describe,
	.submit = blkback_file_submit,
};
