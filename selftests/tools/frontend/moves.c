// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A played frontend's requests, and what must have become of them. */

#define _GNU_SOURCE /* O_DIRECT */

#include "play-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_US 200
/* What an address in a kernel looks like, for numbers of requests. */
#define POINTER 0xffffa30012345000ull
#define POINTER_STEP 0x140

/* Sectors of 512 bytes in a block of the disk, as the backend says. */
int play_block(struct play *play, unsigned int *block)
{
	unsigned long size;
	int err = play_read(play, "sector-size", &size);

	if (err || size < PLAY_SECTOR || size > PLAY_PAGE) {
		fprintf(stderr, "sector-size cannot be read\n");
		return err ?: -EINVAL;
	}
	*block = size / PLAY_SECTOR;
	return 0;
}

struct play_ring *play_find_ring(struct play *play, unsigned long number)
{
	if (number < play->nr_made)
		return &play->disk->ring[number];
	fprintf(stderr, "there is no ring %lu\n", number);
	return NULL;
}

uint64_t play_id(struct play *play, struct play_ring *ring)
{
	switch (play->disk->ids) {
	case IDS_COUNT:
		return play->disk->next_id++ % RING_SIZE(&ring->front);
	case IDS_SLOT:
		return ring->front.req_prod_pvt & (RING_SIZE(&ring->front) - 1);
	case IDS_POINTER:
		return POINTER + POINTER_STEP * play->disk->next_id++;
	case IDS_ZERO:
		break;
	}
	return 0;
}

/*
 * Nothing is cleared: most frontends set the members that a request has and
 * leave the rest of the slot as it is.
 */
void *play_slot(struct play_ring *ring, uint64_t id, uint8_t op)
{
	blkif_request_t *slot;

	if (RING_FULL(&ring->front)) {
		fprintf(stderr, "the ring is full\n");
		return NULL;
	}
	slot = RING_GET_REQUEST(&ring->front, ring->front.req_prod_pvt);
	ring->front.req_prod_pvt++;
	ring->ids[ring->pending] = id;
	ring->ops[ring->pending] = op;
	ring->pending++;
	return slot;
}

void play_push(struct play *play, struct play_ring *ring)
{
	int notify;

	if (play->disk->answers == ANSWERS_LAST)
		ring->front.sring->rsp_event = ring->front.req_prod_pvt;
	if (play->disk->always_notify) {
		RING_PUSH_REQUESTS(&ring->front);
		mb(); /* it is there when the event comes */
		notify = 1;
	} else {
		RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring->front, notify);
	}
	if (notify)
		xenevtchn_notify(ring->share.events, ring->share.port);
}

static int take_answer(struct play *play, struct play_ring *ring)
{
	const blkif_response_t *answer;
	unsigned int i;

	answer = RING_GET_RESPONSE(&ring->front, ring->front.rsp_cons);
	for (i = 0; i < ring->pending; i++)
		if (ring->ids[i] == answer->id &&
		    ring->ops[i] == answer->operation)
			break;
	if (i == ring->pending || answer->status != BLKIF_RSP_OKAY) {
		fprintf(stderr,
			"answer %d to request %llx of operation %u, %s\n",
			answer->status, (unsigned long long)answer->id,
			answer->operation,
			i == ring->pending ? "which is none" : "an error");
		return -EIO;
	}
	ring->pending--;
	ring->ids[i] = ring->ids[ring->pending];
	ring->ops[i] = ring->ops[ring->pending];
	ring->front.rsp_cons++;
	play->answered++;
	return 0;
}

/* What is there; then a look at whether more is, or for the event to come. */
static int take_answers(struct play *play, struct play_ring *ring)
{
	int more = 0, err = 0;

	do {
		RING_IDX end = ring->front.sring->rsp_prod;

		rmb(); /* an answer is read after the index that tells of it */
		while (ring->front.rsp_cons != end && !err)
			err = take_answer(play, ring);
		if (play->disk->answers != ANSWERS_LAST)
			RING_FINAL_CHECK_FOR_RESPONSES(&ring->front, more);
	} while (more && !err);
	return err;
}

int play_wait(struct play *play, struct play_ring *ring)
{
	int tries = PLAY_WAIT_SECONDS * (1000000 / POLL_US);
	int err = take_answers(play, ring);

	while (!err && ring->pending) {
		if (play->disk->answers == ANSWERS_POLL) {
			usleep(POLL_US);
			err = tries-- ? 0 : -ETIMEDOUT;
		} else {
			err = share_wait(&ring->share,
					 PLAY_WAIT_SECONDS * 1000);
		}
		err = err ?: take_answers(play, ring);
	}
	if (err)
		fprintf(stderr, "%u requests are not answered\n",
			ring->pending);
	return err;
}

static int collect(struct play *play, char **words)
{
	unsigned int i;
	int err = 0;

	(void)words;
	for (i = 0; i < play->nr_made && !err; i++)
		err = play_wait(play, &play->disk->ring[i]);
	return err;
}

