/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the files of this folder share and no other folder sees. */
#ifndef XEN_BACKENDS_XENBUS_INTERNAL_H
#define XEN_BACKENDS_XENBUS_INTERNAL_H

#include "xenbus/xenbus.h"

/* Bits of xbe_device.pending; what is posted twice is handled once. */
enum xbe_pending {
	XBE_PEND_START,
	XBE_PEND_FRONTEND,
	XBE_PEND_CHECK,
	XBE_PEND_FAULT,
	/* Our own state node was written: the toolstack may want us gone. */
	XBE_PEND_STATE,
	/* The time of xbe_post_later() is over. */
	XBE_PEND_LATER,
	XBE_PEND_DETACH,
};

/*
 * An unbind gives up waiting for what takes long. The directory may be another
 * device's by the time it ends: nothing is written there any more.
 */
static inline bool xbe_unbinding(const struct xbe_device *xbe)
{
	return test_bit(XBE_PEND_DETACH, &xbe->pending);
}

/* event.c */
void xbe_post(struct xbe_device *xbe, enum xbe_pending what);
void xbe_post_frontend(struct xbe_device *xbe, enum xenbus_state state);
void xbe_post_later(struct xbe_device *xbe, unsigned int ms);
void xbe_later(struct work_struct *work);
void xbe_work(struct work_struct *work);

/* own-state.c */
int xbe_lead_to(struct xbe_device *xbe, enum xenbus_state state);
void xbe_close_again(struct xbe_device *xbe);
void xbe_touch_state(struct xbe_device *xbe);

/* device.c */
void xbe_put(struct xbe_device *xbe);

#endif
