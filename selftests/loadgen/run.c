// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Runs: their files in debugfs, their counts, their waiting. */

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "loadgen.h"

#define LINE_MAX 256

static struct dentry *root;

static ssize_t run_write(struct file *file, const char __user *from, size_t len,
			 loff_t *pos)
{
	struct lg_device *dev = file->private_data;
	struct lg_run *run = &dev->run;
	char *line;
	int err;

	if (len > LINE_MAX) {
		dev_err(&dev->xdev->dev,
			"a line has %zu bytes, allowed is 1 to %u\n", len,
			LINE_MAX);
		return -EINVAL;
	}
	if (!mutex_trylock(&run->lock)) {
		dev_err(&dev->xdev->dev, "a run is under way\n");
		return -EBUSY;
	}
	line = memdup_user_nul(from, len);
	err = PTR_ERR_OR_ZERO(line);
	if (!err && READ_ONCE(dev->gone))
		err = -ENODEV;
	if (!err)
		err = dev->type->run(dev, line);
	lg_run_watch(dev, NULL);
	mutex_unlock(&run->lock);
	if (!IS_ERR(line))
		kfree(line);
	return err ? err : len;
}

static const struct file_operations run_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = run_write,
	.llseek = noop_llseek,
};

/**
 * lg_run_watch() - begin counting anew, on a channel; or end
 * @dev: a device whose run lock is held
 * @chan: the channel the run uses, NULL when it is over
 *
 * Context: may sleep.
 */
void lg_run_watch(struct lg_device *dev, struct lg_channel *chan)
{
	struct lg_run *run = &dev->run;

	if (chan) {
		memset(&run->counts, 0, sizeof(run->counts));
		run->events = READ_ONCE(chan->events);
		run->notifies = READ_ONCE(chan->notifies);
	} else if (run->chan) {
		run->counts.events = READ_ONCE(run->chan->events) - run->events;
		run->counts.notify_sent =
			READ_ONCE(run->chan->notifies) - run->notifies;
	}
	WRITE_ONCE(run->chan, chan);
}

/*
 * Of a run that lasts the numbers are read one by one, each right by itself.
 * A channel lives longer than this file.
 */
static int result_show(struct seq_file *m, void *unused)
{
	struct lg_device *dev = m->private;
	struct lg_run *run = &dev->run;
	struct lg_counts c = run->counts;
	struct lg_channel *chan = READ_ONCE(run->chan);

	if (chan) {
		c.events = READ_ONCE(chan->events) - run->events;
		c.notify_sent = READ_ONCE(chan->notifies) - run->notifies;
	}
	seq_printf(m,
		   "requests %llu\nresponses %llu\nerrors %llu\nbytes %llu\n",
		   c.requests, c.responses, c.errors, c.bytes);
	seq_printf(m, "notify_sent %llu\nevents %llu\n", c.notify_sent,
		   c.events);
	if (dev->type->has_packets)
		seq_printf(m, "packets %llu\n", c.packets);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

/**
 * lg_run_add() - make a device's files
 * @dev: the device
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int lg_run_add(struct lg_device *dev)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u", dev->type->name, dev->number);
	dev->run.dir = debugfs_create_dir(name, root);
	if (IS_ERR(dev->run.dir))
		return PTR_ERR(dev->run.dir);
	debugfs_create_file("result", 0444, dev->run.dir, dev, &result_fops);
	debugfs_create_file("run", 0200, dev->run.dir, dev, &run_fops);
	return 0;
}

/**
 * lg_run_remove() - remove a device's files; none is in use afterwards
 * @dev: a device that is gone, so that a run ends
 *
 * Context: may sleep.
 */
void lg_run_remove(struct lg_device *dev)
{
	debugfs_remove(dev->run.dir);
	dev->run.dir = NULL;
}

/**
 * lg_run_deadline() - when a run is to end
 * @seconds: from now, 0 for never
 *
 * Context: any.
 * Return: what lg_run_wait() takes.
 */
unsigned long lg_run_deadline(u64 seconds)
{
	unsigned long deadline = jiffies + seconds * HZ;

	/* 0 is no time but never. */
	return seconds ? deadline | 1 : 0;
}

static bool is_over(struct lg_device *dev, bool (*ready)(void *arg), void *arg)
{
	return READ_ONCE(dev->gone) || ready(arg);
}

/**
 * lg_run_wait() - wait until what a run needs is there
 * @dev: the device; its channel's events must wake dev->wait
 * @ready: whether it is there
 * @arg: for @ready
 * @deadline: from lg_run_deadline()
 *
 * Context: may sleep.
 * Return: 0; -ENODEV: the device goes; -EINTR: a signal; -ETIMEDOUT.
 */
int lg_run_wait(struct lg_device *dev, bool (*ready)(void *arg), void *arg,
		unsigned long deadline)
{
	long left = MAX_SCHEDULE_TIMEOUT;

	if (deadline)
		left = max(1L, (long)(deadline - jiffies));
	left = wait_event_interruptible_timeout(dev->wait,
						is_over(dev, ready, arg), left);
	if (READ_ONCE(dev->gone))
		return -ENODEV;
	if (left < 0)
		return -EINTR;
	return left ? 0 : -ETIMEDOUT;
}

/**
 * lg_run_init() - make the folder of all devices
 *
 * Context: module load.
 * Return: 0 or a negative errno.
 */
int lg_run_init(void)
{
	root = debugfs_create_dir("xen-loadgen", NULL);
	return PTR_ERR_OR_ZERO(root);
}

/**
 * lg_run_exit() - remove it
 *
 * Context: module unload.
 */
void lg_run_exit(void)
{
	debugfs_remove(root);
}
