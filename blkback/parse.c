// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * From a private copy of a slot to a request that may be executed, or to the
 * error to answer. Pure: no kernel service is called, nothing is shared.
 *
 * The wire format is that of xen/interface/io/blkif.h.
 */

#include <linux/build_bug.h>
#include <linux/string.h>

#include "wire.h"

#define SECTOR 512u
#define PAGE_SECTORS_WIRE (XEN_PAGE_SIZE / SECTOR)

/* A response: id, operation, a byte of padding, status. */
#define RSP_OP 8
#define RSP_STATUS 10

const struct blkback_layout blkback_layouts[] = {
	[BLKBACK_ABI_64] = {
		.slot_size = 112, .rsp_size = 16, .id = 8, .sector = 16, .seg = 24,
	},
	[BLKBACK_ABI_32] = {
		.slot_size = 108, .rsp_size = 12, .id = 4, .sector = 12, .seg = 20,
	},
};

/* The 64-bit layout is this kernel's own. */
static_assert(sizeof(struct blkif_request) == 112);
static_assert(sizeof(struct blkif_response) == 16);
static_assert(offsetof(struct blkif_request, u.rw.id) == 8);
static_assert(offsetof(struct blkif_request, u.rw.sector_number) == 16);
static_assert(offsetof(struct blkif_request, u.rw.seg) == 24);
static_assert(offsetof(struct blkif_response, operation) == RSP_OP);
static_assert(offsetof(struct blkif_response, status) == RSP_STATUS);
static_assert(sizeof(struct blkif_request_segment) == 8);
static_assert(BLKBACK_MAX_SEGS == 11);

static u64 slot_u64(const struct blkback_slot *slot, unsigned int at)
{
	u64 value;

	memcpy(&value, &slot->byte[at], sizeof(value));
	return value;
}

static int parse_seg(const struct blkback_layout *layout,
		     const struct blkback_slot *slot, unsigned int i, u32 block,
		     struct blkback_seg *seg)
{
	struct blkif_request_segment wire;
	unsigned int sectors;

	memcpy(&wire, &slot->byte[layout->seg + i * sizeof(wire)],
	       sizeof(wire));
	if (wire.last_sect >= PAGE_SECTORS_WIRE ||
	    wire.first_sect > wire.last_sect)
		return BLKIF_RSP_ERROR;
	sectors = wire.last_sect - wire.first_sect + 1;
	if (sectors % block)
		return BLKIF_RSP_ERROR;
	seg->ref = wire.gref;
	seg->offset = wire.first_sect * SECTOR;
	seg->len = sectors * SECTOR;
	return BLKIF_RSP_OKAY;
}

static int parse_op(u8 wire_op, struct blkback_req *req)
{
	switch (wire_op) {
	case BLKIF_OP_READ:
		req->op = BLKBACK_READ;
		return BLKIF_RSP_OKAY;
	case BLKIF_OP_WRITE:
		req->op = BLKBACK_WRITE;
		return BLKIF_RSP_OKAY;
	case BLKIF_OP_FLUSH_DISKCACHE:
		req->op = BLKBACK_FLUSH;
		return BLKIF_RSP_OKAY;
	}
	return BLKIF_RSP_EOPNOTSUPP;
}

/*
 * No sum is made that could wrap: a request may end at the last sector and no
 * further (CVE-2013-2140).
 */
static int check_bounds(const struct blkback_req *req,
			const struct blkback_limits *limits)
{
	if (!req->nr_sectors)
		return BLKIF_RSP_OKAY;
	if (req->op != BLKBACK_READ && limits->readonly)
		return BLKIF_RSP_ERROR;
	if (req->sector % limits->block)
		return BLKIF_RSP_ERROR;
	if (req->nr_sectors > limits->sectors ||
	    req->sector > limits->sectors - req->nr_sectors)
		return BLKIF_RSP_ERROR;
	return BLKIF_RSP_OKAY;
}

/**
 * blkback_parse() - check a request
 * @layout: one of blkback_layouts
 * @slot: private copy of the slot; any bytes
 * @limits: what to check against
 * @req: filled; its id and wire_op are always good for the answer, the rest
 *	only on success
 *
 * Context: any; pure.
 * Return: BLKIF_RSP_OKAY, or the status to answer.
 */
int blkback_parse(const struct blkback_layout *layout,
		  const struct blkback_slot *slot,
		  const struct blkback_limits *limits, struct blkback_req *req)
{
	unsigned int nr = slot->byte[1];
	unsigned int i;
	int status;

	req->wire_op = slot->byte[0];
	req->id = slot_u64(slot, layout->id);
	status = parse_op(req->wire_op, req);
	if (status)
		return status;
	if (nr > BLKBACK_MAX_SEGS || (!nr && req->op != BLKBACK_FLUSH))
		return BLKIF_RSP_ERROR;

	req->sector = slot_u64(slot, layout->sector);
	req->nr_segs = nr;
	req->nr_sectors = 0;
	for (i = 0; i < nr; i++) {
		status =
			parse_seg(layout, slot, i, limits->block, &req->seg[i]);
		if (status)
			return status;
		req->nr_sectors += req->seg[i].len / SECTOR;
	}
	return check_bounds(req, limits);
}

/**
 * blkback_answer() - write a response
 * @layout: one of blkback_layouts
 * @slot: the shared slot
 * @id: of the request
 * @wire_op: of the request
 * @status: BLKIF_RSP_*
 *
 * Padding is written too: what stood there before must not be ours (XSA-216).
 *
 * Context: any.
 */
void blkback_answer(const struct blkback_layout *layout, void *slot, u64 id,
		    u8 wire_op, s16 status)
{
	u8 rsp[16] = {};

	memcpy(rsp, &id, sizeof(id));
	rsp[RSP_OP] = wire_op;
	memcpy(&rsp[RSP_STATUS], &status, sizeof(status));
	memcpy(slot, rsp, layout->rsp_size);
}
