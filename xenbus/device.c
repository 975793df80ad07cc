// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/*
 * A backend device from bind to unbind. What xenbus calls on its one thread
 * only posts events; the work of event.c does what follows.
 *
 * Devices are unregistered on the xenwatch thread, because there xenbus itself
 * does it when a directory vanishes and two at a time would be one too many.
 * The work says that it has finished by writing the state; the watch on it
 * brings us there.
 */

#include <linux/export.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "internal.h"

/*
 * How long an administrator's unbind waits for a drain. The drain goes on in
 * the work after that; the device lives until its end.
 */
#define DETACH_WAIT (5 * HZ)

/*
 * How long xenwatch waits for drains, all devices together, in each second:
 * it serves all guests, and a destroyed one may leave many disks that are slow.
 */
#define XENWATCH_WAIT (HZ / 4)

/* When it looks again whether a child has left sysfs. */
#define CHILD_LOOK (HZ / 100 + 1)

#define UNWATCHED "cannot watch %s (%d): it is read at each connect only"
#define STILL_DRAINING "still draining: memory and module stay meanwhile"

/* When it looks again whether a bind has ended. */
#define BIND_AGAIN_MS 20

/*
 * Devices whose drain outlasted the unbind. They must not be bound again until
 * it ends: two would answer on one ring.
 */
static LIST_HEAD(draining);
static DEFINE_SPINLOCK(draining_lock);

static bool is_draining(const struct xenbus_device *xdev)
{
	struct xbe_device *xbe;
	bool found = false;

	spin_lock(&draining_lock);
	list_for_each_entry(xbe, &draining, draining)
		found |= !strcmp(xbe->xdev->nodename, xdev->nodename);
	spin_unlock(&draining_lock);
	return found;
}

static void set_draining(struct xbe_device *xbe)
{
	spin_lock(&draining_lock);
	list_add(&xbe->draining, &draining);
	spin_unlock(&draining_lock);
}

static void free_device(struct kref *ref)
{
	struct xbe_device *xbe = container_of(ref, struct xbe_device, ref);
	bool outlasted;

	spin_lock(&draining_lock);
	outlasted = !list_empty(&xbe->draining);
	list_del(&xbe->draining);
	spin_unlock(&draining_lock);
	/* A device of the same name may have been refused meanwhile. */
	if (outlasted)
		queue_work(xbe->drv->wq, &xbe->drv->attach);
	put_device(xbe->child);
	put_device(&xbe->xdev->dev);
	module_put(xbe->module);
	kfree(xbe->frontend_dir);
	kfree(xbe);
}

/**
 * xbe_put() - give back a reference
 * @xbe: the device
 *
 * Context: may sleep.
 */
void xbe_put(struct xbe_device *xbe)
{
	kref_put(&xbe->ref, free_device);
}

static int write_again(struct xenbus_transaction xbt, void *dir)
{
	unsigned int state;

	if (xenbus_scanf(xbt, dir, "state", "%u", &state) != 1 ||
	    state != XenbusStateInitialising)
		return -ENOENT;
	return xenbus_printf(xbt, dir, "state", "%d", XenbusStateInitialising);
}

/*
 * The toolstack may have put another device in the directory already. xenbus
 * has looked at it then, and found ours: what is written now has it look again.
 */
static void unregister(struct device *dev, char *dir)
{
	device_unregister(dev);
	if (dir)
		xbe_transact(write_again, dir);
}

/*
 * Whoever holds the lock of a device is binding it, or is unbinding it and waits
 * for the thread we are on, which waits for neither. A device whose frontend is
 * over at once can be closed before the driver core is done with its bind: the
 * work has us look again then. One that is unbound goes with its directory or
 * waits for a driver, and its work posts nothing more.
 */
static bool is_bound(struct xbe_device *xbe)
{
	struct device *dev = &xbe->xdev->dev;

	if (!device_trylock(dev)) {
		xbe_post_later(xbe, BIND_AGAIN_MS);
		return false;
	}
	device_unlock(dev);
	return true;
}

static void state_written(struct xenbus_watch *xs, const char *path,
			  const char *token)
{
	struct xbe_watch *watch = container_of(xs, struct xbe_watch, xs);
	struct device *dev = &watch->xbe->xdev->dev;
	char *dir;

	if (!READ_ONCE(watch->xbe->unregister)) {
		xbe_post(watch->xbe, XBE_PEND_STATE);
		return;
	}
	dir = kstrdup(watch->xbe->xdev->nodename, GFP_KERNEL);
	/*
	 * One that takes the lock between the two lines below would wait for
	 * us, and we for it.
	 */
	if (is_bound(watch->xbe))
		unregister(dev, dir);
	kfree(dir);
}

static void node_written(struct xenbus_watch *xs, const char *path,
			 const char *token)
{
	struct xbe_watch *watch = container_of(xs, struct xbe_watch, xs);

	xbe_post_check(watch->xbe);
}

