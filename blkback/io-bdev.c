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
	[BLKBACK_BARRIER] = REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH | REQ_FUA,
};

/* The most sectors of 512 bytes that a bio can count. */
#define BIO_SECTORS (UINT_MAX >> SECTOR_SHIFT)

static s16 bio_status(const struct bio *bio)
{
	switch (bio->bi_status) {
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
	s16 status = bio_status(bio);

	bio_uninit(bio);
	blkback_done(io, status);
}

static void discard_end_io(struct bio *bio)
{
	struct blkback_io *io = bio->bi_private;
	s16 status = bio_status(bio);

	bio_put(bio);
	blkback_done(io, status);
}

/* One bio cannot count all sectors of a large disk: the last ends the request. */
static noinline void submit_discard(struct blkback_io *io)
{
	struct block_device *bdev = io->ring->vbd->bdev;
	blk_opf_t op = io->req.secure ? REQ_OP_SECURE_ERASE : REQ_OP_DISCARD;
	u64 sector = io->req.sector, left = io->req.nr_sectors;
	u64 most = BIO_SECTORS;
	struct bio *bio = NULL;

	/* 6.1 splits such a bio by what a plain discard may have at most. */
	if (io->req.secure)
		most = min_t(u64, most, bdev_max_secure_erase_sectors(bdev));
	/* A whole number of logical blocks, whatever their size. */
	most = round_down(most, io->ring->vbd->limits.block);
	/* A disk may lose the ability, as when its table is loaded again. */
	if (unlikely(!most)) {
		blkback_done(io, BLKIF_RSP_EOPNOTSUPP);
		return;
	}
	while (left) {
		u64 nr = min(left, most);

		bio = blk_next_bio(bio, bdev, 0, op, GFP_NOIO);
		bio->bi_iter.bi_sector = sector;
		bio->bi_iter.bi_size = nr << SECTOR_SHIFT;
		sector += nr;
		left -= nr;
		cond_resched();
	}
	bio->bi_private = io;
	bio->bi_end_io = discard_end_io;
	submit_bio(bio);
}

/*
 * What has no neighbour in its pass will find none in a queue that sorts
 * nothing: there it saves the search. A stacked disk passes the flag on, to
 * queues that may sort.
 */
static bool merges(const struct blkback_io *io)
{
	struct request_queue *queue = bdev_get_queue(io->ring->vbd->bdev);

	return io->adjacent || queue->elevator || !queue_is_mq(queue);
}

static void submit(struct blkback_io *io)
{
	const struct blkback_req *req = &io->req;
	struct bio *bio = &io->bio;

	bio_init(bio, io->ring->vbd->bdev, io->vec, io->nr_vecs, opf[req->op]);
	bio->bi_vcnt = io->nr_vecs;
	bio->bi_iter.bi_size = req->nr_sectors << SECTOR_SHIFT;
	bio->bi_iter.bi_sector = req->sector;
	if (unlikely(!req->nr_sectors)) {
		bio->bi_iter.bi_sector = 0;
		bio->bi_opf &= ~REQ_FUA;
	}
	if (!merges(io))
		bio->bi_opf |= REQ_NOMERGE;
	bio->bi_end_io = bdev_end_io;
	submit_bio(bio);
}

/**
 * blkback_bdev_submit() - execute a request on the vbd's block device
 * @io: the request, its data in place if it is a write
 *
 * blkback_done() is called when it has ended, perhaps before this returns.
 *
 * Context: the ring's thread, under a plug, or a worker; may sleep.
 */
void blkback_bdev_submit(struct blkback_io *io)
{
	if (unlikely(io->req.op == BLKBACK_DISCARD))
		submit_discard(io);
	else
		submit(io);
}
