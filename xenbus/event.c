// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What happens to a device: posted from anywhere, handled in the device's own
 * work. A post is a bit, so a guest that floods a path costs one pending event
 * (XSA-349), and the work never runs twice at a time, so it is ordered.
 */

#include <linux/delay.h>
#include <linux/export.h>

#include "internal.h"

/*
 * A frontend that restarts more often than its ratelimit allows waits so long
 * each time: mapping a bad ring costs a line in the log that is not ours.
 */
#define RESTART_PAUSE_MS 2000

/**
 * xbe_post() - tell a device's work that something happened
 * @xbe: the device
 * @what: what; twice before it is handled is once
 *
 * Context: any.
 */
void xbe_post(struct xbe_device *xbe, enum xbe_pending what)
{
	unsigned long flags;

	spin_lock_irqsave(&xbe->lock, flags);
	__set_bit(what, &xbe->pending);
	spin_unlock_irqrestore(&xbe->lock, flags);
	/* Each time it is queued holds the device: it may run after the unbind. */
	kref_get(&xbe->ref);
	if (!queue_work(xbe->drv->wq, &xbe->work))
		xbe_put(xbe);
}

/* As xbe_post(); only the latest state counts. */
void xbe_post_frontend(struct xbe_device *xbe, enum xenbus_state state)
{
	unsigned long flags;

	spin_lock_irqsave(&xbe->lock, flags);
	xbe->frontend = state;
	spin_unlock_irqrestore(&xbe->lock, flags);
	xbe_post(xbe, XBE_PEND_FRONTEND);
}

/**
 * xbe_post_check() - have ops->resource() or ops->key_changed() called
 * @xbe: the device
 *
 * For a driver whose resource comes by another way than a watched node.
 *
 * Context: any.
 */
void xbe_post_check(struct xbe_device *xbe)
{
	xbe_post(xbe, XBE_PEND_CHECK);
}
EXPORT_SYMBOL_NS_GPL(xbe_post_check, XEN_BACKENDS);

/**
 * xbe_fault() - report from the data path that the guest broke its ring
 * @xbe: the device
 * @why: a string constant; only the first since the connect is kept
 *
 * The caller has halted the ring. The report and ops->fault() follow in
 * process context: nothing here sleeps (XSA-90).
 *
 * Context: any.
 */
void xbe_fault(struct xbe_device *xbe, const char *why)
{
	if (!cmpxchg(&xbe->fault, NULL, why))
		xbe_post(xbe, XBE_PEND_FAULT);
}
EXPORT_SYMBOL_NS_GPL(xbe_fault, XEN_BACKENDS);

/*
 * Written even when it is the same: our own watch and the toolstack's fire. Not
 * where the toolstack has removed the directory, or another device is there.
 */
static int write_closed(struct xenbus_transaction xbt, void *dir)
{
	unsigned int online;

	if (xenbus_exists(xbt, dir, "state") != 1 ||
	    (xenbus_scanf(xbt, dir, "online", "%u", &online) == 1 && online))
		return -ENOENT;
	return xenbus_printf(xbt, dir, "state", "%d", XenbusStateClosed);
}

/**
 * struct lead - a state that has the frontend go on, to be written
 * @xdev: the device
 * @state: the state
 * @kept: it was not written: the toolstack wants the device closed
 */
struct lead {
	struct xenbus_device *xdev;
	enum xenbus_state state;
	bool kept;
};

static bool is_set_offline(struct xenbus_transaction xbt, const char *dir)
{
	unsigned int online;

	return xenbus_scanf(xbt, dir, "online", "%u", &online) == 1 && !online;
}

/*
 * A toolstack ends a device by writing Closing once, and waits for Closed then.
 * It is not ours if we have not written it, or if the device was set offline.
 * Written again, it has the frontend look again.
 */
static int write_unless_closing(struct xenbus_transaction xbt, void *arg)
{
	struct lead *lead = arg;
	const char *dir = lead->xdev->nodename;
	unsigned int is;

	/* The toolstack may have removed the directory: do not bring it back. */
	if (xenbus_scanf(xbt, dir, "state", "%u", &is) != 1)
		return -ENOENT;
	lead->kept = is == XenbusStateClosing &&
		     (lead->xdev->state != XenbusStateClosing ||
		      is_set_offline(xbt, dir));
	return xenbus_printf(xbt, dir, "state", "%d",
			     lead->kept ? is : lead->state);
}

