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

/* A response: id, operation, a byte of padding, status; x86 is little-endian. */
#define RSP_OP 8

const struct blkback_layout blkback_layouts[] = {
	[BLKBACK_ABI_64] = {
		.slot_size = BLKBACK_SLOT_MAX, .rsp_size = 16, .id = 8, .sector = 16,
		.seg = 24, .desc = 28,
	},
	[BLKBACK_ABI_32] = {
		.slot_size = BLKBACK_SLOT_MIN, .rsp_size = 12, .id = 4, .sector = 12,
		.seg = 20, .desc = 24,
	},
};

/* A slot's head has the first segment, and all else that is read. */
static_assert(24 + BLKBACK_SEG_SIZE <= BLKBACK_SLOT_HEAD);
static_assert(28 + sizeof(grant_ref_t) <= BLKBACK_SLOT_HEAD);

/* The 64-bit layout is this kernel's own. */
static_assert(sizeof(struct blkif_request) == 112);
static_assert(sizeof(struct blkif_response) == 16);
static_assert(offsetof(struct blkif_request, u.rw.id) == 8);
static_assert(offsetof(struct blkif_request, u.rw.sector_number) == 16);
static_assert(offsetof(struct blkif_request, u.rw.seg) == 24);
static_assert(offsetof(struct blkif_response, operation) == RSP_OP);
static_assert(offsetof(struct blkif_response, status) == RSP_OP + 2);
static_assert(sizeof(struct blkif_request_segment) == 8);
static_assert(BLKBACK_DIRECT_SEGS == 11);
static_assert(offsetof(struct blkif_request, u.discard.flag) == 1);
static_assert(offsetof(struct blkif_request, u.discard.nr_sectors) == 24);
static_assert(offsetof(struct blkif_request, u.indirect.indirect_op) == 1);
static_assert(offsetof(struct blkif_request, u.indirect.nr_segments) == 2);
static_assert(offsetof(struct blkif_request, u.indirect.indirect_grefs) == 28);
/* One page of descriptors is enough for the most segments. */
static_assert(XEN_PAGE_SIZE / BLKBACK_SEG_SIZE >= BLKBACK_MAX_SEGS);

/* Where all operations and layouts have it. */
#define SLOT_OP 0
/* Segments of a direct request, flags of a discard, an indirect operation. */
#define SLOT_NR_SEGS BLKBACK_SLOT_COUNT
#define SLOT_FLAGS 1
#define SLOT_INDIRECT_OP 1
#define SLOT_INDIRECT_SEGS 2

static __always_inline u64 slot_u64(const struct blkback_slot *slot,
				    unsigned int at)
{
	u64 value;

	memcpy(&value, &slot->byte[at], sizeof(value));
	return value;
}

static __always_inline int parse_seg(const void *desc, u32 block,
				     struct blkback_seg *seg)
{
	struct blkif_request_segment wire;
	unsigned int sectors;

	memcpy(&wire, desc, sizeof(wire));
	if (wire.last_sect >= PAGE_SECTORS_WIRE ||
	    wire.first_sect > wire.last_sect)
		return BLKIF_RSP_ERROR;
	sectors = wire.last_sect - wire.first_sect + 1;
	if (sectors & (block - 1))
		return BLKIF_RSP_ERROR;
	seg->ref = wire.gref;
	seg->offset = wire.first_sect * SECTOR;
	seg->len = sectors * SECTOR;
	return BLKIF_RSP_OKAY;
}

/*
 * No sum is made that could wrap: a request may end at the last sector and no
 * further (CVE-2013-2140).
 */
static __always_inline int check_bounds(const struct blkback_req *req,
					const struct blkback_limits *limits)
{
	/* A resize may change it at any time. */
	u64 sectors = READ_ONCE(limits->sectors);

	if (!req->nr_sectors)
		return BLKIF_RSP_OKAY;
	if (req->op != BLKBACK_READ && limits->readonly)
		return BLKIF_RSP_ERROR;
	if ((req->sector | req->nr_sectors) & (limits->block - 1))
		return BLKIF_RSP_ERROR;
	if (req->nr_sectors > sectors ||
	    req->sector > sectors - req->nr_sectors)
		return BLKIF_RSP_ERROR;
	return BLKIF_RSP_OKAY;
}

static __always_inline int parse_segs(const void *desc,
				      const struct blkback_limits *limits,
				      struct blkback_req *req,
				      struct blkback_seg *segs)
{
	unsigned int i, nr = req->nr_segs;
	u32 block = limits->block;
	u32 bytes = 0;
	int status;

	for (i = 0; i < nr; i++) {
		status =
			parse_seg(desc + i * BLKBACK_SEG_SIZE, block, &segs[i]);
		if (status)
			return status;
		bytes += segs[i].len;
	}
	req->nr_sectors = bytes / SECTOR;
	return check_bounds(req, limits);
}

