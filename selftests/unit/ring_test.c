// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The shared ring: what a frontend may write to its indices, and events. */

#include <kunit/test.h>
#include <linux/module.h>

#include "xenbus/xenbus.h"

static u8 shared[XEN_PAGE_SIZE] __aligned(8);
static unsigned int mapped;

static int map(struct xenbus_device *xdev, grant_ref_t *refs, unsigned int nr,
	       void **addr)
{
	*addr = shared;
	mapped++;
	return 0;
}

static int unmap(struct xenbus_device *xdev, void *addr)
{
	mapped--;
	return 0;
}

void xbe_error(struct xbe_device *xbe, int err, const char *fmt, ...)
{
}

#define xenbus_map_ring_valloc map
#define xenbus_unmap_ring_vfree unmap
#include "../../xenbus/ring.c"

#define SLOT 112
#define SLOTS 32

/* Where indices wrap, where their sign would change, and where neither. */
static const u32 starts[] = { 0, 31, 1000, 0x7ffffff0, -16u, -1u };

/* Maps a ring on which all before @start is done and @put requests wait. */
static int attach_at(struct xbe_ring *ring, u32 start, u32 put)
{
	struct xbe_sring *sring = (void *)shared;
	struct xbe_device xbe = {};
	grant_ref_t ref = 8;

	memset(ring, 0, sizeof(*ring));
	sring->rsp_prod = start;
	sring->req_prod = start + put;
	return xbe_ring_map(ring, &xbe, &ref, 1, SLOT);
}

static void slots(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, xbe_ring_slots(1, SLOT), SLOTS);
	KUNIT_EXPECT_EQ(test, xbe_ring_slots(1, 108), SLOTS);
	KUNIT_EXPECT_EQ(test, xbe_ring_slots(2, SLOT), 64);
	KUNIT_EXPECT_EQ(test, xbe_ring_slots(16, SLOT), 512);
	KUNIT_EXPECT_EQ(test, xbe_ring_slots(1, 12), 256);
	KUNIT_EXPECT_EQ(test, xbe_ring_slots(1, 8), 256);
}

/* As a module does that is loaded again: what was not answered is taken. */
static void a_ring_in_use_goes_on(struct kunit *test)
{
	struct xbe_ring ring;

	KUNIT_ASSERT_EQ(test, attach_at(&ring, 77, 3), 0);
	KUNIT_EXPECT_EQ(test, xbe_ring_waiting(&ring), 3);
	KUNIT_EXPECT_PTR_EQ(test, xbe_ring_next(&ring),
			    (const void *)shared + 64 + 77 % SLOTS * SLOT);
	xbe_ring_unmap(&ring);
	KUNIT_EXPECT_EQ(test, attach_at(&ring, 77, SLOTS + 1), -EPROTO);
	KUNIT_EXPECT_EQ(test, mapped, 0);
}

/* The answer when so many of those that were put have been taken. */
static int waiting(const struct xbe_ring *ring, u32 start, int put)
{
	struct xbe_sring *sring = (void *)shared;

	sring->req_prod = start + put;
	return xbe_ring_waiting(ring);
}

static void the_producer_is_in_range_or_refused(struct kunit *test)
{
	struct xbe_ring ring;
	int taken, put, want;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		KUNIT_ASSERT_EQ(test, attach_at(&ring, starts[i], 0), 0);
		for (taken = 0; taken <= SLOTS; taken++) {
			ring.req_cons = starts[i] + taken;
			for (put = -40; put < 80; put++) {
				want = put >= taken && put <= SLOTS ?
					       put - taken :
					       -EPROTO;
				KUNIT_ASSERT_EQ(test, want,
						waiting(&ring, starts[i], put));
			}
		}
		xbe_ring_unmap(&ring);
	}
}

/* Whether there is an event for so many new responses. */
static bool push(struct xbe_ring *ring, u32 start, int put, int event)
{
	struct xbe_sring *sring = (void *)shared;

	sring->rsp_prod = start;
	sring->rsp_event = start + event;
	ring->rsp_prod = start + put;
	return xbe_ring_push(ring) && sring->rsp_prod == start + put;
}

/* Exactly when the response that the frontend waits for is among the new. */
static void events_for_responses(struct kunit *test)
{
	struct xbe_ring ring;
	unsigned int i;
	int put, event;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		KUNIT_ASSERT_EQ(test, attach_at(&ring, starts[i], 0), 0);
		for (put = 0; put <= SLOTS; put++)
			for (event = -40; event < 80; event++)
				KUNIT_ASSERT_EQ(test, event > 0 && event <= put,
						push(&ring, starts[i], put,
						     event));
		xbe_ring_unmap(&ring);
	}
}

static void events_for_requests(struct kunit *test)
{
	struct xbe_sring *sring = (void *)shared;
	struct xbe_ring ring;
	unsigned int i, put, nr;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		KUNIT_ASSERT_EQ(test, attach_at(&ring, starts[i], 0), 0);
		for (put = 0; put <= SLOTS; put++) {
			sring->req_prod = starts[i] + put;
			for (nr = 1; nr <= SLOTS; nr++) {
				KUNIT_ASSERT_EQ(test, xbe_ring_want(&ring, nr),
						put >= nr);
				KUNIT_ASSERT_EQ(test, sring->req_event,
						starts[i] + nr);
			}
		}
		xbe_ring_unmap(&ring);
	}
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(slots),
	KUNIT_CASE(a_ring_in_use_goes_on),
	KUNIT_CASE(the_producer_is_in_range_or_refused),
	KUNIT_CASE(events_for_responses),
	KUNIT_CASE(events_for_requests),
	{},
};

static struct kunit_suite ring_suite = {
	.name = "xenbus-ring",
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);

MODULE_DESCRIPTION("Tests of the shared ring's indices and events");
MODULE_LICENSE("Dual MIT/GPL");