/* All events of a node are one: none is queued while one is (XSA-349). */
static bool none_pending(struct xenbus_watch *xs, const char *path,
			 const char *token)
{
	return !xs->nr_pending;
}

static int watch_node(struct xbe_device *xbe, struct xbe_watch *watch,
		      const struct xbe_watch_desc *desc,
		      void (*fn)(struct xenbus_watch *, const char *,
				 const char *))
{
	const char *dir = desc->frontend ? xbe->frontend_dir :
					   xbe->xdev->nodename;
	int err;

	watch->xbe = xbe;
	watch->xs.node = kasprintf(GFP_KERNEL, "%s/%s", dir, desc->node);
	if (!watch->xs.node)
		return -ENOMEM;
	watch->xs.will_handle = none_pending;
	watch->xs.callback = fn;
	err = register_xenbus_watch(&watch->xs);
	if (err) {
		kfree(watch->xs.node);
		watch->xs.node = NULL;
	}
	return err;
}

static void unwatch(struct xbe_watch *watch)
{
	if (!watch->xs.node)
		return;
	unregister_xenbus_watch(&watch->xs);
	kfree(watch->xs.node);
	watch->xs.node = NULL;
}

static void unwatch_all(struct xbe_device *xbe)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(xbe->watches); i++)
		unwatch(&xbe->watches[i]);
	unwatch(&xbe->state_watch);
}

/* xenstored allows a driver domain 128 watches: more devices than watches for all. */
static int watch_more(struct xbe_device *xbe, unsigned int i)
{
	const struct xbe_watch_desc *desc = &xbe->ops->watches[i];
	int err = watch_node(xbe, &xbe->watches[i], desc, node_written);

	if (!err || !desc->optional)
		return err;
	if (__ratelimit(&xbe->messages))
		dev_warn(&xbe->xdev->dev, UNWATCHED "\n", desc->node, err);
	return 0;
}

static int watch_all(struct xbe_device *xbe)
{
	static const struct xbe_watch_desc state = { "state" };
	unsigned int i;
	int err;

	err = watch_node(xbe, &xbe->state_watch, &state, state_written);
	for (i = 0; i < xbe->ops->nr_watches && !err; i++)
		err = watch_more(xbe, i);
	if (err)
		unwatch_all(xbe);
	return err;
}

static struct xbe_device *alloc_device(struct xenbus_device *xdev,
				       struct xbe_driver *drv)
{
	struct xbe_device *xbe = kzalloc(sizeof(*xbe), GFP_KERNEL);

	if (!xbe)
		return NULL;
	xbe->frontend_dir = kstrdup(xdev->otherend, GFP_KERNEL);
	if (!xbe->frontend_dir) {
		kfree(xbe);
		return NULL;
	}
	xbe->xdev = xdev;
	get_device(&xdev->dev);
	xbe->module = drv->xen.driver.owner;
	__module_get(xbe->module);
	xbe->drv = drv;
	xbe->ops = drv->ops;
	xbe->domid = xdev->otherend_id;
	/* Not a state: the first one seen is a change, whatever it is. */
	xbe->seen = -1;
	kref_init(&xbe->ref);
	INIT_LIST_HEAD(&xbe->draining);
	INIT_WORK(&xbe->work, xbe_work);
	INIT_DELAYED_WORK(&xbe->later, xbe_later);
	spin_lock_init(&xbe->lock);
	init_completion(&xbe->detached);
	ratelimit_state_init(&xbe->messages, 60 * HZ, 10);
	ratelimit_state_init(&xbe->restarts, 60 * HZ, 10);
	/* It counts; what it holds back is no message. */
	ratelimit_set_flags(&xbe->restarts, RATELIMIT_MSG_ON_RELEASE);
	return xbe;
}

static int bind(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct xenbus_driver *xen = to_xenbus_driver(xdev->dev.driver);
	struct xbe_driver *drv = container_of(xen, struct xbe_driver, xen);
	struct xbe_device *xbe;
	int err;

	if (is_draining(xdev))
		return -EBUSY;
	xbe = alloc_device(xdev, drv);
	if (!xbe)
		return -ENOMEM;
	err = watch_all(xbe);
	if (err) {
		xbe_put(xbe);
		return err;
	}
	dev_set_drvdata(&xdev->dev, xbe);
	xbe->starting = xbe->ops->has_child;
	xbe_post(xbe, XBE_PEND_START);
	return 0;
}

/* Of xenwatch alone, which is one thread: what it has used needs no lock. */
static bool wait_on_xenwatch(struct completion *done)
{
	static unsigned long until, left;

	if (!until || time_after_eq(jiffies, until)) {
		until = jiffies + HZ;
		left = XENWATCH_WAIT;
	}
	if (!left)
		return completion_done(done);
	left = wait_for_completion_timeout(done, left);
	return left;
}

