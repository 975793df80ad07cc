// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * blkif as a frontend speaks it, and no load.
 *
 * A request in flight has a place, which has pages of its own, granted once.
 * Ids are never used again: an answer that comes twice, or too late, is found.
 */

#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/interface/io/protocols.h>
#include <xen/page.h>

#include "blk.h"

/* The place is in the lower bits of an id. */
#define PLACE_BITS 16
#define SEGMENTS_A_LIST (XEN_PAGE_SIZE / sizeof(struct blkif_request_segment))

static const u8 wire_ops[] = {
	[LG_BLK_READ] = BLKIF_OP_READ,
	[LG_BLK_WRITE] = BLKIF_OP_WRITE,
	[LG_BLK_FLUSH] = BLKIF_OP_FLUSH_DISKCACHE,
	[LG_BLK_DISCARD] = BLKIF_OP_DISCARD,
};

static void on_event(struct lg_channel *chan)
{
	wake_up(&chan->dev->wait);
}

static int make_ring(struct lg_blk *blk)
{
	struct xenbus_device *xdev = blk->dev->xdev;
	unsigned int order;
	int err;

	order = min(lg_ring_order,
		    xenbus_read_unsigned(xdev->otherend, "max-ring-page-order",
					 0));
	blk->nr_pages = 1 << order;
	err = xenbus_setup_ring(xdev, GFP_KERNEL, &blk->shared, blk->nr_pages,
				blk->refs);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&blk->ring, (struct blkif_sring *)blk->shared,
			    blk->nr_pages * XEN_PAGE_SIZE);
	blk->flight = kvcalloc(RING_SIZE(&blk->ring), sizeof(*blk->flight),
			       GFP_KERNEL);
	if (!blk->flight)
		return -ENOMEM;
	return lg_channel_open(&blk->chan, blk->dev, "loadgen-vbd", on_event);
}

static int write_keys(struct lg_blk *blk)
{
	struct lg_key key[XENBUS_MAX_RING_GRANTS + 3] = {
		{ "event-channel", blk->chan.port },
		{ "feature-persistent", lg_persistent },
	};
	unsigned int nr = 2;
	unsigned int i;
	int err;

	if (blk->nr_pages == 1) {
		key[nr++] = (struct lg_key){ "ring-ref", blk->refs[0] };
	} else {
		key[nr++] = (struct lg_key){ "ring-page-order",
					     ilog2(blk->nr_pages) };
		for (i = 0; i < blk->nr_pages; i++) {
			snprintf(key[nr].name, sizeof(key[nr].name),
				 "ring-ref%u", i);
			key[nr++].value = blk->refs[i];
		}
	}
	err = xenbus_write(XBT_NIL, blk->dev->xdev->nodename, "protocol",
			   XEN_IO_PROTO_ABI_NATIVE);
	return err ? err : lg_write_keys(blk->dev, key, nr);
}

/**
 * lg_blk_offer() - make a ring and offer it to the backend
 * @dev: a vbd
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; lg_blk_release() undoes it either way.
 */
int lg_blk_offer(struct lg_device *dev)
{
	struct lg_blk *blk;
	int err;

	blk = kzalloc(sizeof(*blk), GFP_KERNEL);
	if (!blk)
		return -ENOMEM;
	blk->dev = dev;
	dev->priv = blk;
	err = make_ring(blk);
	return err ? err : write_keys(blk);
}

