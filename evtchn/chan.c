// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The channel object: bind, receive, answer with a late EOI, notify. */

#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/tick.h>
#include <xen/events.h>
#include <xen/xenbus.h>
#include <asm/xen/hypercall.h>

#include "evtchn.h"

static irqreturn_t event(int irq, void *data)
{
	struct evtchn_chan *chan = data;

	/*
	 * free_irq() calls a shared handler once more (CONFIG_DEBUG_SHIRQ),
	 * and an event may come in while the owner takes the channel apart.
	 */
	if (READ_ONCE(chan->unbinding))
		return IRQ_HANDLED;
	/* The first event may come before the bind has returned. */
	chan->irq = irq;
	chan->events++;
	/*
	 * The bits go in before fn() can start a part that clears them. The
	 * line stays masked until the last one is cleared, so no two events
	 * are ever in hand at a time.
	 */
	atomic_set(&chan->owed, chan->parts);
	chan->fn(chan);
	return IRQ_HANDLED;
}

/**
 * evtchn_chan_bind_interdomain() - bind to the port a frontend offers
 * @chan: an unbound channel
 * @xdev: the device whose frontend owns the port; its counters in sysfs
 *	(xenbus/events and others) count this channel
 * @remote: the port in the frontend's domain; Xen checks that it was offered
 *	to this domain
 * @parts: EVTCHN_CHAN_PART0, EVTCHN_CHAN_PART1 or both: who must call
 *	evtchn_chan_done() for each event
 * @name: shown in /proc/interrupts; must live until evtchn_chan_unbind()
 * @fn: called for each event
 *
 * Context: may sleep.
 * Return: 0, or a negative errno and the channel stays unbound.
 */
int evtchn_chan_bind_interdomain(struct evtchn_chan *chan,
				 struct xenbus_device *xdev,
				 evtchn_port_t remote, int parts,
				 const char *name, evtchn_chan_fn fn)
{
	int irq;

	chan->fn = fn;
	chan->parts = parts;
	chan->unbinding = false;
	atomic_set(&chan->owed, 0);
	irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(xdev, remote, event,
							    0, name, chan);
	if (irq < 0) {
		chan->irq = 0;
		return irq;
	}
	chan->irq = irq;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_bind_interdomain, XEN_BACKENDS);

/*
 * The port gets its count before its handler: whatever fails then, the last one
 * to put it closes it, once. To close a port twice is to close one that was
 * given to somebody else meanwhile. A static port is not closed by Linux.
 */
static int bind_port(struct evtchn_chan *chan, evtchn_port_t port, bool owned,
		     const char *name)
{
	int irq = bind_evtchn_to_irq_lateeoi(port);
	int err;

	if (irq < 0) {
		if (owned)
			evtchn_close_port(port);
		return irq;
	}
	/* gntdev and gntalloc may hold it for an unmap notification. */
	err = compat_evtchn_make_refcounted(port, !owned);
	if (err)
		return err;
	err = request_irq(irq, event, IRQF_SHARED, name, chan);
	if (err)
		evtchn_put(port);
	return err ?: irq;
}

/**
 * evtchn_chan_bind_port() - bind to a local port that already exists
 * @chan: an unbound channel
 * @port: local port, as EVTCHNOP_bind_* or EVTCHNOP_alloc_unbound gave it
 * @owned: whether the port is the caller's, to be closed on failure; one that
 *	was there before, a static one, is left
 * @name: shown in /proc/interrupts; must live until evtchn_chan_unbind()
 * @fn: called for each event; the channel has the one part EVTCHN_CHAN_PART0
 *
 * The line is shared, for a kernel whose privcmd joins it to serve an
 * ioeventfd of the process that holds the port.
 *
 * Context: may sleep.
 * Return: 0, or a negative errno: the channel stays unbound, and a port that is
 * owned is closed.
 */
int evtchn_chan_bind_port(struct evtchn_chan *chan, evtchn_port_t port,
			  bool owned, const char *name, evtchn_chan_fn fn)
{
	int irq;

	chan->fn = fn;
	chan->parts = EVTCHN_CHAN_PART0;
	chan->unbinding = false;
	atomic_set(&chan->owed, 0);
	irq = bind_port(chan, port, owned, name);
	if (irq < 0) {
		chan->irq = 0;
		return irq;
	}
	chan->irq = irq;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_bind_port, XEN_BACKENDS);

/**
 * evtchn_close_port() - close a local port that is bound to no interrupt
 * @port: the port
 *
 * Context: any.
 */
