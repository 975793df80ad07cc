// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /dev/testdisk: memory with a write cache, that takes secure discards in pieces
 * of 512 KiB. Each is done DELAY_MS later, so that what the disk is asked
 * meanwhile comes first. It can be told to answer with an error, to take its time,
 * to look whether data changes while it has it, to lose its cache as in a power
 * failure, and to be smaller without a word. What it did can be read from its
 * parameters.
 */

#include <linux/blkdev.h>
#include <linux/highmem.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "compat/testdisk.h"

#define DISK_BYTES (8U << 20)
#define PIECE_SECTORS 1024
#define DELAY_MS 300
#define CHECK_MS 60
#define KEPT_AT 4096
#define KEPT_BYTES 4096

static unsigned int erases;
module_param(erases, uint, 0444);
MODULE_PARM_DESC(erases, "secure discards that the disk was asked for");

static unsigned int erased;
module_param(erased, uint, 0444);
MODULE_PARM_DESC(erased, "sectors that it erased");

static unsigned int discards;
module_param(discards, uint, 0444);
MODULE_PARM_DESC(discards, "discards that are not secure");

static unsigned int durable;
module_param(durable, uint, 0444);
MODULE_PARM_DESC(durable, "writes that had to be durable when they ended");

static unsigned int flushes;
module_param(flushes, uint, 0444);
MODULE_PARM_DESC(flushes, "times it was asked to flush its cache");

static unsigned int writes;
module_param(writes, uint, 0444);
MODULE_PARM_DESC(writes, "times it was given data");

static unsigned int changed;
module_param(changed, uint, 0444);
MODULE_PARM_DESC(changed, "requests whose data changed while it had them");

static unsigned int block = SECTOR_SIZE;
module_param(block, uint, 0444);
MODULE_PARM_DESC(block, "bytes of its blocks: 512, 1024, 2048 or 4096");

static unsigned int error;
module_param(error, uint, 0644);
MODULE_PARM_DESC(error, "errno to answer everything with; 0: none");

enum { ALL, READS, WRITES, FLUSHES, DURABLE, EMPTY };

#define KINDS \
	"0: all, 1: reads, 2: writes, 3: flushes, 4: FUA, 5: flushes without data"

static unsigned int failing;
module_param(failing, uint, 0644);
MODULE_PARM_DESC(failing, "what error is for; " KINDS);

static unsigned int times;
module_param(times, uint, 0644);
MODULE_PARM_DESC(times, "how often error is answered from now on; 0: always");

static unsigned int slow;
module_param(slow, uint, 0644);
MODULE_PARM_DESC(slow, "what slow_ms is for; " KINDS);

static unsigned int slow_ms;
module_param(slow_ms, uint, 0644);
MODULE_PARM_DESC(slow_ms, "what passes before anything is done for a request");

/* Protects the counters, error and times. */
static DEFINE_MUTEX(count_lock);
/* What is read; and what a power failure leaves: a second copy. */
static u8 *memory, *platter;
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

static int lose_cache(const char *value, const struct kernel_param *param)
{
	if (!disk)
		return -EINVAL;
	memcpy(memory, platter, DISK_BYTES);
	return 0;
}

static const struct kernel_param_ops power_ops = { .set = lose_cache };

module_param_cb(powercut, &power_ops, NULL, 0200);
MODULE_PARM_DESC(powercut, "any value: what only the cache has is lost");

/* As a disk that nobody was told about: no uevent. */
static int set_sectors(const char *value, const struct kernel_param *param)
{
	unsigned int sectors;
	int err = kstrtouint(value, 0, &sectors);

	if (err)
		return err;
	if (!disk || sectors > DISK_BYTES >> SECTOR_SHIFT)
		return -EINVAL;
	set_capacity(disk, sectors);
	return 0;
}

static const struct kernel_param_ops sectors_ops = { .set = set_sectors };

module_param_cb(sectors, &sectors_ops, NULL, 0200);
MODULE_PARM_DESC(sectors, "its size from now on, which it tells nobody");

static int set_readonly(const char *value, const struct kernel_param *param)
{
	bool readonly;
	int err = disk ? kstrtobool(value, &readonly) : -EINVAL;

	if (!err)
		set_disk_ro(disk, readonly);
	return err;
}

