// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What happens to a device: posted from anywhere, handled in the device's own
 * work. A post is a bit, so a guest that floods a path costs one pending event
 * (XSA-349), and the work never runs twice at a time, so it is ordered.
 */

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
 * xbe_post_later() - tell a device's work that some time is over
 * @xbe: the device, bound
 * @ms: how long, from the first of several calls on
 *
 * Nobody sleeps meanwhile: a place on the queue is not taken.
 *
 * Context: the device's work, or xenwatch in a watch of the device's.
 */
void xbe_post_later(struct xbe_device *xbe, unsigned int ms)
{
	kref_get(&xbe->ref);
	if (!schedule_delayed_work(&xbe->later, msecs_to_jiffies(ms)))
		xbe_put(xbe);
}

/* xbe_device.later. */
void xbe_later(struct work_struct *work)
{
	struct xbe_device *xbe =
		container_of(to_delayed_work(work), struct xbe_device, later);

	xbe_post(xbe, XBE_PEND_LATER);
	xbe_put(xbe);
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

static int start(struct xbe_device *xbe)
{
	int err;

	xbe->found = xenbus_read_driver_state(xbe->frontend_dir);
	WRITE_ONCE(xbe->starting, xbe->ops->has_child);
	err = xbe->ops->probe(xbe);
	/* Who finds it over finds the child, or that there is none. */
	smp_store_release(&xbe->starting, false);
	if (err) {
		xbe_error(xbe, err, "cannot set up %s", xbe->xdev->nodename);
		return err;
	}
	err = xbe_lead_to(xbe, XenbusStateInitWait);
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
	err = xbe_lead_to(xbe, XenbusStateConnected);
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

/* A device whose probe failed is started again from the beginning. */
static int restart(struct xbe_device *xbe)
{
	int err;

	if (!xbe->priv)
		return start(xbe);
	disconnect(xbe);
	if (xbe_unbinding(xbe))
		return 0;
	err = xbe_lead_to(xbe, XenbusStateInitWait);
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
		xbe_close_again(xbe);
}

static void closed(struct xbe_device *xbe)
{
	if (xenbus_dev_is_online(xbe->xdev))
		disconnect_to(xbe, XenbusStateClosed);
	else
		unregister(xbe);
}

/*
 * A frontend may say Reconfiguring before it writes what is to be read, as Linux'
 * does, and be overtaken: it is read once more when the frontend goes on.
 */
static int reconfigure(struct xbe_device *xbe, enum xenbus_state state)
{
	xbe->ops->reconfigure(xbe);
	return xbe_lead_to(xbe, state);
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
	case XBE_DO_RECONFIGURE:
		return reconfigure(xbe, XenbusStateReconfigured);
	case XBE_DO_RESUME:
		return reconfigure(xbe, XenbusStateConnected);
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
				 enum xenbus_state frontend,
				 enum xbe_event event)
{
	unsigned int traits = (xbe->ops->serve_closing ? XBE_LINGERS : 0) |
			      (xbe->ops->reconfigure ? XBE_RECONFIGURES : 0);

	return xbe_state_next(xbe->life, frontend, event, traits);
}

static void step(struct xbe_device *xbe, enum xbe_event event)
{
	struct xbe_step s = next_step(xbe, xbe->seen, event);

	if (act(xbe, s.action)) {
		s = next_step(xbe, xbe->seen, XBE_EV_ERROR);
		act(xbe, s.action);
	}
	xbe->life = s.next;
	/* It waits for an answer since before this driver was there. */
	if (s.action == XBE_DO_CONNECT && xbe->seen == XenbusStateReconfiguring)
		step(xbe, XBE_EV_FRONTEND);
}

/*
 * A frontend that starts again too often waits, and with it whatever it says of
 * that start; an end does not.
 */
static bool has_to_rest(struct xbe_device *xbe, enum xenbus_state frontend)
{
	struct xbe_step s = next_step(xbe, frontend, XBE_EV_FRONTEND);

	if (s.action != XBE_DO_RESTART)
		return false;
	if (!xbe->resting && __ratelimit(&xbe->restarts))
		return false;
	if (!xbe->resting)
		xbe_post_later(xbe, RESTART_PAUSE_MS);
	xbe->resting = true;
	xbe->put_off = true;
	xbe->wants = frontend;
	return true;
}

static void see_frontend(struct xbe_device *xbe, enum xenbus_state frontend)
{
	if (frontend == XenbusStateUnknown || frontend == XenbusStateClosing ||
	    frontend == XenbusStateClosed)
		xbe->put_off = false;
	if (xbe->put_off || frontend == xbe->seen || has_to_rest(xbe, frontend))
		return;
	xbe->seen = frontend;
	step(xbe, XBE_EV_FRONTEND);
}

/* What xbe_post_later() was called for. */
static void be_later(struct xbe_device *xbe, enum xenbus_state frontend)
{
	if (xbe->unregister && !xbe_unbinding(xbe))
		xbe_touch_state(xbe);
	xbe->resting = false;
	if (!xbe->put_off)
		return;
	xbe->put_off = false;
	xbe->seen = xbe->wants;
	step(xbe, XBE_EV_FRONTEND);
	see_frontend(xbe, frontend);
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

static bool is_served(const struct xbe_device *xbe)
{
	return xbe->life == XBE_CONNECTED || xbe->life == XBE_RECONFIGURED ||
	       xbe->life == XBE_LEAVING;
}

static void report_fault(struct xbe_device *xbe)
{
	const char *why = READ_ONCE(xbe->fault);

	/* It may be of a connection that has ended meanwhile. */
	if (!is_served(xbe) || !why)
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
			if (cancel_delayed_work_sync(&xbe->later))
				xbe_put(xbe);
			complete(&xbe->detached);
			break;
		}
		if (what & BIT(XBE_PEND_START))
			step(xbe, XBE_EV_START);
		if (what & BIT(XBE_PEND_FAULT))
			report_fault(xbe);
		if (what & BIT(XBE_PEND_LATER))
			be_later(xbe, frontend);
		if (what & BIT(XBE_PEND_FRONTEND))
			see_frontend(xbe, frontend);
		if (what & BIT(XBE_PEND_CHECK))
			check(xbe);
		if (xbe->life == XBE_CLOSED &&
		    (xbe->unregister || !xenbus_dev_is_online(xbe->xdev)))
			step(xbe, XBE_EV_OFFLINE);
	}
	xbe_put(xbe);
}
