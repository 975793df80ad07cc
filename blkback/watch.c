// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Who tells when what is below a vbd changes, mostly its size. Of block devices the
 * kernel does, to user space, by uevents: modules are told nothing else, so we
 * listen there. Of files fsnotify does.
 */

#include <linux/fsnotify_backend.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "blkback.h"

/* The kernel's own group; udev's has what it made of them. */
#define KERNEL_GROUP 1
/* More than lib/kobject_uevent.c puts into one. */
#define MESSAGE_MAX 4096

/* Vbds that have been probed, against the listener. */
static LIST_HEAD(vbds);
static DEFINE_MUTEX(vbds_lock);

static struct socket *uevents;
static char message[MESSAGE_MAX + 1]; /* of the listener */
static void (*old_data_ready)(struct sock *sk);

static struct fsnotify_group *files;

/**
 * struct blkback_watch - a file whose size is watched
 * @mark: as fsnotify has it
 * @xbe: whom to tell
 * @size: bytes, as last seen
 */
struct blkback_watch {
	struct fsnotify_mark mark;
	struct xbe_device *xbe;
	loff_t size;
};

/* ANY: something may have been missed. */
#define ANY 0

static void tell(dev_t device)
{
	struct blkback_vbd *vbd;

	mutex_lock(&vbds_lock);
	list_for_each_entry(vbd, &vbds, next)
		if (READ_ONCE(vbd->device) &&
		    (device == ANY || device == READ_ONCE(vbd->device) ||
		     device == READ_ONCE(vbd->whole)))
			xbe_post_check(vbd->xbe);
	mutex_unlock(&vbds_lock);
}

/* "change@/devices/...", then NAME=VALUE, each ended by a zero. */
static void parse_uevent(const char *text, size_t len)
{
	unsigned int major = 0, minor = 0;
	const char *end = text + len;
	bool block = false;

	if (!str_has_prefix(text, "change@"))
		return;
	for (; text < end; text += strlen(text) + 1) {
		if (!strcmp(text, "SUBSYSTEM=block"))
			block = true;
		else if (str_has_prefix(text, "MAJOR="))
			sscanf(text, "MAJOR=%u", &major);
		else if (str_has_prefix(text, "MINOR="))
			sscanf(text, "MINOR=%u", &minor);
	}
	if (block && MKDEV(major, minor) != ANY)
		tell(MKDEV(major, minor));
}

static void read_uevents(struct work_struct *work)
{
	for (;;) {
		struct kvec vec = { message, MESSAGE_MAX };
		struct msghdr msg = {};
		int len = kernel_recvmsg(uevents, &msg, &vec, 1, MESSAGE_MAX,
					 MSG_DONTWAIT);

		if (len == -ENOBUFS) {
			tell(ANY);
			continue;
		}
		if (len < 0)
			return;
		message[len] = '\0';
		parse_uevent(message, len);
		cond_resched();
	}
}

static DECLARE_WORK(listener, read_uevents);

static void data_ready(struct sock *sk)
{
	schedule_work(&listener);
}

static int open_uevents(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = KERNEL_GROUP,
	};
	struct sock *sk;
	int err;

	err = sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW,
			       NETLINK_KOBJECT_UEVENT, &uevents);
	if (err)
		return err;
	sk = uevents->sk;
	write_lock_bh(&sk->sk_callback_lock);
	old_data_ready = sk->sk_data_ready;
	sk->sk_data_ready = data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	err = kernel_bind(uevents, (struct sockaddr *)&address,
			  sizeof(address));
	if (err)
		sock_release(uevents);
	return err;
}

static void close_uevents(void)
{
	struct sock *sk = uevents->sk;
	int group = KERNEL_GROUP;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = old_data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	/* To leave a group is to wait for all that is on its way to it. */
	uevents->ops->setsockopt(uevents, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP,
				 KERNEL_SOCKPTR(&group), sizeof(group));
	cancel_work_sync(&listener);
	sock_release(uevents);
}

static int file_event(struct fsnotify_mark *mark, u32 mask, struct inode *inode,
		      struct inode *dir, const struct qstr *name, u32 cookie)
{
	struct blkback_watch *watch =
		container_of(mark, struct blkback_watch, mark);
	loff_t size = i_size_read(inode);

	/* Others may write to the file without changing its size. */
	if (xchg(&watch->size, size) != size)
		xbe_post_check(watch->xbe);
	return 0;
}

static void free_watch(struct fsnotify_mark *mark)
{
	kfree(container_of(mark, struct blkback_watch, mark));
}

static const struct fsnotify_ops file_ops = {
	.handle_inode_event = file_event,
	.free_mark = free_watch,
};

/**
 * blkback_watch_file() - have a vbd's keys and size checked when a file's size
 *	changes
 * @vbd: the vbd
 * @inode: of the file, which stays open
 *
 * What a guest writes makes no events, as io-file.c calls the file system
 * itself; what others in this domain do makes some.
 *
 * Context: may sleep.
 * Return: the watch or an error pointer.
 */
struct blkback_watch *blkback_watch_file(struct blkback_vbd *vbd,
					 struct inode *inode)
{
	struct blkback_watch *watch = kzalloc(sizeof(*watch), GFP_KERNEL);
	int err;

	if (!watch)
		return ERR_PTR(-ENOMEM);
	watch->xbe = vbd->xbe;
	watch->size = i_size_read(inode);
	fsnotify_init_mark(&watch->mark, files);
	watch->mark.mask = FS_MODIFY;
	err = fsnotify_add_inode_mark(&watch->mark, inode, 0);
	if (err) {
		fsnotify_put_mark(&watch->mark);
		return ERR_PTR(err);
	}
	return watch;
}

/**
 * blkback_unwatch_file() - end that
 * @watch: the watch; nobody is told anything any more afterwards
 *
 * Context: may sleep.
 */
void blkback_unwatch_file(struct blkback_watch *watch)
{
	fsnotify_destroy_mark(&watch->mark, files);
	fsnotify_put_mark(&watch->mark);
	/* An event may be on its way to the vbd. */
	fsnotify_wait_marks_destroyed();
}

/**
 * blkback_watch_add() - have a vbd hear of its block device's changes
 * @vbd: the vbd
 *
 * Context: may sleep.
 */
void blkback_watch_add(struct blkback_vbd *vbd)
{
	mutex_lock(&vbds_lock);
	list_add_tail(&vbd->next, &vbds);
	mutex_unlock(&vbds_lock);
}

/**
 * blkback_watch_remove() - end that; nothing is posted to it afterwards
 * @vbd: the vbd
 *
 * Context: may sleep.
 */
void blkback_watch_remove(struct blkback_vbd *vbd)
{
	mutex_lock(&vbds_lock);
	list_del(&vbd->next);
	mutex_unlock(&vbds_lock);
}

/**
 * blkback_watch_init() - begin to listen
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int blkback_watch_init(void)
{
	int err;

	files = fsnotify_alloc_group(&file_ops, 0);
	if (IS_ERR(files))
		return PTR_ERR(files);
	err = open_uevents();
	if (err)
		fsnotify_put_group(files);
	return err;
}

/**
 * blkback_watch_exit() - end it; no vbd and no watch is left
 *
 * Context: may sleep.
 */
void blkback_watch_exit(void)
{
	close_uevents();
	fsnotify_put_group(files);
	/* Marks are freed by our code, later than they are put. */
	fsnotify_wait_marks_destroyed();
}
