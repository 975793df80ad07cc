/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* How a disk of the tests is made, which differs between kernel versions. */
#ifndef XEN_BACKENDS_COMPAT_TESTDISK_H
#define XEN_BACKENDS_COMPAT_TESTDISK_H

#include <linux/blkdev.h>
#include <linux/version.h>

/**
 * compat_testdisk_alloc() - a disk driven by bios, with a write cache, that takes
 *	discards
 * @discard: most sectors a discard may have
 * @secure: the same of a secure one
 * @block: bytes of its blocks, 512 to 4096, a power of two
 *
 * Context: may sleep.
 * Return: the disk, not added yet, or an error pointer.
 */
static inline struct gendisk *compat_testdisk_alloc(unsigned int discard,
						    unsigned int secure,
						    unsigned int block)
{
/* 6.9: limits are given when the queue is made. */
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
	struct queue_limits limits = {
		.features = BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA,
		.max_hw_discard_sectors = discard,
		.max_secure_erase_sectors = secure,
		.discard_granularity = block,
		.logical_block_size = block,
	};

	return blk_alloc_disk(&limits, NUMA_NO_NODE);
#else
	struct gendisk *disk = blk_alloc_disk(NUMA_NO_NODE);

	if (!disk)
		return ERR_PTR(-ENOMEM);
	blk_queue_write_cache(disk->queue, true, true);
	blk_queue_logical_block_size(disk->queue, block);
	disk->queue->limits.discard_granularity = block;
	blk_queue_max_discard_sectors(disk->queue, discard);
	blk_queue_max_secure_erase_sectors(disk->queue, secure);
	return disk;
#endif
}

/**
 * compat_testdisk_set_secure() - change what a disk takes
 * @disk: the disk
 * @secure: most sectors that a secure discard may have from now on; 0: none is
 *	taken
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
static inline int compat_testdisk_set_secure(struct gendisk *disk,
					     unsigned int secure)
{
/* 6.9: limits change all at once. */
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
	struct queue_limits limits = queue_limits_start_update(disk->queue);

	limits.max_secure_erase_sectors = secure;
	return queue_limits_commit_update(disk->queue, &limits);
#else
	blk_queue_max_secure_erase_sectors(disk->queue, secure);
	return 0;
#endif
}

/**
 * compat_testdisk_set_stable() - say whether data must not change under way
 * @disk: the disk
 * @stable: whether
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
static inline int compat_testdisk_set_stable(struct gendisk *disk, bool stable)
{
/* 6.9: limits change all at once. */
#if KERNEL_VERSION(6, 9, 0) <= LINUX_VERSION_CODE
	struct queue_limits limits = queue_limits_start_update(disk->queue);

	if (stable)
		limits.features |= BLK_FEAT_STABLE_WRITES;
	else
		limits.features &= ~BLK_FEAT_STABLE_WRITES;
	return queue_limits_commit_update(disk->queue, &limits);
#else
	if (stable)
		blk_queue_flag_set(QUEUE_FLAG_STABLE_WRITES, disk->queue);
	else
		blk_queue_flag_clear(QUEUE_FLAG_STABLE_WRITES, disk->queue);
	return 0;
#endif
}

#endif
