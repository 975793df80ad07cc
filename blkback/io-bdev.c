// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Requests against a block device: one bio each, its vector filled directly. */

#include <linux/bio.h>

#include "blkback.h"

static const blk_opf_t opf[] = {
	[BLKBACK_READ] = REQ_OP_READ,
	/* Somebody waits for it, as for direct I/O of a process. */
	[BLKBACK_WRITE] = REQ_OP_WRITE | REQ_SYNC | REQ_IDLE,
	/* Data of a flush is written through: the answer means durable. */
	[BLKBACK_FLUSH] = REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH | REQ_FUA,
};

static s16 bio_status(const struct blkback_io *io)
{
	switch (io->bio.bi_status) {
	case BLK_STS_OK:
		return BLKIF_RSP_OKAY;
	case BLK_STS_NOTSUPP:
		return BLKIF_RSP_EOPNOTSUPP;
	default:
		return BLKIF_RSP_ERROR;
	}
}

static void bdev_end_io(struct bio *bio)
{
	struct blkback_io *io = container_of(bio, struct blkback_io, bio);
	s16 status = bio_status(io);

	bio_uninit(bio);
	blkback_done(io, status);
}

/**
 * blkback_bdev_submit() - execute a request on the vbd's block device
 * @io: the request, its data in place if it is a write
 *
 * blkback_done() is called when it has ended, perhaps before this returns.
 *
 * Context: the ring's thread, under a plug; may sleep.
 */
void blkback_bdev_submit(struct blkback_io *io)
{
	const struct blkback_req *req = &io->req;
	struct bio *bio = &io->bio;
	unsigned int i;

	bio_init(bio, io->ring->vbd->bdev, io->vec, BLKBACK_MAX_SEGS,
		 opf[req->op]);
	for (i = 0; i < req->nr_segs; i++) {
		io->vec[i].bv_page = io->page[i];
		io->vec[i].bv_offset = req->seg[i].offset;
		io->vec[i].bv_len = req->seg[i].len;
	}
	bio->bi_vcnt = req->nr_segs;
	bio->bi_iter.bi_size = req->nr_sectors << SECTOR_SHIFT;
	bio->bi_iter.bi_sector = req->nr_sectors ? req->sector : 0;
	if (!req->nr_sectors)
		bio->bi_opf &= ~REQ_FUA;
	bio->bi_end_io = bdev_end_io;
	submit_bio(bio);
}