void evtchn_close_port(evtchn_port_t port)
{
	struct evtchn_close op = { .port = port };

	HYPERVISOR_event_channel_op(EVTCHNOP_close, &op);
}
EXPORT_SYMBOL_NS_GPL(evtchn_close_port, XEN_BACKENDS);

/**
 * evtchn_chan_unbind() - unbind and close the port
 * @chan: the channel; one that is unbound already is left alone
 *
 * When this returns fn() is not running and will not be called again. Parts
 * that still owe an evtchn_chan_done() must have been stopped by the caller:
 * none may be called afterwards.
 *
 * Context: may sleep.
 */
void evtchn_chan_unbind(struct evtchn_chan *chan)
{
	if (!chan->irq)
		return;
	WRITE_ONCE(chan->unbinding, true);
	unbind_from_irqhandler(chan->irq, chan);
	chan->irq = 0;
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_unbind, XEN_BACKENDS);

/**
 * evtchn_chan_done() - a part has handled the event
 * @chan: a bound channel
 * @part: EVTCHN_CHAN_PART0 or EVTCHN_CHAN_PART1
 * @worked: whether it found anything to do
 *
 * The last part to be done gives the EOI. A part that owes nothing (it ran
 * for a reason other than an event) may call this too: nothing happens.
 *
 * Context: any.
 * Return: whether the EOI was given: the next event can come.
 */
bool evtchn_chan_done(struct evtchn_chan *chan, int part, bool worked)
{
	int old, left;

	old = atomic_read(&chan->owed);
	do {
		if (!(old & part))
			return false;
		left = (old & ~part) | (worked ? EVTCHN_CHAN_WORKED : 0);
	} while (!atomic_try_cmpxchg(&chan->owed, &old, left));

	if (left & chan->parts)
		return false;
	if (!(left & EVTCHN_CHAN_WORKED))
		chan->spurious++;
	xen_irq_lateeoi(chan->irq,
			left & EVTCHN_CHAN_WORKED ? 0 : XEN_EOI_FLAG_SPURIOUS);
	return true;
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_done, XEN_BACKENDS);

/**
 * evtchn_chan_poll() - sleep in the hypervisor until the next event
 * @chan: a bound channel of one part, an event in hand: evtchn_chan_done() has
 *	not been called for it
 *
 * A thread that expects the next event soon saves two context switches, the
 * idle loop and the interrupt: the CPU has nothing else to do, and sleeps in
 * Xen. Any other interrupt of this CPU, the tick at the latest, ends the sleep;
 * kick_process() of the sleeper does. The event that ended it is the one in
 * hand from then on: whether there was one, only what it announces can tell.
 *
 * Context: a thread.
 * Return: whether it slept; false when the CPU has other work, or no tick to
 * end the sleep.
 */
bool evtchn_chan_poll(struct evtchn_chan *chan)
{
	if (!atomic_read(&chan->owed) || !single_task_running() ||
	    need_resched() || tick_nohz_full_enabled())
		return false;
	/* 0 is no timeout. */
	xen_poll_irq_timeout(chan->irq, 0);
	xen_clear_irq_pending(chan->irq);
	return true;
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_poll, XEN_BACKENDS);

/**
 * evtchn_chan_polled() - a sleep of evtchn_chan_poll() ended with an event
 * @chan: the channel
 *
 * Context: the thread that slept.
 */
void evtchn_chan_polled(struct evtchn_chan *chan)
{
	/* The line is masked: the interrupt does not count meanwhile. */
	chan->events++;
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_polled, XEN_BACKENDS);

/**
 * evtchn_chan_here() - whether a channel's events come to this CPU
 * @chan: a bound channel
 *
 * Context: any; preemption off, or the answer is old.
 * Return: true if they do.
 */
bool evtchn_chan_here(const struct evtchn_chan *chan)
{
	const struct cpumask *cpus = irq_get_effective_affinity_mask(chan->irq);

	return cpus && cpumask_test_cpu(raw_smp_processor_id(), cpus);
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_here, XEN_BACKENDS);

/**
 * evtchn_chan_notify() - send an event to the other end
 * @chan: a bound channel
 *
 * Context: any.
 */
void evtchn_chan_notify(struct evtchn_chan *chan)
{
	chan->notifies++;
	notify_remote_via_irq(chan->irq);
}
EXPORT_SYMBOL_NS_GPL(evtchn_chan_notify, XEN_BACKENDS);