static const struct kernel_param_ops readonly_ops = { .set = set_readonly };

module_param_cb(readonly, &readonly_ops, NULL, 0200);
MODULE_PARM_DESC(readonly, "whether it is read-only from now on; by a uevent");

/* For each sector the byte that fills it, or what stands for a mixture. */
static int get_kept(char *buf, const struct kernel_param *param)
{
	int len = 0;
	u8 *at;

	for (at = platter + KEPT_AT; at < platter + KEPT_AT + KEPT_BYTES;
	     at += SECTOR_SIZE)
		len += memchr_inv(at, *at, SECTOR_SIZE) ?
			       sysfs_emit_at(buf, len, "mixed ") :
			       sysfs_emit_at(buf, len, "%u ", *at);
	return len + sysfs_emit_at(buf, len, "\n");
}

static const struct kernel_param_ops kept_ops = { .get = get_kept };

module_param_cb(kept, &kept_ops, NULL, 0444);
MODULE_PARM_DESC(kept, "what a power failure would leave of sectors 8 to 15");

static bool looking;
module_param(looking, bool, 0644);
MODULE_PARM_DESC(looking, "look whether data changes, and do not ask for it");

static bool checking;

static int set_checking(const char *value, const struct kernel_param *param)
{
	int err = disk ? kstrtobool(value, &checking) : -EINVAL;

	return err ?: compat_testdisk_set_stable(disk, checking);
}

static const struct kernel_param_ops checking_ops = { .set = set_checking };

module_param_cb(checking, &checking_ops, NULL, 0200);
MODULE_PARM_DESC(checking, "say that data must be stable, and look");

/**
 * struct later - a request that is done some time later
 * @work: does it
 * @bio: the request
 * @sum: of its data, when it came
 */
struct later {
	struct delayed_work work;
	struct bio *bio;
	u32 sum;
};

static u8 *place_of(const struct bio *bio)
{
	return memory + (bio->bi_iter.bi_sector << SECTOR_SHIFT);
}

static bool do_later(struct bio *bio, void (*fn)(struct work_struct *work),
		     u32 sum, unsigned int ms)
{
	struct later *later = kmalloc(sizeof(*later), GFP_NOIO);

	if (!later)
		return false;
	later->bio = bio;
	later->sum = sum;
	INIT_DELAYED_WORK(&later->work, fn);
	schedule_delayed_work(&later->work, msecs_to_jiffies(ms));
	return true;
}

static void erase_work(struct work_struct *work)
{
	struct later *later = container_of(work, struct later, work.work);
	struct bio *bio = later->bio;

	memset(place_of(bio), 0, bio->bi_iter.bi_size);
	mutex_lock(&count_lock);
	erases++;
	erased += bio_sectors(bio);
	mutex_unlock(&count_lock);
	kfree(later);
	bio_endio(bio);
}

