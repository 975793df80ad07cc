// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The life of a backend device, as one table. Pure: no kernel service is
 * called here, and the unit test walks every combination.
 *
 * States of the protocol: xen/interface/io/xenbus.h.
 */

#include <linux/export.h>

#include "xenbus/xenbus.h"

#define NR_FRONTEND (XenbusStateReconfigured + 1)

#define STAY(life)                   \
	{                            \
		XBE_DO_NOTHING, life \
	}
#define GO(action, life)              \
	{                             \
		XBE_DO_##action, life \
	}

/*
 * A frontend's states, by where the backend stands. Unknown means that the
 * frontend's directory is gone: the domain is destroyed.
 */
static const struct xbe_step on_frontend[XBE_NR_LIFE][NR_FRONTEND] = {
	[XBE_INIT] = {
		[0 ... NR_FRONTEND - 1] = STAY(XBE_INIT),
	},
	[XBE_WAIT] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = STAY(XBE_WAIT),
		[XenbusStateInitWait] = STAY(XBE_WAIT),
		[XenbusStateInitialised] = STAY(XBE_WAIT),
		[XenbusStateConnected] = STAY(XBE_WAIT),
		[XenbusStateClosing] = GO(CLOSE, XBE_CLOSING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		[XenbusStateReconfiguring] = STAY(XBE_WAIT),
		[XenbusStateReconfigured] = STAY(XBE_WAIT),
	},
	[XBE_READY] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = STAY(XBE_READY),
		[XenbusStateInitWait] = STAY(XBE_READY),
		[XenbusStateInitialised] = GO(CONNECT, XBE_CONNECTED),
		[XenbusStateConnected] = GO(CONNECT, XBE_CONNECTED),
		[XenbusStateClosing] = GO(CLOSE, XBE_CLOSING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		/* As it was with an earlier driver; step() has what follows. */
		[XenbusStateReconfiguring] = GO(CONNECT, XBE_CONNECTED),
		[XenbusStateReconfigured] = STAY(XBE_READY),
	},
	[XBE_CONNECTED] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		/* It was reset without closing first, as by a kexec. */
		[XenbusStateInitialising] = GO(RESTART, XBE_WAIT),
		[XenbusStateInitWait] = STAY(XBE_CONNECTED),
		[XenbusStateInitialised] = STAY(XBE_CONNECTED),
		[XenbusStateConnected] = STAY(XBE_CONNECTED),
		/* Of a driver that does not linger: as when it is ready. */
		[XenbusStateClosing] = GO(LINGER, XBE_LEAVING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		[XenbusStateReconfiguring] = GO(RECONFIGURE, XBE_RECONFIGURED),
		[XenbusStateReconfigured] = STAY(XBE_CONNECTED),
	},
	[XBE_RECONFIGURED] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = GO(RESTART, XBE_WAIT),
		[XenbusStateInitWait] = STAY(XBE_RECONFIGURED),
		[XenbusStateInitialised] = STAY(XBE_RECONFIGURED),
		[XenbusStateConnected] = GO(RESUME, XBE_CONNECTED),
		[XenbusStateClosing] = GO(LINGER, XBE_LEAVING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		[XenbusStateReconfiguring] = STAY(XBE_RECONFIGURED),
		[XenbusStateReconfigured] = STAY(XBE_RECONFIGURED),
	},
	[XBE_LEAVING] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = GO(RESTART, XBE_WAIT),
		[XenbusStateInitWait] = STAY(XBE_LEAVING),
		[XenbusStateInitialised] = STAY(XBE_LEAVING),
		[XenbusStateConnected] = STAY(XBE_LEAVING),
		[XenbusStateClosing] = STAY(XBE_LEAVING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		[XenbusStateReconfiguring] = STAY(XBE_LEAVING),
		[XenbusStateReconfigured] = STAY(XBE_LEAVING),
	},
	[XBE_REFUSED] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = GO(RESTART, XBE_WAIT),
		[XenbusStateInitWait] = STAY(XBE_REFUSED),
		[XenbusStateInitialised] = STAY(XBE_REFUSED),
		[XenbusStateConnected] = STAY(XBE_REFUSED),
		/* It has given up: what is named now is for its next start. */
		[XenbusStateClosing] = GO(CLOSE, XBE_CLOSING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		[XenbusStateReconfiguring] = STAY(XBE_REFUSED),
		[XenbusStateReconfigured] = STAY(XBE_REFUSED),
	},
	[XBE_CLOSING] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = GO(RESTART, XBE_WAIT),
		[XenbusStateInitWait] = STAY(XBE_CLOSING),
		[XenbusStateInitialised] = STAY(XBE_CLOSING),
		[XenbusStateConnected] = STAY(XBE_CLOSING),
		[XenbusStateClosing] = STAY(XBE_CLOSING),
		[XenbusStateClosed] = GO(CLOSED, XBE_CLOSED),
		[XenbusStateReconfiguring] = STAY(XBE_CLOSING),
		[XenbusStateReconfigured] = STAY(XBE_CLOSING),
	},
	[XBE_CLOSED] = {
		[XenbusStateUnknown] = GO(UNREGISTER, XBE_GONE),
		[XenbusStateInitialising] = GO(RESTART, XBE_WAIT),
		/* Only the latest state is seen: it may have run ahead of us. */
		[XenbusStateInitWait] = STAY(XBE_CLOSED),
		[XenbusStateInitialised] = GO(RESTART, XBE_WAIT),
		[XenbusStateConnected] = GO(RESTART, XBE_WAIT),
		[XenbusStateClosing] = STAY(XBE_CLOSED),
		[XenbusStateClosed] = STAY(XBE_CLOSED),
		[XenbusStateReconfiguring] = STAY(XBE_CLOSED),
		[XenbusStateReconfigured] = STAY(XBE_CLOSED),
	},
	[XBE_GONE] = {
		[0 ... NR_FRONTEND - 1] = STAY(XBE_GONE),
	},
};

