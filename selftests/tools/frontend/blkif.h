/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_BLKIF_H
#define FRONTEND_BLKIF_H

#include "frontend.h"

#include <stdbool.h>
#include <xen/io/blkif.h>

struct blk {
	struct device dev;
	struct share *share;
	blkif_sring_t *sring;
	blkif_front_ring_t ring;
	uint32_t ring_ref;
	void *page; /* the data of one request */
	uint32_t page_ref;
};

int blk_create(struct blk *blk, struct xs_handle *store, const char *node,
	       unsigned int number);
int blk_make_ring(struct blk *blk, struct device *dev, const char *folder);
int blk_connect_as(struct blk *blk, struct share *share,
		   struct xs_handle *store, const char *node,
		   unsigned int number, bool persistent);
int blk_connect(struct blk *blk, struct share *share, struct xs_handle *store,
		const char *node, unsigned int number);
int blk_reconnect(struct blk *blk);
int blk_read(struct blk *blk, uint64_t sector);
int blk_write_byte(struct blk *blk, uint64_t sector, int byte);
int blk_page_is(struct blk *blk, uint64_t sector, int byte);
int blk_refused(struct blk *blk, const char *what, int status);
int blk_swap(struct blk *blk, const char *node);
blkif_request_t *blk_next_request(struct blk *blk, uint8_t op);
void blk_put_transfer(struct blk *blk, uint8_t op, uint64_t sector);
void blk_push(struct blk *blk);
int blk_next_answer(struct blk *blk, blkif_response_t *answer);
int blk_take_answer(struct blk *blk, uint64_t id);
int blk_is_told(struct blk *blk, const char *key, const char *wanted);
int blk_disconnect(struct blk *blk);
int blk_with(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number, bool persistent,
	     int (*play)(struct blk *blk));

#endif
