/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A shared ring, of any protocol.
 *
 * ring.c: xbe_ring_map() xbe_ring_unmap() xbe_ring_waiting() xbe_ring_push()
 *         xbe_ring_want() xbe_ring_slots()
 * here:   xbe_ring_slot() xbe_ring_next() xbe_ring_take() xbe_ring_answer()
 */
#ifndef XEN_BACKENDS_RING_H
#define XEN_BACKENDS_RING_H

#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>
#include <xen/grant_table.h>

struct xbe_device;
struct xenbus_device;

/**
 * struct xbe_sring - what is in a shared ring page before the slots
 * @req_prod: requests produced, written by the frontend
 * @req_event: the backend wants an event once @req_prod passes this
 * @rsp_prod: responses produced, written by the backend
 * @rsp_event: the frontend wants an event once @rsp_prod passes this
 * @pad: up to the 64 bytes of xen/interface/io/ring.h
 */
struct xbe_sring {
	u32 req_prod;
	u32 req_event;
	u32 rsp_prod;
	u32 rsp_event;
	u8 pad[48];
};

/**
 * struct xbe_ring - a mapped shared ring, of any protocol
 * @sring: the shared pages; NULL while not mapped
 * @slots: the first slot
 * @req_prod: requests the frontend had put when last looked at; of the
 *	consumer
 * @req_cons: requests taken
 * @rsp_prod: responses put, not all of them published yet
 * @size: slots, a power of two
 * @slot_size: bytes a slot
 * @xdev: the device it was mapped for
 *
 * One context at a time consumes, one at a time produces; the owner provides
 * for that. The indices are private: what the guest does to the shared ones
 * changes nothing but xbe_ring_waiting()'s answer.
 */
struct xbe_ring {
	struct xbe_sring *sring;
	void *slots;
	u32 req_prod;
	u32 req_cons;
	u32 rsp_prod;
	u32 size;
	u32 slot_size;
	struct xenbus_device *xdev;
};

int xbe_ring_map(struct xbe_ring *ring, struct xbe_device *xbe,
		 grant_ref_t *refs, unsigned int nr, unsigned int slot_size);
void xbe_ring_unmap(struct xbe_ring *ring);
int xbe_ring_waiting(struct xbe_ring *ring);
bool xbe_ring_push(struct xbe_ring *ring);
bool xbe_ring_want(struct xbe_ring *ring, unsigned int nr);
unsigned int xbe_ring_slots(unsigned int pages, unsigned int slot_size);

static inline void *xbe_ring_slot(const struct xbe_ring *ring, u32 index)
{
	return ring->slots + (index & (ring->size - 1)) * ring->slot_size;
}

/**
 * xbe_ring_next() - the slot of the next request, in the shared page
 * @ring: a ring with a request waiting
 *
 * The guest may write to it at any time: each byte is to be copied into private
 * memory once, with a barrier() behind it, and is used from there (XSA-155).
 *
 * Return: the slot.
 */
static __always_inline const void *xbe_ring_next(struct xbe_ring *ring)
{
	return xbe_ring_slot(ring, ring->req_cons++);
}

/**
 * xbe_ring_take() - copy the next request out of the shared page
 * @ring: a ring with a request waiting
 * @req: private memory for it
 * @size: bytes of a request, at most a slot; a constant for a fast copy
 *
 * The shared slot is read this once.
 */
static __always_inline void xbe_ring_take(struct xbe_ring *ring, void *req,
					  size_t size)
{
	memcpy(req, xbe_ring_next(ring), size);
	barrier();
}

/**
 * xbe_ring_answer() - the slot of the next response
 * @ring: the ring
 *
 * Each byte of the response has to be written: the slot holds what the guest
 * left there, and what is added to it must not be ours (XSA-216).
 *
 * Return: the slot.
 */
static inline void *xbe_ring_answer(struct xbe_ring *ring)
{
	u32 index = ring->rsp_prod;

	/* A completion answers while the ring's context reads the index. */
	WRITE_ONCE(ring->rsp_prod, index + 1);
	return xbe_ring_slot(ring, index);
}

#endif