/* The number of the sector behind the last one: some put it into a flush. */
static int read_end(struct play *play, unsigned long *at)
{
	int err = play_read(play, "sectors", at);

	if (err)
		fprintf(stderr, "sectors cannot be read\n");
	return err;
}

static int put(struct play *play, char **words)
{
	unsigned long at = 0, end = 0, zero = 0, stale = 0, number = 0;
	const struct play_option options[] = {
		{ "at", &at },	     { "end", &end },	  { "zero", &zero },
		{ "ring", &number }, { "stale", &stale }, {}
	};
	uint8_t op = BLKIF_OP_FLUSH_DISKCACHE;
	blkif_request_t *request;
	struct play_ring *ring;
	uint64_t id;
	int err;

	if (!strcmp(words[0], "barrier"))
		op = BLKIF_OP_WRITE_BARRIER;
	else if (strcmp(words[0], "flush"))
		return -EINVAL;
	err = play_options(words + 1, options);
	if (end)
		err = err ?: read_end(play, &at);
	ring = err ? NULL : play_find_ring(play, number);
	if (!ring)
		return err ?: -EINVAL;
	id = zero ? 0 : play_id(play, ring);
	request = play_slot(ring, id, op);
	if (!request)
		return -ENOSPC;
	request->operation = op;
	request->handle = play->dev.number;
	request->id = id;
	if (!stale) {
		request->nr_segments = 0;
		request->sector_number = at;
	}
	play_push(play, ring);
	return 0;
}

/* Past dom0's page cache, and in whole blocks of whatever disk. */
int play_read_disk(struct play *play, uint64_t at, size_t size, void **data)
{
	int disk = open(play->disk->node, O_RDONLY | O_DIRECT);
	size_t before = at % PLAY_PAGE;
	size_t whole = (before + size + PLAY_PAGE - 1) / PLAY_PAGE * PLAY_PAGE;
	ssize_t got = -1;

	if (disk < 0 || posix_memalign(data, PLAY_PAGE, whole))
		*data = NULL;
	else
		got = pread(disk, *data, whole, at - before);
	if (disk >= 0)
		close(disk);
	if (got == (ssize_t)whole) {
		memmove(*data, (char *)*data + before, size);
		return 0;
	}
	fprintf(stderr, "%s cannot be read at %llu\n", play->disk->node,
		(unsigned long long)at);
	free(*data);
	*data = NULL;
	return -EIO;
}

bool play_is_all(const uint8_t *at, uint8_t byte)
{
	return at[0] == byte && !memcmp(at, at + 1, PLAY_SECTOR - 1);
}

static int check_zeros(struct play *play, uint64_t at, size_t size)
{
	uint8_t *data;
	size_t i;
	int err = play_read_disk(play, at, size, (void **)&data);

	if (err)
		return err;
	for (i = 0; i < size && !err; i += PLAY_SECTOR)
		if (!play_is_all(data + i, 0))
			err = -EILSEQ;
	free(data);
	if (err)
		fprintf(stderr, "what was discarded is still there\n");
	return err;
}

static int discard(struct play *play, char **words)
{
	unsigned long at = 0, blocks = 0, number = 0;
	const struct play_option options[] = {
		{ "at", &at }, { "blocks", &blocks }, { "ring", &number }, {}
	};
	unsigned int block, unit;
	blkif_request_discard_t *request;
	struct play_ring *ring;
	uint64_t id;
	int err = play_options(words, options);

	err = err ?: play_block(play, &block);
	ring = err ? NULL : play_find_ring(play, number);
	if (!ring)
		return err ?: -EINVAL;
	unit = play->disk->units == UNITS_SECTORS ? block : 1;
	id = play_id(play, ring);
	request = play_slot(ring, id, BLKIF_OP_DISCARD);
	if (!request)
		return -ENOSPC;
	request->operation = BLKIF_OP_DISCARD;
	request->flag = 0;
	request->handle = play->dev.number;
	request->id = id;
	request->sector_number = at * unit;
	request->nr_sectors = blocks * unit;
	play_push(play, ring);
	err = play_wait(play, ring);
	return err   ?:
		       check_zeros(play, at * block * PLAY_SECTOR,
				   blocks * block * PLAY_SECTOR);
}

static int send_events(struct play *play, char **words)
{
	unsigned long nr;
	int err = play_number(words[0], 1000, &nr);
	struct play_ring *ring = err ? NULL : play_find_ring(play, 0);

	if (!ring)
		return -EINVAL;
	while (nr-- > 0) {
		xenevtchn_notify(ring->share.events, ring->share.port);
		usleep(1000);
	}
	return 0;
}

const struct play_command play_moves[] = {
	{ "transfer", 2, play_transfer }, { "put", 1, put },
	{ "discard", 2, discard },	  { "collect", 0, collect },
	{ "events", 1, send_events },	  {},
};
