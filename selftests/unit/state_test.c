// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The life of a backend device: every combination of the table. */

#include <kunit/test.h>
#include <linux/module.h>

#include "../../xenbus/state.c"

/* One more than there are: any number a guest can write. */
#define STATES (NR_FRONTEND + 3)

struct combination {
	int life;
	int fe;
	int ev;
	unsigned int traits;
};

#define TRAITS (XBE_LINGERS | XBE_RECONFIGURES)
#define OF_A_TRAIT (XBE_NR_LIFE * STATES * XBE_NR_EVENTS)
#define COMBINATIONS ((TRAITS + 1) * OF_A_TRAIT)

static struct combination combination(int i)
{
	return (struct combination){
		.life = i / (STATES * XBE_NR_EVENTS) % XBE_NR_LIFE,
		.fe = i / XBE_NR_EVENTS % STATES,
		.ev = i % XBE_NR_EVENTS,
		.traits = i / OF_A_TRAIT,
	};
}

static struct xbe_step on_state(enum xbe_life life, enum xenbus_state fe,
				unsigned int traits)
{
	return xbe_state_next(life, fe, XBE_EV_FRONTEND, traits);
}

/* What each action leaves behind, so that a table that lies is found. */
static const enum xbe_life left_by[] = {
	[XBE_DO_START] = XBE_WAIT,
	[XBE_DO_CONNECT] = XBE_CONNECTED,
	[XBE_DO_RESUME] = XBE_CONNECTED,
	[XBE_DO_RECONFIGURE] = XBE_RECONFIGURED,
	[XBE_DO_LINGER] = XBE_LEAVING,
	[XBE_DO_CLOSE] = XBE_CLOSING,
	[XBE_DO_CLOSED] = XBE_CLOSED,
	[XBE_DO_RESTART] = XBE_WAIT,
	[XBE_DO_UNREGISTER] = XBE_GONE,
	[XBE_DO_DETACH] = XBE_GONE,
};

static void every_action_fits_its_state(struct kunit *test)
{
	int i;

	for (i = 0; i < COMBINATIONS; i++) {
		struct combination c = combination(i);
		struct xbe_step s =
			xbe_state_next(c.life, c.fe, c.ev, c.traits);

		KUNIT_ASSERT_LT(test, s.next, XBE_NR_LIFE);
		KUNIT_ASSERT_LE(test, s.action, XBE_DO_DETACH);
		if (s.action == XBE_DO_NOTHING)
			KUNIT_EXPECT_TRUE_MSG(test,
					      s.next == c.life ||
						      (c.life == XBE_WAIT &&
						       s.next == XBE_READY),
					      "%d %d %d", c.life, c.fe, c.ev);
		else if (s.action == XBE_DO_KEY)
			KUNIT_EXPECT_EQ(test, s.next, c.life);
		else if (c.ev == XBE_EV_REFUSED)
			KUNIT_EXPECT_EQ(test, s.next, XBE_REFUSED);
		else
			KUNIT_EXPECT_EQ_MSG(test, s.next, left_by[s.action],
					    "%d %d %d", c.life, c.fe, c.ev);
	}
}

static void detach_always_ends_it(struct kunit *test)
{
	int life, fe;

	for (life = 0; life < XBE_NR_LIFE; life++) {
		for (fe = 0; fe < STATES; fe++) {
			struct xbe_step s =
				xbe_state_next(life, fe, XBE_EV_DETACH, TRAITS);

			KUNIT_EXPECT_EQ(test, s.action, XBE_DO_DETACH);
			KUNIT_EXPECT_EQ(test, s.next, XBE_GONE);
		}
	}
}

/* A failed action must never be answered by one that can fail again. */
static void an_error_is_answered_by_closing_or_nothing(struct kunit *test)
{
	int life, fe;

	for (life = 0; life < XBE_NR_LIFE; life++) {
		for (fe = 0; fe < STATES; fe++) {
			struct xbe_step s =
				xbe_state_next(life, fe, XBE_EV_ERROR, TRAITS);

			KUNIT_EXPECT_TRUE(test,
					  s.action == XBE_DO_CLOSE ||
						  s.action == XBE_DO_NOTHING);
			if (life >= XBE_INIT && life <= XBE_LEAVING)
				KUNIT_EXPECT_EQ(test, s.next, XBE_CLOSING);
		}
	}
}

