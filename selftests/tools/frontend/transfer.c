// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Data that a played frontend writes and reads again. */

#include "play-disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SECTORS 8
#define DIRECT_SEGS 11
#define MOST_SEGS 256
#define MOST_PAGES 512 /* of a transfer, each way */
#define UNTOUCHED 0xee

struct transfer {
	unsigned long at; /* the disk's block that it begins with */
	unsigned long requests;
	unsigned long segs; /* of each */
	unsigned long first; /* sector of the first segment of each */
	unsigned long last; /* and of its last one */
	unsigned long ring;
	unsigned long indirect;
	unsigned long barrier;
	unsigned int block; /* sectors of a block */
	unsigned int sectors; /* of each request */
	unsigned int pages; /* of all */
	struct share *share;
	uint8_t *out; /* written from there */
	uint8_t *in; /* read to there */
	struct blkif_request_segment *desc; /* a page each */
	uint32_t out_refs[MOST_PAGES];
	uint32_t in_refs[MOST_PAGES];
	uint32_t desc_refs[MOST_PAGES];
};

static unsigned int first_of(const struct transfer *t, unsigned int seg)
{
	return seg ? 0 : t->first;
}

static unsigned int last_of(const struct transfer *t, unsigned int seg)
{
	return seg + 1 < t->segs ? PAGE_SECTORS - 1 : t->last;
}

/* Of a disk of larger blocks, whole ones. */
static int fit(struct play *play, struct transfer *t)
{
	int err = play_block(play, &t->block);

	if (err)
		return err;
	t->first -= t->first % t->block;
	t->last += t->block - 1 - t->last % t->block;
	t->pages = t->requests * t->segs;
	if (!t->pages || t->pages > MOST_PAGES || t->last >= PAGE_SECTORS ||
	    t->segs > (t->indirect ? MOST_SEGS : DIRECT_SEGS) ||
	    (t->segs == 1 && t->first > t->last)) {
		fprintf(stderr, "no request can be like that\n");
		return -EINVAL;
	}
	t->sectors = t->segs * PAGE_SECTORS - t->first -
		     (PAGE_SECTORS - 1 - t->last);
	return 0;
}

/* Shared anew each time, so that numbers of grants come back for other pages. */
static int share_all(struct transfer *t)
{
	int err;

	err = share_pages(t->share, t->pages, false, (void **)&t->out,
			  t->out_refs);
	err = err   ?:
		      share_pages(t->share, t->pages, true, (void **)&t->in,
				  t->in_refs);
	if (t->indirect)
		err = err   ?:
			      share_pages(t->share, t->requests, false,
					  (void **)&t->desc, t->desc_refs);
	return err;
}

static void free_all(struct transfer *t)
{
	share_free_pages(t->share, t->desc, t->requests);
	share_free_pages(t->share, t->in, t->pages);
	share_free_pages(t->share, t->out, t->pages);
}

/* Each sector has its own number, in every word. */
static void fill(struct transfer *t, uint32_t seed)
{
	uint32_t *word = (uint32_t *)t->out;
	size_t i;

	for (i = 0; i < (size_t)t->pages * PLAY_PAGE / sizeof(*word); i++)
		word[i] = seed + i / (PLAY_SECTOR / sizeof(*word));
	memset(t->in, UNTOUCHED, (size_t)t->pages * PLAY_PAGE);
}

static void set_segs(struct play *play, const struct transfer *t,
		     struct blkif_request_segment *segs, const uint32_t *refs)
{
	unsigned int unit = play->disk->units == UNITS_BLOCKS ? t->block : 1;
	unsigned int i;

	for (i = 0; i < t->segs; i++) {
		segs[i].gref = refs[i];
		segs[i].first_sect = first_of(t, i) / unit;
		segs[i].last_sect = last_of(t, i) / unit;
	}
}

/* Sectors behind the transfer's beginning, where the frontend thinks that is. */
static uint64_t sector_at(const struct play *play, const struct transfer *t,
			  unsigned int sectors)
{
	switch (play->disk->units) {
	case UNITS_BLOCKS:
		return t->at + sectors / t->block;
	case UNITS_MIXED:
		return t->at + sectors;
	case UNITS_SECTORS:
		break;
	}
	return (uint64_t)t->at * t->block + sectors;
}

static int put_direct(struct play *play, struct play_ring *ring,
		      const struct transfer *t, uint8_t op, unsigned int nr)
{
	struct blkif_request_segment segs[DIRECT_SEGS];
	const uint32_t *refs = op == BLKIF_OP_READ ? t->in_refs : t->out_refs;
	uint64_t id = play_id(play, ring);
	blkif_request_t *request = play_slot(ring, id, op);

	if (!request)
		return -ENOSPC;
	request->operation = op;
	request->nr_segments = t->segs;
	request->handle = play->dev.number;
	request->id = id;
	request->sector_number = sector_at(play, t, nr * t->sectors);
	set_segs(play, t, segs, refs + nr * t->segs);
	memcpy(request->seg, segs, t->segs * sizeof(*segs));
	return 0;
}

