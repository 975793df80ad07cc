// SPDX-License-Identifier: GPL-2.0 OR MIT
/* libxenevtchn: bind, notify, receive, unmask. */

#include "libxen.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* Whether the far end's event came; it is masked then. */
int events_wait(struct events *events, int timeout_ms)
{
	struct pollfd p = { .fd = xenevtchn_fd(events->handle),
			    .events = POLLIN };

	if (poll(&p, 1, timeout_ms) != 1)
		return 0;
	return xenevtchn_pending(events->handle) == events->far;
}

void events_open(struct events *events)
{
	events->handle = xenevtchn_open(NULL, 0);
	if (!events->handle)
		exit(2);
	events->near = xenevtchn_bind_unbound_port(events->handle, 0);
	events->far =
		xenevtchn_bind_interdomain(events->handle, 0, events->near);
	check("bind", events->near > 0 && events->far > 0);
	/* the bind itself is an event */
	if (events_wait(events, 200))
		xenevtchn_unmask(events->handle, events->far);
}

void events_close(struct events *events)
{
	xenevtchn_close(events->handle);
}

void test_events(void)
{
	struct events ev;
	int i, bad = 0;

	events_open(&ev);
	check("notify", !xenevtchn_notify(ev.handle, ev.near));
	check("event", events_wait(&ev, 1000));
	check("notify masked", !xenevtchn_notify(ev.handle, ev.near));
	check("no event while masked", !events_wait(&ev, 100));
	check("unmask", !xenevtchn_unmask(ev.handle, ev.far));
	check("late event", events_wait(&ev, 1000));
	xenevtchn_unmask(ev.handle, ev.far);
	for (i = 0; i < 1000; i++) {
		bad += xenevtchn_notify(ev.handle, ev.near) != 0;
		bad += !events_wait(&ev, 1000);
		bad += xenevtchn_unmask(ev.handle, ev.far) != 0;
	}
	check("a thousand events", !bad);
	check("virq that does not exist",
	      xenevtchn_bind_virq(ev.handle, 1000) < 0 && errno == EINVAL);
	check("unbind", !xenevtchn_unbind(ev.handle, ev.far));
	check("unbind again",
	      xenevtchn_unbind(ev.handle, ev.far) < 0 && errno == ENOTCONN);
	check("restrict", !xenevtchn_restrict(ev.handle, 7));
	check("bind when restricted",
	      xenevtchn_bind_unbound_port(ev.handle, 0) < 0 && errno == EACCES);
	events_close(&ev);
}