/* Whether the work has let go; xenwatch has no memory of a process. */
static bool wait_detached(struct xbe_device *xbe)
{
	if (!xbe->ops->slow_drain) {
		wait_for_completion(&xbe->detached);
		return true;
	}
	if (current->flags & PF_KTHREAD)
		return wait_on_xenwatch(&xbe->detached);
	return wait_for_completion_timeout(&xbe->detached, DETACH_WAIT);
}

/*
 * The device goes from sysfs next. A child has to go from there before, which takes
 * the work no longer than the RTNL is held by others. The work may be past that, and
 * wait for who holds on to the child.
 */
static void wait_for_child(struct xbe_device *xbe)
{
	struct device *child;

	do {
		/* Pairs with start(). */
		bool starting = smp_load_acquire(&xbe->starting);

		child = READ_ONCE(xbe->child);
		if (!starting && (!child || !device_is_registered(child)))
			return;
	} while (!wait_for_completion_timeout(&xbe->detached, CHILD_LOOK));
}

static void unbind(struct xenbus_device *xdev)
{
	struct xbe_device *xbe = xbe_from_dev(&xdev->dev);

	unwatch_all(xbe);
	xbe_post(xbe, XBE_PEND_DETACH);
	if (!wait_detached(xbe)) {
		wait_for_child(xbe);
		set_draining(xbe);
		/* Once in its life; a limit for all would hide others'. */
		dev_info(&xdev->dev, STILL_DRAINING "\n");
	}
	/* Who sees the device gone may unload the module at once. */
	if (list_empty(&xbe->draining))
		flush_work(&xbe->work);
	dev_set_drvdata(&xdev->dev, NULL);
	xbe_put(xbe);
}

static void frontend_changed(struct xenbus_device *xdev,
			     enum xenbus_state state)
{
	xbe_post_frontend(xbe_from_dev(&xdev->dev), state);
}

/*
 * xenbus holds a lock that its own bind and unbind take: a private part that is
 * there stays until this returns.
 */
static void reclaim_memory(struct xenbus_device *xdev)
{
	struct xbe_device *xbe = xbe_from_dev(&xdev->dev);

	if (xbe && xbe->ops->reclaim && READ_ONCE(xbe->priv))
		xbe->ops->reclaim(xbe);
}

static int device_uevent(compat_uevent_const struct xenbus_device *xdev,
			 struct kobj_uevent_env *env)
{
	/* A reader of sysfs holds no lock: it may be unbound meanwhile. */
	struct device_driver *bound = READ_ONCE(xdev->dev.driver);
	const struct xbe_driver *drv;

	if (!bound)
		return 0;
	drv = container_of(to_xenbus_driver(bound), struct xbe_driver, xen);
	return drv->ops->uevent ? drv->ops->uevent(xdev, env) : 0;
}

static void attach_again(struct work_struct *work)
{
	struct xbe_driver *drv = container_of(work, struct xbe_driver, attach);

	/* The log has what went wrong; there is nobody else to tell. */
	if (driver_attach(&drv->xen.driver))
		pr_warn("cannot look for devices of %s\n",
			drv->xen.driver.name);
}

/**
 * __xbe_register_driver() - register a backend driver
 * @drv: its ops and ids filled, the rest zero; lives until unregistered
 * @owner: the driver's module
 * @name: the module's name
 *
 * Use xbe_register_driver(). Devices of running guests are bound before this
 * returns.
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __xbe_register_driver(struct xbe_driver *drv, struct module *owner,
			  const char *name)
{
	int err;

	if (drv->ops->nr_watches > XBE_MAX_WATCHES)
		return -EINVAL;
	/* Unbound, and many: a drain may take as long as a disk does. */
	drv->wq = alloc_workqueue("xbe-%s", WQ_UNBOUND, WQ_UNBOUND_MAX_ACTIVE,
				  name);
	if (!drv->wq)
		return -ENOMEM;
	drv->xen.ids = drv->ids;
	drv->xen.probe = bind;
	drv->xen.remove = unbind;
	drv->xen.otherend_changed = frontend_changed;
	drv->xen.uevent = device_uevent;
	drv->xen.reclaim_memory = reclaim_memory;
	/* A guest that is served keeps its device over a reload. */
	drv->xen.allow_rebind = true;
	drv->xen.driver.dev_groups = drv->ops->groups;
	INIT_WORK(&drv->attach, attach_again);
	err = __xenbus_register_backend(&drv->xen, owner, name);
	if (err)
		destroy_workqueue(drv->wq);
	return err;
}
EXPORT_SYMBOL_NS_GPL(__xbe_register_driver, XEN_BACKENDS);

/**
 * xbe_unregister_driver() - unregister a driver that has no device bound
 * @drv: the driver
 *
 * Context: may sleep; waits for the drain of every device.
 */
void xbe_unregister_driver(struct xbe_driver *drv)
{
	cancel_work_sync(&drv->attach);
	xenbus_unregister_driver(&drv->xen);
	/* The last work may be on its way out of our code. */
	destroy_workqueue(drv->wq);
}
EXPORT_SYMBOL_NS_GPL(xbe_unregister_driver, XEN_BACKENDS);