static int put_indirect(struct play *play, struct play_ring *ring,
			const struct transfer *t, uint8_t op, unsigned int nr)
{
	const uint32_t *refs = op == BLKIF_OP_READ ? t->in_refs : t->out_refs;
	uint64_t id = play_id(play, ring);
	blkif_request_indirect_t *request = play_slot(ring, id, op);
	unsigned int page = PLAY_PAGE / sizeof(*t->desc);

	if (!request)
		return -ENOSPC;
	request->operation = BLKIF_OP_INDIRECT;
	request->indirect_op = op;
	request->nr_segments = t->segs;
	request->id = id;
	request->sector_number = sector_at(play, t, nr * t->sectors);
	request->handle = play->dev.number;
	request->indirect_grefs[0] = t->desc_refs[nr];
	set_segs(play, t, t->desc + nr * page, refs + nr * t->segs);
	return 0;
}

static int move(struct play *play, struct play_ring *ring,
		const struct transfer *t, uint8_t op)
{
	unsigned int nr;
	int err = 0;

	for (nr = 0; nr < t->requests && !err; nr++)
		err = t->indirect ? put_indirect(play, ring, t, op, nr) :
				    put_direct(play, ring, t, op, nr);
	if (err)
		return err;
	play_push(play, ring);
	return play_wait(play, ring);
}

/* What was read must be what was written, and no more than that. */
static int compare_read(const struct transfer *t)
{
	unsigned int page, sector;

	for (page = 0; page < t->pages; page++)
		for (sector = 0; sector < PAGE_SECTORS; sector++) {
			size_t at = page * PLAY_PAGE + sector * PLAY_SECTOR;
			unsigned int seg = page % t->segs;
			bool in = sector >= first_of(t, seg) &&
				  sector <= last_of(t, seg);

			if (in ? !memcmp(t->in + at, t->out + at, PLAY_SECTOR) :
				 play_is_all(t->in + at, UNTOUCHED))
				continue;
			fprintf(stderr, "page %u, sector %u: %s\n", page,
				sector,
				in ? "read otherwise than it was written" :
				     "written to, but not part of a segment");
			return -EILSEQ;
		}
	return 0;
}

/* The bytes must be on the disk where the frontend meant them to be. */
static int compare_disk(struct play *play, const struct transfer *t)
{
	size_t size = (size_t)t->requests * t->sectors * PLAY_SECTOR, at = 0;
	unsigned int page;
	void *data;
	int err;

	err = play_read_disk(play, (uint64_t)t->at * t->block * PLAY_SECTOR,
			     size, &data);
	if (err)
		return err;
	for (page = 0; page < t->pages; page++) {
		unsigned int seg = page % t->segs, first = first_of(t, seg);
		size_t part = (last_of(t, seg) - first + 1) * PLAY_SECTOR;

		if (memcmp((uint8_t *)data + at,
			   t->out + page * PLAY_PAGE + first * PLAY_SECTOR,
			   part))
			err = -EILSEQ;
		at += part;
	}
	free(data);
	if (err)
		fprintf(stderr, "the disk has something else there\n");
	return err;
}

static int run_transfer(struct play *play, struct play_ring *ring,
			struct transfer *t)
{
	uint8_t op = t->barrier ? BLKIF_OP_WRITE_BARRIER : BLKIF_OP_WRITE;
	int err;

	t->share = &ring->share;
	err = share_all(t);
	if (!err) {
		play->disk->seed += 0x01000193;
		fill(t, play->disk->seed);
		err = move(play, ring, t, op);
		err = err ?: move(play, ring, t, BLKIF_OP_READ);
		err = err ?: compare_read(t);
		err = err ?: compare_disk(play, t);
	}
	free_all(t);
	return err;
}

int play_transfer(struct play *play, char **words)
{
	struct transfer t = { .requests = 1, .last = PAGE_SECTORS - 1 };
	const struct play_option options[] = { { "at", &t.at },
					       { "requests", &t.requests },
					       { "segs", &t.segs },
					       { "first", &t.first },
					       { "last", &t.last },
					       { "ring", &t.ring },
					       { "indirect", &t.indirect },
					       { "barrier", &t.barrier },
					       {} };
	struct play_ring *ring;
	int err = play_options(words, options);

	err = err ?: fit(play, &t);
	if (err)
		return err;
	ring = play_find_ring(play, t.ring);
	return ring ? run_transfer(play, ring, &t) : -EINVAL;
}
