// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The ring of ports between the interrupt and read(2). */

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "chardev.h"

#define RING_MIN 64

static evtchn_port_t *slot(const struct evtchn_ring *ring, unsigned int pos)
{
	return &ring->port[pos & (ring->size - 1)];
}

/**
 * evtchn_ring_init() - make an empty ring without memory
 * @ring: the ring
 *
 * Context: any.
 */
void evtchn_ring_init(struct evtchn_ring *ring)
{
	*ring = (struct evtchn_ring){};
	spin_lock_init(&ring->lock);
}

/**
 * evtchn_ring_destroy() - free a ring's memory
 * @ring: a ring that nobody pushes to or reads any more
 *
 * Context: may sleep.
 */
void evtchn_ring_destroy(struct evtchn_ring *ring)
{
	kvfree(ring->port);
	ring->port = NULL;
	ring->size = 0;
}

/**
 * evtchn_ring_reserve() - make room for an event of each port
 * @ring: the ring; events may come and be read meanwhile
 * @entries: how many ports will be bound; callers serialise themselves
 *
 * What else waits takes no room: a program that unmasks ports without reading
 * them fills a ring of any size, and one that did so before each bind would have
 * it doubled each time.
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM and the ring is as it was.
 */
int evtchn_ring_reserve(struct evtchn_ring *ring, unsigned int entries)
{
	evtchn_port_t *port, *old;
	unsigned int pos, size;

	/*
	 * What a reader looks at, 1024 entries at most, stays when its ports are
	 * unbound: see evtchn_ring_forget().
	 */
	spin_lock_irq(&ring->lock);
	entries += ring->shown;
	spin_unlock_irq(&ring->lock);
	size = roundup_pow_of_two(max(entries, RING_MIN));
	if (size <= ring->size)
		return 0;
	port = kvmalloc_array(size, sizeof(*port), GFP_KERNEL);
	if (!port)
		return -ENOMEM;

	spin_lock_irq(&ring->lock);
	for (pos = ring->head; pos != ring->tail; pos++)
		port[pos & (size - 1)] = *slot(ring, pos);
	old = ring->port;
	ring->port = port;
	ring->size = size;
	spin_unlock_irq(&ring->lock);

	kvfree(old);
	return 0;
}

/**
 * evtchn_ring_push() - an event came
 * @ring: the ring
 * @port: the port it came on
 *
 * Context: hard interrupt.
 * Return: whether the ring was empty, so that readers may be asleep.
 */
bool evtchn_ring_push(struct evtchn_ring *ring, evtchn_port_t port)
{
	unsigned long flags;
	bool was_empty;

	spin_lock_irqsave(&ring->lock, flags);
	was_empty = ring->head == ring->tail;
	if (ring->tail - ring->head < ring->size)
		*slot(ring, ring->tail++) = port;
	else
		ring->overflow = true;
	spin_unlock_irqrestore(&ring->lock, flags);
	return was_empty;
}

/**
 * evtchn_ring_peek() - look at waiting events without taking them
 * @ring: the ring
 * @skip: entries to pass over; 0, or what was looked at before
 * @port: receives the ports
 * @max: room in @port
 *
 * Context: process; the caller is the only reader.
 * Return: how many were put in @port, or -EFBIG after an overflow.
 */
int evtchn_ring_peek(struct evtchn_ring *ring, unsigned int skip,
		     evtchn_port_t *port, unsigned int max)
{
	unsigned int n = 0;
	int ret;

	spin_lock_irq(&ring->lock);
	while (n < max && skip + n < ring->tail - ring->head) {
		port[n] = *slot(ring, ring->head + skip + n);
		n++;
	}
	ring->shown = skip + n;
	ret = ring->overflow ? -EFBIG : (int)n;
	spin_unlock_irq(&ring->lock);
	return ret;
}

/**
 * evtchn_ring_consume() - take events that have been looked at
 * @ring: the ring
 * @entries: how many; at most what evtchn_ring_peek() showed
 *
 * Context: process; the caller is the only reader.
 */
void evtchn_ring_consume(struct evtchn_ring *ring, unsigned int entries)
{
	spin_lock_irq(&ring->lock);
	ring->head += entries;
	ring->shown = 0;
	spin_unlock_irq(&ring->lock);
}

/**
 * evtchn_ring_forget() - take out what waits of a port that is bound no more
 * @ring: the ring
 * @port: the port, of which no event comes any more
 *
 * It would take the room of a port that is bound next. What a reader looks at
 * stays for it to consume.
 *
 * Context: process.
 */
void evtchn_ring_forget(struct evtchn_ring *ring, evtchn_port_t port)
{
	unsigned int pos, kept;

	spin_lock_irq(&ring->lock);
	kept = ring->head + ring->shown;
	for (pos = kept; pos != ring->tail; pos++)
		if (*slot(ring, pos) != port)
			*slot(ring, kept++) = *slot(ring, pos);
	ring->tail = kept;
	spin_unlock_irq(&ring->lock);
}

/**
 * evtchn_ring_reset() - forget the waiting events and the overflow
 * @ring: the ring
 *
 * Context: process; the caller keeps readers out.
 */
void evtchn_ring_reset(struct evtchn_ring *ring)
{
	spin_lock_irq(&ring->lock);
	ring->head = ring->tail;
	ring->shown = 0;
	ring->overflow = false;
	spin_unlock_irq(&ring->lock);
}

/**
 * evtchn_ring_readable() - whether a read would return at once
 * @ring: the ring
 *
 * Context: any. The answer may be old when it arrives.
 * Return: true when a port or an overflow is to be reported.
 */
bool evtchn_ring_readable(struct evtchn_ring *ring)
{
	return READ_ONCE(ring->head) != READ_ONCE(ring->tail) ||
	       READ_ONCE(ring->overflow);
}