/**
 * lg_blk_connected() - read what the backend offers
 * @dev: a vbd that the backend connected
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int lg_blk_connected(struct lg_device *dev)
{
	const char *dir = dev->xdev->otherend;
	struct lg_blk *blk = dev->priv;
	struct lg_blk_limits *limits = &blk->limits;
	unsigned int indirect;
	int n;

	n = xenbus_scanf(XBT_NIL, dir, "sectors", "%llu", &limits->sectors);
	if (n != 1) {
		dev_err(&dev->xdev->dev, "%s/sectors is not a number\n", dir);
		return -EINVAL;
	}
	limits->sector_size =
		xenbus_read_unsigned(dir, "sector-size", LG_SECTOR);
	if (!limits->sector_size || limits->sector_size % LG_SECTOR) {
		dev_err(&dev->xdev->dev,
			"%s/sector-size is %u, allowed are multiples of %u\n",
			dir, limits->sector_size, LG_SECTOR);
		return -EINVAL;
	}
	limits->persistent = lg_persistent &&
			     xenbus_read_unsigned(dir, "feature-persistent", 0);
	indirect =
		xenbus_read_unsigned(dir, "feature-max-indirect-segments", 0);
	limits->max_segments = clamp_t(unsigned int, indirect,
				       BLKIF_MAX_SEGMENTS_PER_REQUEST,
				       SEGMENTS_A_LIST);
	return 0;
}

/**
 * lg_blk_release() - give all back that lg_blk_offer() made
 * @dev: a vbd that the backend let go of
 *
 * Context: may sleep.
 */
void lg_blk_release(struct lg_device *dev)
{
	struct lg_blk *blk = dev->priv;

	if (!blk)
		return;
	lg_channel_close(&blk->chan);
	lg_pool_free(&blk->data);
	lg_pool_free(&blk->lists);
	if (blk->shared)
		xenbus_teardown_ring(&blk->shared, blk->nr_pages, blk->refs);
	kvfree(blk->flight);
	dev->priv = NULL;
	kfree(blk);
}

/**
 * lg_blk_prepare() - have pages for requests
 * @blk: a vbd with nothing in flight
 * @places: requests in flight at most, up to the ring's size
 * @segments: pages of each at most, up to max_segments
 *
 * Context: may sleep.
 * Return: 0 or a negative errno, reported already.
 */
int lg_blk_prepare(struct lg_blk *blk, unsigned int places,
		   unsigned int segments)
{
	int err;

	err = lg_pool_grow(&blk->data, blk->dev, places * segments);
	if (!err && segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		err = lg_pool_grow(&blk->lists, blk->dev, places);
	if (!err)
		blk->segments = segments;
	return err;
}

static void fill_segments(struct lg_blk *blk,
			  const struct lg_blk_request *request,
			  struct blkif_request_segment *seg, unsigned int nr)
{
	const struct lg_page *page =
		&blk->data.page[request->place * blk->segments];
	unsigned int left = request->bytes / LG_SECTOR;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		unsigned int n = min_t(unsigned int, left, LG_PAGE_SECTORS);

		seg[i] = (struct blkif_request_segment){
			.gref = page[i].ref,
			.last_sect = n - 1,
		};
		left -= n;
	}
}

static void put_data(struct lg_blk *blk, struct blkif_request *wire,
		     const struct lg_blk_request *request, u64 id)
{
	unsigned int nr = DIV_ROUND_UP(request->bytes, XEN_PAGE_SIZE);

	if (nr <= BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		wire->operation = wire_ops[request->op];
		wire->u.rw.nr_segments = nr;
		wire->u.rw.handle = blk->dev->number;
		wire->u.rw.id = id;
		wire->u.rw.sector_number = request->sector;
		fill_segments(blk, request, wire->u.rw.seg, nr);
	} else {
		const struct lg_page *list = &blk->lists.page[request->place];

		wire->operation = BLKIF_OP_INDIRECT;
		wire->u.indirect.indirect_op = wire_ops[request->op];
		wire->u.indirect.nr_segments = nr;
		wire->u.indirect.handle = blk->dev->number;
		wire->u.indirect.id = id;
		wire->u.indirect.sector_number = request->sector;
		wire->u.indirect.indirect_grefs[0] = list->ref;
		fill_segments(blk, request, page_address(list->page), nr);
	}
}

static void put_other(struct lg_blk *blk, struct blkif_request *wire,
		      const struct lg_blk_request *request, u64 id)
{
	wire->operation = wire_ops[request->op];
	if (request->op == LG_BLK_DISCARD) {
		wire->u.discard.flag = 0;
		wire->u.discard.id = id;
		wire->u.discard.sector_number = request->sector;
		wire->u.discard.nr_sectors = request->bytes / LG_SECTOR;
	} else {
		wire->u.rw.nr_segments = 0;
		wire->u.rw.handle = blk->dev->number;
		wire->u.rw.id = id;
		wire->u.rw.sector_number = 0;
	}
}

