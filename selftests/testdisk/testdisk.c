// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /dev/testdisk: memory that takes secure discards, in pieces of 512 KiB. Each is
 * done DELAY_MS later, so that what the disk is asked meanwhile comes first.
 * What it did can be read from its parameters.
 */

#include <linux/blkdev.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "compat/testdisk.h"

#define DISK_BYTES (8U << 20)
#define PIECE_SECTORS 1024
#define DELAY_MS 300

static unsigned int erases;
module_param(erases, uint, 0444);
MODULE_PARM_DESC(erases, "secure discards that the disk was asked for");

static unsigned int erased;
module_param(erased, uint, 0444);
MODULE_PARM_DESC(erased, "sectors that it erased");

static unsigned int discards;
module_param(discards, uint, 0444);
MODULE_PARM_DESC(discards, "discards that are not secure");

/* Protects the counters. */
static DEFINE_MUTEX(count_lock);
static u8 *memory;
static struct gendisk *disk;
static int major;

static int set_piece(const char *value, const struct kernel_param *param)
{
	unsigned int sectors;
	int err = kstrtouint(value, 0, &sectors);

	if (err)
		return err;
	if (!disk || sectors > PIECE_SECTORS)
		return -EINVAL;
	return compat_testdisk_set_secure(disk, sectors);
}

static const struct kernel_param_ops piece_ops = { .set = set_piece };

module_param_cb(piece, &piece_ops, NULL, 0200);
MODULE_PARM_DESC(piece,
		 "most sectors of a secure discard from now on, 0 to 1024");

struct erase {
	struct delayed_work work;
	struct bio *bio;
};

static u8 *place_of(const struct bio *bio)
{
	return memory + (bio->bi_iter.bi_sector << SECTOR_SHIFT);
}

static void erase_work(struct work_struct *work)
{
	struct erase *erase = container_of(work, struct erase, work.work);
	struct bio *bio = erase->bio;

	memset(place_of(bio), 0, bio->bi_iter.bi_size);
	mutex_lock(&count_lock);
	erases++;
	erased += bio_sectors(bio);
	mutex_unlock(&count_lock);
	kfree(erase);
	bio_endio(bio);
}

static void erase_later(struct bio *bio)
{
	struct erase *erase = kmalloc(sizeof(*erase), GFP_NOIO);

	if (!erase || bio_sectors(bio) > PIECE_SECTORS) {
		kfree(erase);
		bio_io_error(bio);
		return;
	}
	erase->bio = bio;
	INIT_DELAYED_WORK(&erase->work, erase_work);
	schedule_delayed_work(&erase->work, msecs_to_jiffies(DELAY_MS));
}

static void copy(struct bio *bio)
{
	u8 *at = place_of(bio);
	struct bvec_iter iter;
	struct bio_vec vec;

	bio_for_each_segment(vec, bio, iter) {
		if (op_is_write(bio_op(bio)))
			memcpy_from_bvec(at, &vec);
		else
			memcpy_to_bvec(&vec, at);
		at += vec.bv_len;
	}
}

static void testdisk_submit(struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_SECURE_ERASE:
		erase_later(bio);
		return;
	case REQ_OP_DISCARD:
		WRITE_ONCE(discards, discards + 1);
		break;
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		copy(bio);
		break;
	default:
		bio->bi_status = BLK_STS_NOTSUPP;
	}
	bio_endio(bio);
}

static const struct block_device_operations testdisk_ops = {
	.owner = THIS_MODULE,
	.submit_bio = testdisk_submit,
};

static int add_disk_of(int number)
{
	int err;

	disk = compat_testdisk_alloc(DISK_BYTES >> SECTOR_SHIFT, PIECE_SECTORS);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	disk->major = number;
	disk->minors = 1;
	disk->fops = &testdisk_ops;
	strscpy(disk->disk_name, "testdisk", sizeof(disk->disk_name));
	set_capacity(disk, DISK_BYTES >> SECTOR_SHIFT);
	err = add_disk(disk);
	if (err)
		put_disk(disk);
	return err;
}

static int __init testdisk_init(void)
{
	int err;

	memory = vzalloc(DISK_BYTES);
	if (!memory)
		return -ENOMEM;
	major = register_blkdev(0, "testdisk");
	err = major < 0 ? major : add_disk_of(major);
	if (!err)
		return 0;
	if (major > 0)
		unregister_blkdev(major, "testdisk");
	vfree(memory);
	return err;
}
module_init(testdisk_init);

static void __exit testdisk_exit(void)
{
	del_gendisk(disk);
	put_disk(disk);
	unregister_blkdev(major, "testdisk");
	vfree(memory);
}
module_exit(testdisk_exit);

MODULE_DESCRIPTION("A disk in memory with secure discard, for tests");
MODULE_LICENSE("Dual MIT/GPL");
