// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /dev/xen/evtchn: event channels for processes. read(2) gives the ports whose
 * event came, each masked since; write(2) of a port unmasks it.
 */

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/interface/xen.h>
#include <xen/evtchn.h>
#include <xen/xen.h>

#include "chardev.h"

/* Ports carried from the ring to the reader at a time, on the stack. */
#define READ_CHUNK 64

/* Copies out all that waits, up to @max, and only then consumes it. */
static ssize_t read_ports(struct evtchn_file *ef, char __user *buf,
			  unsigned int max)
{
	evtchn_port_t port[READ_CHUNK];
	unsigned int done = 0;
	int n;

	lockdep_assert_held(&ef->read_lock);

	while (done < max) {
		n = evtchn_ring_peek(&ef->ring, done, port,
				     min_t(unsigned int, max - done,
					   READ_CHUNK));
		if (n < 0)
			return n;
		if (!n)
			break;
		if (copy_to_user(buf + done * sizeof(*port), port,
				 n * sizeof(*port)))
			return -EFAULT;
		done += n;
	}
	evtchn_ring_consume(&ef->ring, done);
	return done * sizeof(*port);
}

static ssize_t chardev_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct evtchn_file *ef = file->private_data;
	unsigned int max =
		min_t(size_t, count, PAGE_SIZE) / sizeof(evtchn_port_t);
	ssize_t ret;

	if (!max)
		return 0;
	for (;;) {
		mutex_lock(&ef->read_lock);
		ret = read_ports(ef, buf, max);
		mutex_unlock(&ef->read_lock);
		if (ret)
			return ret;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(ef->readers,
					       evtchn_ring_readable(&ef->ring));
		if (ret)
			return ret;
	}
}

static ssize_t chardev_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct evtchn_file *ef = file->private_data;
	unsigned int nr =
		min_t(size_t, count, PAGE_SIZE) / sizeof(evtchn_port_t);
	evtchn_port_t *port;

	if (!nr)
		return 0;
	port = memdup_user(buf, nr * sizeof(*port));
	if (IS_ERR(port))
		return PTR_ERR(port);
	evtchn_ports_unmask(ef, port, nr);
	kfree(port);
	return nr * sizeof(*port);
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct evtchn_file *ef = file->private_data;

	poll_wait(file, &ef->readers, wait);
	if (READ_ONCE(ef->ring.overflow))
		return EPOLLERR;
	if (evtchn_ring_readable(&ef->ring))
		return EPOLLOUT | EPOLLWRNORM | EPOLLIN | EPOLLRDNORM;
	return EPOLLOUT | EPOLLWRNORM;
}

static int chardev_fasync(int fd, struct file *file, int on)
{
	struct evtchn_file *ef = file->private_data;

	return fasync_helper(fd, file, on, &ef->async);
}

static long chardev_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct evtchn_file *ef = file->private_data;

	if (cmd == IOCTL_EVTCHN_RESET) {
		mutex_lock(&ef->read_lock);
		evtchn_ring_reset(&ef->ring);
		mutex_unlock(&ef->read_lock);
		return 0;
	}
	return evtchn_ports_ioctl(ef, cmd, (void __user *)arg);
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct evtchn_file *ef = kzalloc(sizeof(*ef), GFP_KERNEL);

	if (!ef)
		return -ENOMEM;
	mutex_init(&ef->bind_lock);
	mutex_init(&ef->read_lock);
	xa_init(&ef->ports);
	ef->restrict_domid = EVTCHN_ANY_DOMID;
	evtchn_ring_init(&ef->ring);
	init_waitqueue_head(&ef->readers);
	snprintf(ef->name, sizeof(ef->name), "evtchn:%s", current->comm);
	/* It becomes a folder of /proc/irq. */
	strreplace(ef->name, '/', '!');
	file->private_data = ef;
	return stream_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct evtchn_file *ef = file->private_data;

	/* No event after this, so that the ring may go. */
	evtchn_ports_release(ef);
	evtchn_ring_destroy(&ef->ring);
	kfree(ef);
	return 0;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.read = chardev_read,
	.write = chardev_write,
	.poll = chardev_poll,
	.fasync = chardev_fasync,
	.unlocked_ioctl = chardev_ioctl,
};

static struct miscdevice chardev_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/evtchn",
	.fops = &chardev_fops,
};

static int __init chardev_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	return misc_register(&chardev_misc);
}
module_init(chardev_init);

static void __exit chardev_exit(void)
{
	misc_deregister(&chardev_misc);
}
module_exit(chardev_exit);

MODULE_DESCRIPTION("Xen event channels for processes: /dev/xen/evtchn");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_IMPORT_NS(XEN_BACKENDS);
