// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The shared ring, of any protocol: map, check the producer, push, unmap. */

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/log2.h>

#include "internal.h"

/* xen/interface/io/ring.h lays the indices out so. */
static_assert(sizeof(struct xbe_sring) == 64);
static_assert(offsetof(struct xbe_sring, req_prod) == 0);
static_assert(offsetof(struct xbe_sring, req_event) == 4);
static_assert(offsetof(struct xbe_sring, rsp_prod) == 8);
static_assert(offsetof(struct xbe_sring, rsp_event) == 12);

/**
 * xbe_ring_slots() - how many slots a ring has
 * @pages: pages of 4096 bytes, 1 to XENBUS_MAX_RING_GRANTS
 * @slot_size: bytes of a slot, the larger of request and response
 *
 * The rule is __RING_SIZE() of xen/interface/io/ring.h.
 *
 * Context: any; pure.
 * Return: slots, a power of two.
 */
unsigned int xbe_ring_slots(unsigned int pages, unsigned int slot_size)
{
	unsigned int bytes = pages * XEN_PAGE_SIZE - sizeof(struct xbe_sring);

	return rounddown_pow_of_two(bytes / slot_size);
}
EXPORT_SYMBOL_NS_GPL(xbe_ring_slots, XEN_BACKENDS);

/*
 * A fresh ring starts at 0. One that a former load of the module served goes
 * on where that stopped: all it had taken was answered before it let go, so
 * what was not answered was not taken.
 */
static int attach(struct xbe_ring *ring)
{
	u32 rsp_prod = READ_ONCE(ring->sring->rsp_prod);

	ring->rsp_prod = rsp_prod;
	ring->req_cons = rsp_prod;
	return xbe_ring_waiting(ring) < 0 ? -EPROTO : 0;
}

/**
 * xbe_ring_map() - map a ring that the frontend grants
 * @ring: an unmapped ring, zeroed
 * @xbe: the device
 * @refs: grant references of its pages
 * @nr: pages, 1 to XENBUS_MAX_RING_GRANTS
 * @slot_size: bytes of a slot
 *
 * Context: may sleep.
 * Return: 0, or a negative errno, reported already.
 */
int xbe_ring_map(struct xbe_ring *ring, struct xbe_device *xbe,
		 grant_ref_t *refs, unsigned int nr, unsigned int slot_size)
{
	void *addr;
	int err;

	err = xenbus_map_ring_valloc(xbe->xdev, refs, nr, &addr);
	if (err) {
		xbe_error(xbe, err,
			  "cannot map %u page(s) of the ring of ring-ref %u",
			  nr, refs[0]);
		return err;
	}
	ring->sring = addr;
	ring->slots = addr + sizeof(struct xbe_sring);
	ring->slot_size = slot_size;
	ring->size = xbe_ring_slots(nr, slot_size);
	ring->xdev = xbe->xdev;
	err = attach(ring);
	if (err) {
		xbe_error(xbe, err,
			  "ring-ref %u: more requests than its %u slots",
			  refs[0], ring->size);
		xbe_ring_unmap(ring);
	}
	return err;
}
EXPORT_SYMBOL_NS_GPL(xbe_ring_map, XEN_BACKENDS);

/**
 * xbe_ring_unmap() - unmap a ring
 * @ring: the ring; one that is not mapped is left alone
 *
 * Nobody may be using it: its channel is unbound and its context stopped.
 *
 * Context: may sleep.
 */
void xbe_ring_unmap(struct xbe_ring *ring)
{
	if (!ring->sring)
		return;
	xenbus_unmap_ring_vfree(ring->xdev, ring->sring);
	ring->sring = NULL;
	ring->slots = NULL;
}
EXPORT_SYMBOL_NS_GPL(xbe_ring_unmap, XEN_BACKENDS);

/**
 * xbe_ring_waiting() - how many requests the frontend has put
 * @ring: a mapped ring
 *
 * Context: any.
 * Return: 0 to the ring's size, or -EPROTO: the producer has run past the
 * slots that are free for it (CVE-2010-4247, XSA-39). Nothing on this ring can
 * be believed then.
 */
int xbe_ring_waiting(struct xbe_ring *ring)
{
	u32 req_prod = READ_ONCE(ring->sring->req_prod);

	ring->req_prod = req_prod;
	/*
	 * Slots are read after the index that says they are filled, and our own
	 * index too: a completion may answer meanwhile and the guest use it.
	 */
	virt_rmb();
	if (unlikely(req_prod - READ_ONCE(ring->rsp_prod) > ring->size))
		return -EPROTO;
	/*
	 * The producer can also be moved back behind what was taken: that is
	 * a count above the size as well.
	 */
	if (unlikely(req_prod - ring->req_cons > ring->size))
		return -EPROTO;
	return req_prod - ring->req_cons;
}
EXPORT_SYMBOL_NS_GPL(xbe_ring_waiting, XEN_BACKENDS);

/**
 * xbe_ring_push() - publish the responses put since the last push
 * @ring: a mapped ring
 *
 * Context: any.
 * Return: whether the frontend wants an event for them.
 */
bool xbe_ring_push(struct xbe_ring *ring)
{
	u32 old = READ_ONCE(ring->sring->rsp_prod);
	u32 new = ring->rsp_prod;

	/* Slots are written before the index that says they are filled. */
	virt_wmb();
	WRITE_ONCE(ring->sring->rsp_prod, new);
	/* The frontend sets rsp_event, then looks at rsp_prod once more. */
	virt_mb();
	return new - READ_ONCE(ring->sring->rsp_event) < new - old;
}
EXPORT_SYMBOL_NS_GPL(xbe_ring_push, XEN_BACKENDS);

/**
 * xbe_ring_want() - ask for an event, look once more
 * @ring: a mapped ring
 * @nr: requests that are to wait before the event comes, 1 or more
 *
 * Context: any.
 * Return: whether as many wait already (or the producer is beyond belief, which
 * xbe_ring_waiting() then says): the caller goes on instead of waiting.
 */
bool xbe_ring_want(struct xbe_ring *ring, unsigned int nr)
{
	WRITE_ONCE(ring->sring->req_event, ring->req_cons + nr);
	/* The frontend writes req_prod, then looks at req_event. */
	virt_mb();
	ring->req_prod = READ_ONCE(ring->sring->req_prod);
	return ring->req_prod - ring->req_cons >= nr;
}
EXPORT_SYMBOL_NS_GPL(xbe_ring_want, XEN_BACKENDS);
