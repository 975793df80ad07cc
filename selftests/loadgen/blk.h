/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * blkif as a frontend speaks it: one ring, requests, responses.
 *
 * blk.c: lg_blk_offer() lg_blk_connected() lg_blk_release() lg_blk_prepare()
 *        lg_blk_put() lg_blk_push() lg_blk_answered() lg_blk_take()
 */
#ifndef XEN_LOADGEN_BLK_H
#define XEN_LOADGEN_BLK_H

#include <xen/interface/io/blkif.h>

#include "loadgen.h"

#define LG_SECTOR 512u
#define LG_PAGE_SECTORS (XEN_PAGE_SIZE / LG_SECTOR)

/**
 * enum lg_blk_op - operations that a run may ask for
 * @LG_BLK_READ: read
 * @LG_BLK_WRITE: write
 * @LG_BLK_FLUSH: flush
 * @LG_BLK_DISCARD: discard
 */
enum lg_blk_op { LG_BLK_READ, LG_BLK_WRITE, LG_BLK_FLUSH, LG_BLK_DISCARD };

/**
 * struct lg_blk_request - a request to be made
 * @op: what
 * @place: which of the requests in flight it is, below the ring's size
 * @sector: first one
 * @bytes: length; its data is in pages of its place
 */
struct lg_blk_request {
	enum lg_blk_op op;
	unsigned int place;
	u64 sector;
	unsigned int bytes;
};

/**
 * struct lg_blk_flight - a request in flight
 * @request: what was asked for
 * @id: on the ring
 * @wire_op: on the ring
 * @busy: it is in flight
 */
struct lg_blk_flight {
	struct lg_blk_request request;
	u64 id;
	u8 wire_op;
	bool busy;
};

/**
 * struct lg_blk_limits - what the backend said when it connected
 * @sectors: capacity in sectors of 512 bytes
 * @sector_size: bytes of a logical sector
 * @max_segments: pages of a request
 * @persistent: it keeps pages mapped
 */
struct lg_blk_limits {
	u64 sectors;
	unsigned int sector_size;
	unsigned int max_segments;
	bool persistent;
};

/**
 * struct lg_blk - a vbd
 * @dev: the device
 * @ring: the ring
 * @shared: its pages
 * @nr_pages: how many
 * @refs: their grant references
 * @chan: its channel
 * @limits: from the backend
 * @flight: a place for each slot
 * @inflight: requests in flight
 * @next_id: of the next request
 * @segments: pages a place has, as prepared
 * @data: the pages, place after place
 * @lists: for each place a page of segments, when they are indirect
 */
struct lg_blk {
	struct lg_device *dev;
	struct blkif_front_ring ring;
	void *shared;
	unsigned int nr_pages;
	grant_ref_t refs[XENBUS_MAX_RING_GRANTS];
	struct lg_channel chan;
	struct lg_blk_limits limits;
	struct lg_blk_flight *flight;
	unsigned int inflight;
	u64 next_id;
	unsigned int segments;
	struct lg_pool data;
	struct lg_pool lists;
};

int lg_blk_offer(struct lg_device *dev);
int lg_blk_connected(struct lg_device *dev);
void lg_blk_release(struct lg_device *dev);
int lg_blk_prepare(struct lg_blk *blk, unsigned int places,
		   unsigned int segments);
void lg_blk_put(struct lg_blk *blk, const struct lg_blk_request *request);
void lg_blk_push(struct lg_blk *blk);
bool lg_blk_answered(void *arg);
int lg_blk_take(struct lg_blk *blk, struct lg_blk_request *request,
		int *status);

/**
 * lg_blk_page() - a page of a place's data
 * @blk: the vbd, prepared
 * @place: the place
 * @i: page within it
 *
 * Return: its address.
 */
static inline void *lg_blk_page(struct lg_blk *blk, unsigned int place,
				unsigned int i)
{
	return page_address(blk->data.page[place * blk->segments + i].page);
}

#endif
