// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* Histograms of how long requests take, and their switch; see latency.h. */

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "blkback.h"

DEFINE_STATIC_KEY_FALSE(blkback_latency_on);

/*
 * When it was last switched on. What was stamped before is of a former time,
 * and its request may have been taken again since without a stamp.
 */
static u64 on_since;
static DEFINE_MUTEX(switch_lock); /* on_since and the key together */
static struct dentry *switch_file;

static void switch_to(bool on)
{
	mutex_lock(&switch_lock);
	if (on && !static_key_enabled(&blkback_latency_on)) {
		WRITE_ONCE(on_since, ktime_get_ns());
		static_branch_enable(&blkback_latency_on);
	} else if (!on) {
		static_branch_disable(&blkback_latency_on);
	}
	mutex_unlock(&switch_lock);
}

/**
 * blkback_latency_count() - a request is being answered
 * @io: the request
 *
 * Call it only while blkback_latency_on.
 *
 * Context: any; under the ring's lock.
 */
void blkback_latency_count(struct blkback_io *io)
{
	struct blkback_latency *latency = &io->ring->latency;
	u64 since = READ_ONCE(on_since);
	unsigned int bucket;

	lockdep_assert_held(&io->ring->lock);
	/* One that could not be parsed has no operation. */
	if (io->taken_at < since || io->req.op >= BLKBACK_LATENCY_OPS)
		return;
	bucket = blkback_latency_bucket(ktime_get_ns() - io->taken_at);
	latency->nr[io->req.op][bucket]++;
}

/**
 * blkback_latency_show() - print histograms: a line a bucket that has any
 * @m: where to
 * @latency: of a ring
 *
 * Context: any.
 */
void blkback_latency_show(struct seq_file *m,
			  const struct blkback_latency *latency)
{
	static const char *const ops[BLKBACK_LATENCY_OPS] = {
		[BLKBACK_READ] = "read",       [BLKBACK_WRITE] = "write",
		[BLKBACK_FLUSH] = "flush",     [BLKBACK_BARRIER] = "barrier",
		[BLKBACK_DISCARD] = "discard",
	};
	unsigned int op, i;

	for (op = 0; op < BLKBACK_LATENCY_OPS; op++)
		for (i = 0; i < BLKBACK_LATENCY_BUCKETS; i++) {
			u64 nr = READ_ONCE(latency->nr[op][i]);

			if (nr)
				seq_printf(m, "latency_%s_%lu_us: %llu\n",
					   ops[op], i ? BIT(i - 1) : 0, nr);
		}
}

static ssize_t switch_read(struct file *file, char __user *buf, size_t count,
			   loff_t *pos)
{
	const char *text = static_key_enabled(&blkback_latency_on) ? "1\n" :
								     "0\n";

	return simple_read_from_buffer(buf, count, pos, text, 2);
}

static ssize_t switch_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *pos)
{
	char text[16] = "";
	unsigned int on;
	int err;

	if (copy_from_user(text, buf, min(count, sizeof(text) - 1)))
		return -EFAULT;
	err = count < sizeof(text) ? kstrtouint(text, 10, &on) : -EINVAL;
	if (!err && on > 1)
		err = -ERANGE;
	if (err) {
		pr_err_ratelimited("latency is \"%*pE\", allowed is 0 or 1\n",
				   (int)strlen(strim(text)), strim(text));
		return err;
	}
	switch_to(on);
	return count;
}

static const struct file_operations switch_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = switch_read,
	.write = switch_write,
	.llseek = default_llseek,
};

/**
 * blkback_latency_init() - make the switch, debugfs "blkback-latency"
 *
 * Context: module load.
 */
void blkback_latency_init(void)
{
	struct dentry *dir = xbe_debugfs_dir();

	switch_file = debugfs_create_file("blkback-latency", 0600, dir, NULL,
					  &switch_fops);
}

/**
 * blkback_latency_exit() - remove it
 *
 * Context: module unload.
 */
void blkback_latency_exit(void)
{
	debugfs_remove(switch_file);
}
