/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Requests as they stand in the shared ring, and what the parser makes of them.
 *
 * parse.c: blkback_parse() blkback_parse_segs() blkback_answer()
 */
#ifndef XEN_BACKENDS_BLKBACK_WIRE_H
#define XEN_BACKENDS_BLKBACK_WIRE_H

#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>
#include <xen/interface/xen.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/page.h>

/* Segments that fit into a slot, and those a page of descriptors may name. */
#define BLKBACK_DIRECT_SEGS BLKIF_MAX_SEGMENTS_PER_REQUEST
#define BLKBACK_MAX_SEGS 256
#define BLKBACK_SLOT_MAX 112
#define BLKBACK_SLOT_MIN 108

/* Bytes of a segment's descriptor, the same in every ABI. */
#define BLKBACK_SEG_SIZE sizeof(struct blkif_request_segment)

/**
 * enum blkback_abi - how the frontend's compiler laid the requests out
 * @BLKBACK_ABI_64: u64 aligned to 8 bytes: "x86_64-abi", "arm-abi"
 * @BLKBACK_ABI_32: u64 aligned to 4 bytes: "x86_32-abi"
 */
enum blkback_abi { BLKBACK_ABI_64, BLKBACK_ABI_32 };

/**
 * struct blkback_layout - where things are in a slot
 * @slot_size: bytes a slot
 * @rsp_size: bytes of a response, the padding at its end included
 * @id: offset of the request's id
 * @sector: offset of its first sector
 * @seg: offset of its segments; of the sectors of a discard
 * @desc: offset of the reference of an indirect request's descriptors
 */
struct blkback_layout {
	u8 slot_size;
	u8 rsp_size;
	u8 id;
	u8 sector;
	u8 seg;
	u8 desc;
};

/**
 * struct blkback_slot - a private copy of a slot
 * @byte: the bytes
 */
struct blkback_slot {
	u8 byte[BLKBACK_SLOT_MAX] __aligned(8);
};

/*
 * The first bytes of a slot: all of a request but the segments behind the first,
 * in every layout. The second byte says whether there are more.
 */
#define BLKBACK_SLOT_HEAD 32
#define BLKBACK_SLOT_COUNT 1

/**
 * blkback_slot_copy() - copy as much of a slot as its request fills
 * @slot: private memory; what is not copied keeps what it had
 * @shared: the slot, which the guest may write to meanwhile
 * @size: of a slot of its layout
 *
 * No byte is read twice (XSA-155). In a discard the second byte holds flags, in
 * an indirect request its operation: more is copied than is needed then, at
 * worst.
 *
 * Context: any; pure.
 */
static __always_inline void blkback_slot_copy(struct blkback_slot *slot,
					      const void *shared,
					      unsigned int size)
{
	void *rest = slot->byte + BLKBACK_SLOT_HEAD;

	memcpy(slot->byte, shared, BLKBACK_SLOT_HEAD);
	barrier();
	if (slot->byte[BLKBACK_SLOT_COUNT] <= 1)
		return;
	/* Sizes that the compiler knows. */
	shared += BLKBACK_SLOT_HEAD;
	if (size == BLKBACK_SLOT_MAX)
		memcpy(rest, shared, BLKBACK_SLOT_MAX - BLKBACK_SLOT_HEAD);
	else
		memcpy(rest, shared, BLKBACK_SLOT_MIN - BLKBACK_SLOT_HEAD);
	barrier();
}

/**
 * struct blkback_limits - what a request is checked against
 * @sectors: capacity in units of 512 bytes
 * @block: sectors of 512 bytes in a logical block, a power of two
 * @readonly: whether writes are refused
 * @discard: whether discards were offered
 * @secure: whether secure discards were offered
 */
struct blkback_limits {
	u64 sectors;
	u32 block;
	bool readonly;
	bool discard;
	bool secure;
};

/**
 * enum blkback_op - what is to be done
 * @BLKBACK_READ: read
 * @BLKBACK_WRITE: write
 * @BLKBACK_FLUSH: flush the write cache; one with data writes that through
 * @BLKBACK_BARRIER: the same, after all requests before it and before all
 *	after it, of every queue
 * @BLKBACK_DISCARD: forget sectors
 * @BLKBACK_NR_OPS: how many there are; of a request that is none of them
 */
enum blkback_op {
	BLKBACK_READ,
	BLKBACK_WRITE,
	BLKBACK_FLUSH,
	BLKBACK_BARRIER,
	BLKBACK_DISCARD,
	BLKBACK_NR_OPS
};

/**
 * struct blkback_seg - a piece of data in a granted page
 * @ref: grant reference
 * @offset: first byte, a multiple of 512 below 4096
 * @len: bytes, a multiple of 512; @offset + @len is at most 4096
 */
struct blkback_seg {
	grant_ref_t ref;
	u16 offset;
	u16 len;
};

/**
 * struct blkback_req - a request that may be executed
 * @id: the frontend's, echoed; any value, also one in use
 * @sector: first sector, in units of 512 bytes
 * @nr_sectors: sectors in all segments together, or to discard; 0 for a flush
 *	or barrier without data
 * @nr_segs: segments, at most BLKBACK_MAX_SEGS; none for a discard
 * @op: what is to be done
 * @wire_op: the frontend's operation, echoed; that within an indirect request
 * @indirect: the segments are described in the page that @desc grants
 * @secure: what is discarded must not be readable from the medium
 * @desc: grant reference of the descriptors
 */
struct blkback_req {
	u64 id;
	u64 sector;
	u64 nr_sectors;
	u16 nr_segs;
	u8 op;
	u8 wire_op;
	bool indirect;
	bool secure;
	grant_ref_t desc;
};

extern const struct blkback_layout blkback_layouts[];

int blkback_parse(const struct blkback_layout *layout,
		  const struct blkback_slot *slot,
		  const struct blkback_limits *limits, struct blkback_req *req,
		  struct blkback_seg *segs);
int blkback_parse_segs(const void *desc, const struct blkback_limits *limits,
		       struct blkback_req *req, struct blkback_seg *segs);
void blkback_answer(const struct blkback_layout *layout, void *slot, u64 id,
		    u8 wire_op, s16 status);

#endif