/* Where the toolstack's Closing is kept, it might have been written later. */
static int lead_to(struct xbe_device *xbe, enum xenbus_state state)
{
	struct lead lead = { xbe->xdev, state };
	int err;

	if (xbe->xdev->state == state)
		return 0;
	err = xbe_transact(write_unless_closing, &lead);
	if (!err && !lead.kept)
		xbe->xdev->state = state;
	if (!err || err == -ENOENT)
		return 0;
	xbe_error(xbe, err, "cannot write the state of %s",
		  xbe->xdev->nodename);
	return err;
}

static int start(struct xbe_device *xbe)
{
	int err;

	xbe->found = xenbus_read_driver_state(xbe->frontend_dir);
	err = xbe->ops->probe(xbe);
	if (err) {
		xbe_error(xbe, err, "cannot set up %s", xbe->xdev->nodename);
		return err;
	}
	err = lead_to(xbe, XenbusStateInitWait);
	if (!err)
		xbe_post_check(xbe);
	return err;
}

static int do_connect(struct xbe_device *xbe)
{
	int err;

	WRITE_ONCE(xbe->fault, NULL);
	xbe->reported = false;
	err = xbe->ops->connect(xbe);
	if (err) {
		/* One that was not reported in its own words still shows. */
		if (!xbe->reported)
			xbe_error(xbe, err, "cannot connect %s",
				  xbe->xdev->nodename);
		return err;
	}
	/* What it could do without, it may still have found wrong. */
	if (!xbe->reported)
		xbe_error_clear(xbe);
	err = lead_to(xbe, XenbusStateConnected);
	if (!err && xbe->ops->connected)
		xbe->ops->connected(xbe);
	return err;
}

/* A device whose probe failed has no private part and nothing to undo. */
static void disconnect(struct xbe_device *xbe)
{
	if (xbe->priv)
		xbe->ops->disconnect(xbe);
}

static void disconnect_to(struct xbe_device *xbe, enum xenbus_state state)
{
	disconnect(xbe);
	if (!xbe_unbinding(xbe))
		xenbus_switch_state(xbe->xdev, state);
}

/* An unbind does not wait for it. */
static void pause_restart(struct xbe_device *xbe)
{
	unsigned int ms;

	for (ms = 0; ms < RESTART_PAUSE_MS; ms += 100) {
		if (xbe_unbinding(xbe))
			return;
		msleep(100);
	}
}

/* A device whose probe failed is started again from the beginning. */
static int restart(struct xbe_device *xbe)
{
	int err;

	if (!__ratelimit(&xbe->restarts))
		pause_restart(xbe);
	if (!xbe->priv)
		return start(xbe);
	disconnect(xbe);
	if (xbe_unbinding(xbe))
		return 0;
	err = lead_to(xbe, XenbusStateInitWait);
	if (!err)
		xbe_post_check(xbe);
	return err;
}

/*
 * Whoever reads Closed may remove the directory and put another device there
 * at once. Closed is written only once, therefore, and by the time its watch
 * fires on xenwatch the device can be unregistered: before xenwatch looks at
 * the new one.
 */
static void unregister(struct xbe_device *xbe)
{
	disconnect(xbe);
	if (xbe->unregister || xbe_unbinding(xbe))
		return;
	WRITE_ONCE(xbe->unregister, true);
	if (xbe->xdev->state != XenbusStateClosed)
		xenbus_switch_state(xbe->xdev, XenbusStateClosed);
	else
		xbe_transact(write_closed, (void *)xbe->xdev->nodename);
}

static void closed(struct xbe_device *xbe)
{
	if (xenbus_dev_is_online(xbe->xdev))
		disconnect_to(xbe, XenbusStateClosed);
	else
		unregister(xbe);
}