/**
 * lg_blk_put() - put a request on the ring
 * @blk: a vbd with a free slot
 * @request: with a place that is free
 *
 * Nobody is told: see lg_blk_push().
 *
 * Context: the run.
 */
void lg_blk_put(struct lg_blk *blk, const struct lg_blk_request *request)
{
	struct lg_blk_flight *flight = &blk->flight[request->place];
	u64 id = blk->next_id++ << PLACE_BITS | request->place;
	struct blkif_request *wire;

	wire = RING_GET_REQUEST(&blk->ring, blk->ring.req_prod_pvt);
	if (request->op <= LG_BLK_WRITE)
		put_data(blk, wire, request, id);
	else
		put_other(blk, wire, request, id);
	blk->ring.req_prod_pvt++;
	*flight = (struct lg_blk_flight){
		.request = *request,
		.id = id,
		/* Of an indirect one it is the operation within that is echoed. */
		.wire_op = wire_ops[request->op],
		.busy = true,
	};
	blk->inflight++;
}

/**
 * lg_blk_push() - publish what was put, tell the backend if it asked for that
 * @blk: the vbd
 *
 * One event is asked for, when the last of all in flight is answered.
 *
 * Context: the run.
 */
void lg_blk_push(struct lg_blk *blk)
{
	int notify;

	WRITE_ONCE(blk->ring.sring->rsp_event,
		   blk->ring.rsp_cons + blk->inflight);
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&blk->ring, notify);
	if (notify)
		lg_channel_notify(&blk->chan);
}

static unsigned int waiting(const struct lg_blk *blk)
{
	return READ_ONCE(blk->ring.sring->rsp_prod) - blk->ring.rsp_cons;
}

/**
 * lg_blk_answered() - whether all in flight is answered, or more than that
 * @arg: the vbd
 *
 * Context: any.
 * Return: whether lg_blk_take() is to be called.
 */
bool lg_blk_answered(void *arg)
{
	const struct lg_blk *blk = arg;

	return waiting(blk) >= blk->inflight;
}

static int bad_answer(struct lg_blk *blk, const struct blkif_response *rsp,
		      const char *why)
{
	dev_err(&blk->dev->xdev->dev,
		"response with id %#llx, operation %u, status %d: %s\n",
		rsp->id, rsp->operation, rsp->status, why);
	return -EPROTO;
}

/**
 * lg_blk_take() - take a response
 * @blk: the vbd
 * @request: filled with what is answered
 * @status: filled with BLKIF_RSP_*
 *
 * Context: the run.
 * Return: 1; 0 when there is none; -EPROTO for one that answers nothing in
 * flight.
 */
int lg_blk_take(struct lg_blk *blk, struct lg_blk_request *request, int *status)
{
	struct lg_blk_flight *flight;
	struct blkif_response rsp;
	unsigned int place;

	if (waiting(blk) > blk->inflight) {
		dev_err(&blk->dev->xdev->dev,
			"%u responses wait, allowed is 0 to %u\n", waiting(blk),
			blk->inflight);
		return -EPROTO;
	}
	if (!waiting(blk))
		return 0;
	/* A response is read after the index that says it is there. */
	virt_rmb();
	RING_COPY_RESPONSE(&blk->ring, blk->ring.rsp_cons, &rsp);
	blk->ring.rsp_cons++;
	place = rsp.id & (BIT(PLACE_BITS) - 1);
	if (place >= RING_SIZE(&blk->ring))
		return bad_answer(blk, &rsp, "no such place");
	flight = &blk->flight[place];
	if (!flight->busy || flight->id != rsp.id)
		return bad_answer(blk, &rsp, "not in flight");
	if (flight->wire_op != rsp.operation)
		return bad_answer(blk, &rsp, "another operation was asked for");
	flight->busy = false;
	blk->inflight--;
	*request = flight->request;
	*status = rsp.status;
	return 1;
}
