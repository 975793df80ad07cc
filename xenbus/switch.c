// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* Switches in debugfs: 1 is on, 0 is off. */

#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "internal.h"
#include "switch.h"

static DEFINE_MUTEX(switch_lock); /* of each switch, @since and @on together */

static void turn(struct xbe_switch *sw, bool on)
{
	mutex_lock(&switch_lock);
	if (on && !static_key_enabled(&sw->on)) {
		WRITE_ONCE(sw->since, ktime_get_ns());
		static_branch_enable(&sw->on);
	} else if (!on) {
		static_branch_disable(&sw->on);
	}
	mutex_unlock(&switch_lock);
}

static ssize_t switch_read(struct file *file, char __user *buf, size_t count,
			   loff_t *pos)
{
	struct xbe_switch *sw = file->private_data;
	const char *text = static_key_enabled(&sw->on) ? "1\n" : "0\n";

	return simple_read_from_buffer(buf, count, pos, text, 2);
}

static ssize_t switch_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *pos)
{
	struct xbe_switch *sw = file->private_data;
	char text[16] = "";
	unsigned int on;
	int err;

	if (copy_from_user(text, buf, min(count, sizeof(text) - 1)))
		return -EFAULT;
	err = count < sizeof(text) ? kstrtouint(text, 10, &on) : -EINVAL;
	if (!err && on > 1)
		err = -ERANGE;
	if (err) {
		pr_err_ratelimited("%s is \"%*pE\", allowed is 0 or 1\n",
				   sw->name, (int)strlen(strim(text)),
				   strim(text));
		return err;
	}
	turn(sw, on);
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
 * xbe_switch_add() - make a switch's file
 * @sw: a switch of the caller's module
 *
 * Context: module load.
 */
void xbe_switch_add(struct xbe_switch *sw)
{
	sw->file = debugfs_create_file(sw->name, 0600, xbe_debugfs_dir(), sw,
				       &switch_fops);
}
EXPORT_SYMBOL_NS_GPL(xbe_switch_add, XEN_BACKENDS);

/**
 * xbe_switch_remove() - remove it; nobody is in it afterwards
 * @sw: the switch
 *
 * Context: module unload.
 */
void xbe_switch_remove(struct xbe_switch *sw)
{
	debugfs_remove(sw->file);
}
EXPORT_SYMBOL_NS_GPL(xbe_switch_remove, XEN_BACKENDS);