static void connects_only_when_both_are_ready(struct kunit *test)
{
	int i;

	for (i = 0; i < COMBINATIONS; i++) {
		struct combination c = combination(i);
		struct xbe_step s =
			xbe_state_next(c.life, c.fe, c.ev, c.traits);
		bool asked = c.fe == XenbusStateInitialised ||
			     c.fe == XenbusStateConnected ||
			     (c.fe == XenbusStateReconfiguring &&
			      c.traits & XBE_RECONFIGURES);
		bool came = c.ev == XBE_EV_RESOURCE &&
			    (c.life == XBE_WAIT || c.life == XBE_READY);
		bool told = c.ev == XBE_EV_FRONTEND && c.life == XBE_READY;

		if (s.action != XBE_DO_CONNECT)
			continue;
		KUNIT_EXPECT_TRUE(test, asked);
		KUNIT_EXPECT_TRUE(test, came || told);
	}
	KUNIT_EXPECT_EQ(test,
			xbe_state_next(XBE_WAIT, XenbusStateInitialised,
				       XBE_EV_RESOURCE, XBE_LINGERS)
				.action,
			XBE_DO_CONNECT);
	KUNIT_EXPECT_EQ(test,
			xbe_state_next(XBE_READY, XenbusStateConnected,
				       XBE_EV_FRONTEND, XBE_LINGERS)
				.action,
			XBE_DO_CONNECT);
}

static void a_vanished_frontend_unregisters(struct kunit *test)
{
	int life;

	for (life = XBE_WAIT; life <= XBE_CLOSED; life++)
		KUNIT_EXPECT_EQ(test,
				xbe_state_next(life, XenbusStateUnknown,
					       XBE_EV_FRONTEND, XBE_LINGERS)
					.action,
				XBE_DO_UNREGISTER);
}

/* Before the frontend's state was ever read it must not count as vanished. */
static void an_unread_frontend_is_none(struct kunit *test)
{
	int life, ev;

	for (life = 0; life < XBE_NR_LIFE; life++) {
		for (ev = 0; ev < XBE_NR_EVENTS; ev++) {
			struct xbe_step s =
				xbe_state_next(life, -1, ev, XBE_LINGERS);

			KUNIT_EXPECT_NE(test, s.action, XBE_DO_CONNECT);
			if (life != XBE_CLOSED)
				KUNIT_EXPECT_NE(test, s.action,
						XBE_DO_UNREGISTER);
		}
	}
}

static void unknown_states_change_nothing(struct kunit *test)
{
	int life, fe;

	for (life = 0; life < XBE_NR_LIFE; life++) {
		for (fe = NR_FRONTEND; fe < STATES; fe++) {
			struct xbe_step s = on_state(life, fe, TRAITS);

			KUNIT_EXPECT_EQ(test, s.action, XBE_DO_NOTHING);
			KUNIT_EXPECT_EQ(test, s.next, life);
		}
	}
}

static void a_closed_device_starts_again(struct kunit *test)
{
	enum xenbus_state fe = XenbusStateInitialising;
	struct xbe_step s =
		xbe_state_next(XBE_CLOSED, fe, XBE_EV_FRONTEND, XBE_LINGERS);

	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_RESTART);
	KUNIT_EXPECT_EQ(test, s.next, XBE_WAIT);
	s = xbe_state_next(XBE_CONNECTED, fe, XBE_EV_FRONTEND, XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_RESTART);
}

static void only_a_closed_device_goes_offline(struct kunit *test)
{
	int life;

	for (life = 0; life < XBE_NR_LIFE; life++)
		KUNIT_EXPECT_EQ(test,
				xbe_state_next(life, XenbusStateClosed,
					       XBE_EV_OFFLINE, XBE_LINGERS)
						.action == XBE_DO_UNREGISTER,
				life == XBE_CLOSED);
}

/* What an old Linux says of a mounted disk; a net device is let go at once. */
static void a_leaving_frontend_is_served_until_it_is_closed(struct kunit *test)
{
	enum xenbus_state closing = XenbusStateClosing;
	struct xbe_step s = xbe_state_next(XBE_CONNECTED, closing,
					   XBE_EV_FRONTEND, XBE_LINGERS);

	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_LINGER);
	KUNIT_EXPECT_EQ(test, s.next, XBE_LEAVING);
	s = xbe_state_next(XBE_LEAVING, closing, XBE_EV_KEY, XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_KEY);
	s = xbe_state_next(XBE_LEAVING, XenbusStateClosed, XBE_EV_FRONTEND,
			   XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CLOSED);
	s = xbe_state_next(XBE_CONNECTED, closing, XBE_EV_FRONTEND, 0);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CLOSE);
	KUNIT_EXPECT_EQ(test, s.next, XBE_CLOSING);
}