static int act(struct xbe_device *xbe, enum xbe_action action)
{
	if (xbe_unbinding(xbe) && action != XBE_DO_DETACH)
		return 0;
	switch (action) {
	case XBE_DO_NOTHING:
		return 0;
	case XBE_DO_START:
		return start(xbe);
	case XBE_DO_CONNECT:
		return do_connect(xbe);
	case XBE_DO_KEY:
		if (xbe->priv && xbe->ops->key_changed)
			xbe->ops->key_changed(xbe);
		return 0;
	case XBE_DO_LINGER:
		xenbus_switch_state(xbe->xdev, XenbusStateClosing);
		return 0;
	case XBE_DO_CLOSE:
		disconnect_to(xbe, XenbusStateClosing);
		return 0;
	case XBE_DO_CLOSED:
		closed(xbe);
		return 0;
	case XBE_DO_RESTART:
		return restart(xbe);
	case XBE_DO_UNREGISTER:
		unregister(xbe);
		return 0;
	case XBE_DO_DETACH:
		disconnect(xbe);
		if (xbe->priv)
			xbe->ops->remove(xbe);
		return 0;
	}
	return -EINVAL;
}

static struct xbe_step next_step(const struct xbe_device *xbe,
				 enum xbe_event event)
{
	return xbe_state_next(xbe->life, xbe->seen, event,
			      xbe->ops->serve_closing);
}

static void step(struct xbe_device *xbe, enum xbe_event event)
{
	struct xbe_step s = next_step(xbe, event);

	if (act(xbe, s.action)) {
		s = next_step(xbe, XBE_EV_ERROR);
		act(xbe, s.action);
	}
	xbe->life = s.next;
}

/* A script that has named nothing good may put that right. */
static void check(struct xbe_device *xbe)
{
	int ready;

	if (xbe->life != XBE_WAIT && xbe->life != XBE_REFUSED) {
		step(xbe, XBE_EV_KEY);
		return;
	}
	ready = xbe->ops->resource(xbe);
	if (ready < 0)
		step(xbe, XBE_EV_REFUSED);
	if (ready <= 0)
		return;
	if (xbe->life == XBE_REFUSED)
		xbe_error_clear(xbe);
	step(xbe, XBE_EV_RESOURCE);
}

static void report_fault(struct xbe_device *xbe)
{
	const char *why = READ_ONCE(xbe->fault);

	/* It may be of a connection that has ended meanwhile. */
	if ((xbe->life != XBE_CONNECTED && xbe->life != XBE_LEAVING) || !why)
		return;
	xbe_error(xbe, -EPROTO, "%s", why);
	if (xbe->ops->fault)
		xbe->ops->fault(xbe);
}

static unsigned long take_pending(struct xbe_device *xbe,
				  enum xenbus_state *frontend)
{
	unsigned long what;

	spin_lock_irq(&xbe->lock);
	what = xbe->pending;
	xbe->pending = 0;
	*frontend = xbe->frontend;
	spin_unlock_irq(&xbe->lock);
	return what;
}

/**
 * xbe_work() - handle what was posted, until nothing is
 * @work: xbe_device.work
 *
 * Context: process, on the driver's queue; may drain I/O for as long as a disk
 * takes.
 */
void xbe_work(struct work_struct *work)
{
	struct xbe_device *xbe = container_of(work, struct xbe_device, work);
	enum xenbus_state frontend;
	unsigned long what;

	while ((what = take_pending(xbe, &frontend))) {
		if (what & BIT(XBE_PEND_DETACH)) {
			step(xbe, XBE_EV_DETACH);
			xbe_error_clear(xbe);
			complete(&xbe->detached);
			break;
		}
		if (what & BIT(XBE_PEND_START))
			step(xbe, XBE_EV_START);
		if (what & BIT(XBE_PEND_FAULT))
			report_fault(xbe);
		if (what & BIT(XBE_PEND_FRONTEND) && frontend != xbe->seen) {
			xbe->seen = frontend;
			step(xbe, XBE_EV_FRONTEND);
		}
		if (what & BIT(XBE_PEND_CHECK))
			check(xbe);
		if (xbe->life == XBE_CLOSED &&
		    (xbe->unregister || !xenbus_dev_is_online(xbe->xdev)))
			step(xbe, XBE_EV_OFFLINE);
	}
	xbe_put(xbe);
}