/**
 * blkback_parse_segs() - check the segments of a request
 * @desc: private copy of req->nr_segs descriptors; any bytes
 * @limits: what to check against
 * @req: a request of blkback_parse(); its nr_sectors is set here
 * @segs: filled; room for req->nr_segs
 *
 * Context: any; pure.
 * Return: BLKIF_RSP_OKAY, or the status to answer.
 */
int blkback_parse_segs(const void *desc, const struct blkback_limits *limits,
		       struct blkback_req *req, struct blkback_seg *segs)
{
	return parse_segs(desc, limits, req, segs);
}

static int parse_direct(const struct blkback_layout *layout,
			const struct blkback_slot *slot,
			const struct blkback_limits *limits,
			struct blkback_req *req, struct blkback_seg *segs)
{
	req->nr_segs = slot->byte[SLOT_NR_SEGS];
	if (req->nr_segs > BLKBACK_DIRECT_SEGS)
		return BLKIF_RSP_ERROR;
	if (!req->nr_segs && req->op <= BLKBACK_WRITE)
		return BLKIF_RSP_ERROR;
	return parse_segs(&slot->byte[layout->seg], limits, req, segs);
}

static noinline int parse_indirect(const struct blkback_layout *layout,
				   const struct blkback_slot *slot,
				   struct blkback_req *req)
{
	/* Frontends compare the answer with what they wanted done by it. */
	req->wire_op = slot->byte[SLOT_INDIRECT_OP];
	switch (req->wire_op) {
	case BLKIF_OP_READ:
		req->op = BLKBACK_READ;
		break;
	case BLKIF_OP_WRITE:
		req->op = BLKBACK_WRITE;
		break;
	default:
		return BLKIF_RSP_ERROR;
	}
	memcpy(&req->nr_segs, &slot->byte[SLOT_INDIRECT_SEGS], 2);
	if (!req->nr_segs || req->nr_segs > BLKBACK_MAX_SEGS)
		return BLKIF_RSP_ERROR;
	memcpy(&req->desc, &slot->byte[layout->desc], sizeof(req->desc));
	req->indirect = true;
	return BLKIF_RSP_OKAY;
}

static noinline int parse_discard(const struct blkback_layout *layout,
				  const struct blkback_slot *slot,
				  const struct blkback_limits *limits,
				  struct blkback_req *req)
{
	req->op = BLKBACK_DISCARD;
	req->secure = slot->byte[SLOT_FLAGS] & BLKIF_DISCARD_SECURE;
	if (!limits->discard || (req->secure && !limits->secure))
		return BLKIF_RSP_EOPNOTSUPP;
	req->nr_segs = 0;
	req->nr_sectors = slot_u64(slot, layout->seg);
	if (!req->nr_sectors)
		return BLKIF_RSP_ERROR;
	return check_bounds(req, limits);
}

/**
 * blkback_parse() - check a request
 * @layout: one of blkback_layouts
 * @slot: private copy of the slot; any bytes
 * @limits: what to check against
 * @req: filled; its id and wire_op are always good for the answer, the rest
 *	only on success
 * @segs: filled with the segments of a direct request; room for
 *	BLKBACK_DIRECT_SEGS
 *
 * Of an indirect request the segments are still to be got, from the page that
 * req->desc grants, and to be checked with blkback_parse_segs().
 *
 * Context: any; pure.
 * Return: BLKIF_RSP_OKAY, or the status to answer.
 */
int blkback_parse(const struct blkback_layout *layout,
		  const struct blkback_slot *slot,
		  const struct blkback_limits *limits, struct blkback_req *req,
		  struct blkback_seg *segs)
{
	req->wire_op = slot->byte[SLOT_OP];
	req->id = slot_u64(slot, layout->id);
	req->sector = slot_u64(slot, layout->sector);
	req->indirect = false;
	req->op = BLKBACK_NR_OPS;
	switch (req->wire_op) {
	case BLKIF_OP_READ:
		req->op = BLKBACK_READ;
		break;
	case BLKIF_OP_WRITE:
		req->op = BLKBACK_WRITE;
		break;
	case BLKIF_OP_FLUSH_DISKCACHE:
		req->op = BLKBACK_FLUSH;
		break;
	case BLKIF_OP_WRITE_BARRIER:
		req->op = BLKBACK_BARRIER;
		break;
	case BLKIF_OP_DISCARD:
		return parse_discard(layout, slot, limits, req);
	case BLKIF_OP_INDIRECT:
		return parse_indirect(layout, slot, req);
	default:
		return BLKIF_RSP_EOPNOTSUPP;
	}
	return parse_direct(layout, slot, limits, req, segs);
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
	/* Operation, a byte of padding, status; then padding to the end. */
	u64 rest = wire_op | (u64)(u16)status << 16;

	memcpy(slot, &id, sizeof(id));
	if (layout->rsp_size == 16)
		memcpy(slot + RSP_OP, &rest, 8);
	else
		memcpy(slot + RSP_OP, &rest, 4);
}
