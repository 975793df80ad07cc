/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Event channels: one object for every channel of the suite, whether a
 * backend's ring or a port that a process holds through /dev/xen/evtchn.
 *
 * chan.c: evtchn_chan_bind_interdomain() evtchn_chan_bind_port()
 *         evtchn_close_port() evtchn_chan_unbind() evtchn_chan_done()
 *         evtchn_chan_here() evtchn_chan_poll() evtchn_chan_polled()
 *         evtchn_chan_notify()
 */
#ifndef XEN_BACKENDS_EVTCHN_H
#define XEN_BACKENDS_EVTCHN_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <xen/interface/event_channel.h>

struct evtchn_chan;
struct xenbus_device;

/**
 * typedef evtchn_chan_fn - what a channel calls for each event
 * @chan: the channel
 *
 * Hard interrupt context. The event stays masked until each part of the
 * channel has called evtchn_chan_done().
 */
typedef void (*evtchn_chan_fn)(struct evtchn_chan *chan);

/**
 * struct evtchn_chan - a bound event channel with late EOI
 * @irq: Linux interrupt, 0 while unbound
 * @fn: called for each event
 * @owed: a bit for each part that has yet to call evtchn_chan_done() for the
 *	event in hand; EVTCHN_CHAN_WORKED is set once one of them found work
 * @parts: the bits an event sets in @owed
 * @unbinding: set before the handler is removed, so that a last call of it
 *	does nothing
 * @events: events received; written in the interrupt, or by who polls while
 *	that is masked
 * @spurious: events that brought no work; written by the last part to finish
 * @notifies: notifications sent; written by whoever serialises the sender
 *
 * Late EOI is what throttles a guest that storms events (XSA-332): Xen delays
 * the next event when the one before brought no work. Zero is a valid unbound
 * channel. The owner embeds it and serialises bind and unbind.
 */
struct evtchn_chan {
	unsigned int irq;
	evtchn_chan_fn fn;
	atomic_t owed;
	int parts;
	bool unbinding;
	unsigned long events;
	unsigned long spurious;
	unsigned long notifies;
};

#define EVTCHN_CHAN_PART0 1
#define EVTCHN_CHAN_PART1 2
#define EVTCHN_CHAN_WORKED 4

int evtchn_chan_bind_interdomain(struct evtchn_chan *chan,
				 struct xenbus_device *xdev,
				 evtchn_port_t remote, int parts,
				 const char *name, evtchn_chan_fn fn);
int evtchn_chan_bind_port(struct evtchn_chan *chan, evtchn_port_t port,
			  bool owned, const char *name, evtchn_chan_fn fn);
void evtchn_close_port(evtchn_port_t port);
void evtchn_chan_unbind(struct evtchn_chan *chan);
bool evtchn_chan_done(struct evtchn_chan *chan, int part, bool worked);
void evtchn_chan_notify(struct evtchn_chan *chan);
bool evtchn_chan_here(const struct evtchn_chan *chan);
bool evtchn_chan_poll(struct evtchn_chan *chan);
void evtchn_chan_polled(struct evtchn_chan *chan);

/**
 * evtchn_chan_owes() - whether a part has yet to be done with an event
 * @chan: a bound channel
 * @part: EVTCHN_CHAN_PART0 or EVTCHN_CHAN_PART1
 *
 * Context: any. An event that comes meanwhile starts the part again.
 * Return: true while it has not called evtchn_chan_done() for one.
 */
static inline bool evtchn_chan_owes(const struct evtchn_chan *chan, int part)
{
	return atomic_read(&chan->owed) & part;
}

/**
 * evtchn_chan_bound() - whether a channel is bound
 * @chan: the channel
 *
 * Context: any; the owner serialises against bind and unbind.
 * Return: true while it is bound.
 */
static inline bool evtchn_chan_bound(const struct evtchn_chan *chan)
{
	return chan->irq;
}

#endif
