// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Our own state node, where a toolstack writes as well. */

#include "internal.h"

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

/**
 * xbe_lead_to() - write a state that has the frontend go on
 * @xbe: the device
 * @state: InitWait, Connected or Reconfigured
 *
 * Not over the Closing of a toolstack: that is kept, and the device goes on as if
 * it had been written a moment later. Nor where the directory is gone.
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno, reported already.
 */
int xbe_lead_to(struct xbe_device *xbe, enum xenbus_state state)
{
	struct lead lead = { xbe->xdev, state };
	int err;

	if (xbe->xdev->state == state || xbe_unbinding(xbe))
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
 * xbe_close_again() - write Closed where it may be written already
 * @xbe: the device, closed
 *
 * Context: the device's work; may sleep.
 */
void xbe_close_again(struct xbe_device *xbe)
{
	xbe_transact(write_closed, (void *)xbe->xdev->nodename);
}

/* As it is: each write fires the watch. */
static int touch_state(struct xenbus_transaction xbt, void *dir)
{
	unsigned int state;

	if (xenbus_scanf(xbt, dir, "state", "%u", &state) != 1)
		return -ENOENT;
	return xenbus_printf(xbt, dir, "state", "%u", state);
}

/**
 * xbe_touch_state() - have xenwatch come by the watch on our own state
 * @xbe: the device
 *
 * Context: the device's work; may sleep.
 */
void xbe_touch_state(struct xbe_device *xbe)
{
	xbe_transact(touch_state, (void *)xbe->xdev->nodename);
}