/* All other events; XBE_EV_FRONTEND's column is never read. */
static const struct xbe_step on_event[XBE_NR_LIFE][XBE_NR_EVENTS] = {
	[XBE_INIT] = {
		[XBE_EV_START] = GO(START, XBE_WAIT),
		[XBE_EV_FRONTEND] = STAY(XBE_INIT),
		[XBE_EV_RESOURCE] = STAY(XBE_INIT),
		[XBE_EV_REFUSED] = STAY(XBE_INIT),
		[XBE_EV_KEY] = STAY(XBE_INIT),
		[XBE_EV_OFFLINE] = STAY(XBE_INIT),
		[XBE_EV_ERROR] = GO(CLOSE, XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_WAIT] = {
		[XBE_EV_START] = STAY(XBE_WAIT),
		[XBE_EV_FRONTEND] = STAY(XBE_WAIT),
		/* Or on to Connected at once: see xbe_state_next(). */
		[XBE_EV_RESOURCE] = STAY(XBE_READY),
		[XBE_EV_REFUSED] = GO(CLOSE, XBE_REFUSED),
		[XBE_EV_KEY] = GO(KEY, XBE_WAIT),
		[XBE_EV_OFFLINE] = STAY(XBE_WAIT),
		[XBE_EV_ERROR] = GO(CLOSE, XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_READY] = {
		[XBE_EV_START] = STAY(XBE_READY),
		[XBE_EV_FRONTEND] = STAY(XBE_READY),
		[XBE_EV_RESOURCE] = STAY(XBE_READY),
		[XBE_EV_REFUSED] = STAY(XBE_READY),
		[XBE_EV_KEY] = GO(KEY, XBE_READY),
		[XBE_EV_OFFLINE] = STAY(XBE_READY),
		[XBE_EV_ERROR] = GO(CLOSE, XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_CONNECTED] = {
		[XBE_EV_START] = STAY(XBE_CONNECTED),
		[XBE_EV_FRONTEND] = STAY(XBE_CONNECTED),
		[XBE_EV_RESOURCE] = STAY(XBE_CONNECTED),
		[XBE_EV_REFUSED] = STAY(XBE_CONNECTED),
		[XBE_EV_KEY] = GO(KEY, XBE_CONNECTED),
		[XBE_EV_OFFLINE] = STAY(XBE_CONNECTED),
		[XBE_EV_ERROR] = GO(CLOSE, XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_RECONFIGURED] = {
		[XBE_EV_START ... XBE_EV_REFUSED] = STAY(XBE_RECONFIGURED),
		[XBE_EV_KEY] = GO(KEY, XBE_RECONFIGURED),
		[XBE_EV_OFFLINE] = STAY(XBE_RECONFIGURED),
		[XBE_EV_ERROR] = GO(CLOSE, XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_LEAVING] = {
		[XBE_EV_START] = STAY(XBE_LEAVING),
		[XBE_EV_FRONTEND] = STAY(XBE_LEAVING),
		[XBE_EV_RESOURCE] = STAY(XBE_LEAVING),
		[XBE_EV_REFUSED] = STAY(XBE_LEAVING),
		[XBE_EV_KEY] = GO(KEY, XBE_LEAVING),
		[XBE_EV_OFFLINE] = STAY(XBE_LEAVING),
		[XBE_EV_ERROR] = GO(CLOSE, XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_REFUSED] = {
		[XBE_EV_START ... XBE_EV_FRONTEND] = STAY(XBE_REFUSED),
		[XBE_EV_RESOURCE] = GO(RESTART, XBE_WAIT),
		[XBE_EV_REFUSED ... XBE_EV_ERROR] = STAY(XBE_REFUSED),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_CLOSING] = {
		[XBE_EV_START ... XBE_EV_ERROR] = STAY(XBE_CLOSING),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_CLOSED] = {
		[XBE_EV_START ... XBE_EV_KEY] = STAY(XBE_CLOSED),
		[XBE_EV_OFFLINE] = GO(UNREGISTER, XBE_GONE),
		[XBE_EV_ERROR] = STAY(XBE_CLOSED),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
	[XBE_GONE] = {
		[XBE_EV_START ... XBE_EV_ERROR] = STAY(XBE_GONE),
		[XBE_EV_DETACH] = GO(DETACH, XBE_GONE),
	},
};

/**
 * xbe_state_next() - what an event means for a device
 * @life: where the device stands
 * @frontend: the frontend's state, as last seen; any number a guest can write
 * @event: what happened
 * @traits: bits of enum xbe_trait
 *
 * Context: any; pure.
 * Return: the action, and where the device stands after it succeeds. When it
 * fails the device stands where it stood and XBE_EV_ERROR happens to it.
 */
struct xbe_step xbe_state_next(enum xbe_life life, enum xenbus_state frontend,
			       enum xbe_event event, unsigned int traits)
{
	bool known = (unsigned int)frontend < NR_FRONTEND &&
		     (frontend != XenbusStateReconfiguring ||
		      traits & XBE_RECONFIGURES);
	struct xbe_step step;

	if (event != XBE_EV_FRONTEND)
		step = on_event[life][event];
	else if (known)
		step = on_frontend[life][frontend];
	else
		step = (struct xbe_step)STAY(life);

	/* The resource came last: the frontend is waiting already. */
	if (event == XBE_EV_RESOURCE && step.next == XBE_READY && known &&
	    on_frontend[XBE_READY][frontend].action == XBE_DO_CONNECT)
		step = on_frontend[XBE_READY][frontend];
	if (step.action == XBE_DO_LINGER && !(traits & XBE_LINGERS))
		step = on_frontend[XBE_READY][frontend];
	return step;
}
EXPORT_SYMBOL_NS_GPL(xbe_state_next, XEN_BACKENDS);