static void erase_later(struct bio *bio)
{
	if (bio_sectors(bio) > PIECE_SECTORS ||
	    !do_later(bio, erase_work, 0, DELAY_MS))
		bio_io_error(bio);
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

static u32 sum_of(const struct bio *bio)
{
	struct bvec_iter iter;
	struct bio_vec vec;
	u32 sum = 0;

	bio_for_each_segment(vec, bio, iter) {
		void *data = bvec_kmap_local(&vec);

		sum = jhash(data, vec.bv_len, sum);
		kunmap_local(data);
	}
	return sum;
}

static void check_work(struct work_struct *work)
{
	struct later *later = container_of(work, struct later, work.work);
	struct bio *bio = later->bio;

	mutex_lock(&count_lock);
	changed += sum_of(bio) != later->sum;
	mutex_unlock(&count_lock);
	kfree(later);
	bio_endio(bio);
}

static void count_promises(const struct bio *bio)
{
	if (bio->bi_opf & REQ_PREFLUSH)
		WRITE_ONCE(flushes, flushes + 1);
	if (bio->bi_opf & REQ_FUA && bio_has_data((struct bio *)bio))
		WRITE_ONCE(durable, durable + 1);
}

static void keep_promises(const struct bio *bio)
{
	size_t at = bio->bi_iter.bi_sector << SECTOR_SHIFT;

	if (op_is_write(bio_op(bio)) && bio->bi_opf & REQ_FUA)
		memcpy(platter + at, memory + at, bio->bi_iter.bi_size);
}

/* Data comes from the page, or is there, before it is looked at. */
static bool transfer(struct bio *bio)
{
	count_promises(bio);
	if (op_is_write(bio_op(bio)) && bio_has_data(bio))
		WRITE_ONCE(writes, writes + 1);
	if (bio->bi_opf & REQ_PREFLUSH)
		memcpy(platter, memory, DISK_BYTES);
	copy(bio);
	keep_promises(bio);
	return (checking || READ_ONCE(looking)) && bio_has_data(bio) &&
	       do_later(bio, check_work, sum_of(bio), CHECK_MS);
}

static bool is_of(const struct bio *bio, unsigned int kind)
{
	switch (kind) {
	case READS:
		return bio_op(bio) == REQ_OP_READ;
	case WRITES:
		return op_is_write(bio_op(bio)) && bio_sectors(bio);
	case FLUSHES:
		return bio->bi_opf & (REQ_PREFLUSH | REQ_FUA);
	case DURABLE:
		return bio->bi_opf & REQ_FUA;
	case EMPTY:
		return bio->bi_opf & REQ_PREFLUSH && !bio_sectors(bio);
	default:
		return true;
	}
}

static unsigned int error_of(const struct bio *bio)
{
	unsigned int with;

	if (!READ_ONCE(error) || !is_of(bio, READ_ONCE(failing)))
		return 0;
	mutex_lock(&count_lock);
	with = error;
	if (with && times && !--times)
		error = 0;
	mutex_unlock(&count_lock);
	return with;
}

static void handle(struct bio *bio)
{
	unsigned int with = error_of(bio);

	if (with) {
		bio->bi_status = errno_to_blk_status(-(int)with);
		bio_endio(bio);
		return;
	}
	switch (bio_op(bio)) {
	case REQ_OP_SECURE_ERASE:
		erase_later(bio);
		return;
	case REQ_OP_DISCARD:
		WRITE_ONCE(discards, discards + 1);
		break;
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		if (transfer(bio))
			return;
		break;
	default:
		bio->bi_status = BLK_STS_NOTSUPP;
	}
	bio_endio(bio);
}

static void slow_work(struct work_struct *work)
{
	struct later *later = container_of(work, struct later, work.work);
	struct bio *bio = later->bio;

	kfree(later);
	handle(bio);
}

static void testdisk_submit(struct bio *bio)
{
	unsigned int ms = READ_ONCE(slow_ms);

	if (!ms || !is_of(bio, READ_ONCE(slow)) ||
	    !do_later(bio, slow_work, 0, ms))
		handle(bio);
}

static const struct block_device_operations testdisk_ops = {
	.owner = THIS_MODULE,
	.submit_bio = testdisk_submit,
};

static int add_disk_of(int number)
{
	int err;

	disk = compat_testdisk_alloc(DISK_BYTES >> SECTOR_SHIFT, PIECE_SECTORS,
				     block);
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

	if (block < SECTOR_SIZE || block > PAGE_SIZE || !is_power_of_2(block))
		return -EINVAL;
	memory = vzalloc(DISK_BYTES);
	platter = vzalloc(DISK_BYTES);
	if (!memory || !platter) {
		vfree(memory);
		vfree(platter);
		return -ENOMEM;
	}
	major = register_blkdev(0, "testdisk");
	err = major < 0 ? major : add_disk_of(major);
	if (!err)
		return 0;
	if (major > 0)
		unregister_blkdev(major, "testdisk");
	vfree(memory);
	vfree(platter);
	return err;
}
module_init(testdisk_init);

static void __exit testdisk_exit(void)
{
	del_gendisk(disk);
	put_disk(disk);
	unregister_blkdev(major, "testdisk");
	vfree(memory);
	vfree(platter);
}
module_exit(testdisk_exit);

MODULE_DESCRIPTION("A disk in memory that does as it is told, for tests");
MODULE_LICENSE("Dual MIT/GPL");