/* Until the frontend has given up as well. */
static void a_refused_resource_may_be_put_right(struct kunit *test)
{
	enum xenbus_state fe = XenbusStateInitialised;
	struct xbe_step s =
		xbe_state_next(XBE_WAIT, fe, XBE_EV_REFUSED, XBE_LINGERS);

	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CLOSE);
	KUNIT_EXPECT_EQ(test, s.next, XBE_REFUSED);
	s = xbe_state_next(XBE_REFUSED, fe, XBE_EV_REFUSED, XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_NOTHING);
	s = xbe_state_next(XBE_REFUSED, fe, XBE_EV_RESOURCE, XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_RESTART);
	KUNIT_EXPECT_EQ(test, s.next, XBE_WAIT);
	s = xbe_state_next(XBE_REFUSED, XenbusStateClosing, XBE_EV_FRONTEND,
			   XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.next, XBE_CLOSING);
	s = xbe_state_next(XBE_CLOSING, fe, XBE_EV_RESOURCE, XBE_LINGERS);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_NOTHING);
}

/* As Linux' netfront does when it is given an XDP program. */
static void a_frontend_reconfigures_and_goes_on(struct kunit *test)
{
	enum xenbus_state fe = XenbusStateReconfiguring;
	struct xbe_step s = on_state(XBE_CONNECTED, fe, XBE_RECONFIGURES);

	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_RECONFIGURE);
	KUNIT_EXPECT_EQ(test, s.next, XBE_RECONFIGURED);
	s = xbe_state_next(XBE_RECONFIGURED, fe, XBE_EV_KEY, XBE_RECONFIGURES);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_KEY);
	s = on_state(XBE_RECONFIGURED, XenbusStateConnected, XBE_RECONFIGURES);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_RESUME);
	KUNIT_EXPECT_EQ(test, s.next, XBE_CONNECTED);
	s = on_state(XBE_RECONFIGURED, XenbusStateClosing, XBE_RECONFIGURES);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CLOSE);
	s = on_state(XBE_RECONFIGURED, XenbusStateClosed, XBE_RECONFIGURES);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CLOSED);
	s = on_state(XBE_RECONFIGURED, XenbusStateInitialising,
		     XBE_RECONFIGURES);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_RESTART);
}

/* A module was loaded anew meanwhile: it is waited for. */
static void one_that_reconfigures_is_connected_first(struct kunit *test)
{
	enum xenbus_state fe = XenbusStateReconfiguring;
	struct xbe_step s = on_state(XBE_READY, fe, XBE_RECONFIGURES);

	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CONNECT);
	s = xbe_state_next(XBE_WAIT, fe, XBE_EV_RESOURCE, XBE_RECONFIGURES);
	KUNIT_EXPECT_EQ(test, s.action, XBE_DO_CONNECT);
	KUNIT_EXPECT_EQ(test, s.next, XBE_CONNECTED);
}

static void who_does_not_reconfigure_stays_as_it_is(struct kunit *test)
{
	int life;

	for (life = 0; life < XBE_NR_LIFE; life++) {
		struct xbe_step s =
			on_state(life, XenbusStateReconfiguring, XBE_LINGERS);

		KUNIT_EXPECT_EQ(test, s.action, XBE_DO_NOTHING);
		KUNIT_EXPECT_EQ(test, s.next, life);
	}
}

static struct kunit_case state_cases[] = {
	KUNIT_CASE(every_action_fits_its_state),
	KUNIT_CASE(detach_always_ends_it),
	KUNIT_CASE(an_error_is_answered_by_closing_or_nothing),
	KUNIT_CASE(connects_only_when_both_are_ready),
	KUNIT_CASE(a_vanished_frontend_unregisters),
	KUNIT_CASE(an_unread_frontend_is_none),
	KUNIT_CASE(unknown_states_change_nothing),
	KUNIT_CASE(a_closed_device_starts_again),
	KUNIT_CASE(only_a_closed_device_goes_offline),
	KUNIT_CASE(a_leaving_frontend_is_served_until_it_is_closed),
	KUNIT_CASE(a_refused_resource_may_be_put_right),
	KUNIT_CASE(a_frontend_reconfigures_and_goes_on),
	KUNIT_CASE(one_that_reconfigures_is_connected_first),
	KUNIT_CASE(who_does_not_reconfigure_stays_as_it_is),
	{}
};

static struct kunit_suite state_suite = {
	.name = "xenbus-state",
	.test_cases = state_cases,
};

kunit_test_suite(state_suite);

MODULE_DESCRIPTION("Tests of the backend device's state table");
MODULE_LICENSE("Dual MIT/GPL");
