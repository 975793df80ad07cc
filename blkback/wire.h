/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Requests as they stand in the shared ring, and what the parser makes of them.
 *
 * parse.c: blkback_parse() blkback_answer()
 */
#ifndef XEN_BACKENDS_BLKBACK_WIRE_H
#define XEN_BACKENDS_BLKBACK_WIRE_H

#include <linux/types.h>
#include <xen/interface/xen.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/blkif.h>
#include <xen/page.h>

#define BLKBACK_MAX_SEGS BLKIF_MAX_SEGMENTS_PER_REQUEST
#define BLKBACK_SLOT_MAX 112

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
 * @seg: offset of its segments
 */
struct blkback_layout {
	u8 slot_size;
	u8 rsp_size;
	u8 id;
	u8 sector;
	u8 seg;
};

/**
 * struct blkback_slot - a private copy of a slot
 * @byte: the bytes
 */
struct blkback_slot {
	u8 byte[BLKBACK_SLOT_MAX] __aligned(8);
};

/**
 * struct blkback_limits - what a request is checked against
 * @sectors: capacity in units of 512 bytes
 * @block: sectors of 512 bytes in a logical block, a power of two
 * @readonly: whether writes are refused
 */
struct blkback_limits {
	u64 sectors;
	u32 block;
	bool readonly;
};

/**
 * enum blkback_op - what is to be done
 * @BLKBACK_READ: read
 * @BLKBACK_WRITE: write
 * @BLKBACK_FLUSH: flush the write cache; one with data writes that through
 */
enum blkback_op { BLKBACK_READ, BLKBACK_WRITE, BLKBACK_FLUSH };

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
 * @nr_sectors: sectors in all segments together; 0 for a flush without data
 * @nr_segs: segments, at most BLKBACK_MAX_SEGS
 * @op: what is to be done
 * @wire_op: the frontend's operation, echoed
 * @seg: the segments
 */
struct blkback_req {
	u64 id;
	u64 sector;
	u32 nr_sectors;
	u16 nr_segs;
	u8 op;
	u8 wire_op;
	struct blkback_seg seg[BLKBACK_MAX_SEGS];
};

extern const struct blkback_layout blkback_layouts[];

int blkback_parse(const struct blkback_layout *layout,
		  const struct blkback_slot *slot,
		  const struct blkback_limits *limits, struct blkback_req *req);
void blkback_answer(const struct blkback_layout *layout, void *slot, u64 id,
		    u8 wire_op, s16 status);

#endif
