/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Words of scripts for disks; play.h has those for any device.
 *
 * How the frontend is, until another line says otherwise:
 *   ids count|slot|pointer|zero	how it numbers requests
 *   notify asked|always		whether it looks at req_event
 *   answers event|last|poll		it asks for an event at the next answer,
 *					at the last one, or never waits for one
 *   units sectors|blocks|mixed		of sector numbers and segments: 512 bytes;
 *					the disk's blocks; blocks for the first and
 *					512 bytes for the second
 * What it does:
 *   pages MOST [KEY...]	pages of a ring: 1, or what the last of these keys
 *				that is there says
 *   ring			make rings and channels
 *   write			knows ring-ref and event-channel of each queue,
 *				multi-queue-num-queues, and, unless a ring is of
 *				one page, ring-page-order, num-ring-pages
 *   transfer at=BLOCK segs=N [requests=N] [first=N] [last=N] [ring=N] [indirect]
 *	    [barrier]		write, read again, compare both and the disk: the
 *				first segment from a sector of its page on, the
 *				last to one
 *   put flush|barrier [at=BLOCK|end] [zero] [stale]
 *				a request without data; with 0 for its id; with
 *				the segments and sector that its slot has
 *   discard at=BLOCK blocks=N	and look whether the disk has zeros there
 *   collect			wait for the answers of what was put
 *   events N			send events with nothing behind them
 *   unbind			close the channels
 *   unring			the same, and take back the rings
 *
 * play-disk.c	the device, how the frontend is
 * disk-rings.c	the rings
 * moves.c	what is in the rings: requests, answers
 * transfer.c	data
 */
#ifndef FRONTEND_PLAY_DISK_H
#define FRONTEND_PLAY_DISK_H

#include "play.h"

#include <xen/io/blkif.h>

#define PLAY_SECTOR 512
#define PLAY_RING_PAGES 16
#define PLAY_SLOTS 512 /* of a ring of so many pages */

enum play_ids { IDS_COUNT, IDS_SLOT, IDS_POINTER, IDS_ZERO };

enum play_answers { ANSWERS_EVENT, ANSWERS_LAST, ANSWERS_POLL };

enum play_units { UNITS_SECTORS, UNITS_BLOCKS, UNITS_MIXED };

struct play_ring {
	struct share share; /* of its own: a share has one port */
	void *pages;
	uint32_t refs[PLAY_RING_PAGES];
	blkif_front_ring_t front;
	unsigned int pending; /* requests that are not answered */
	uint64_t ids[PLAY_SLOTS]; /* their numbers */
	uint8_t ops[PLAY_SLOTS]; /* and what they are answered as */
};

struct play_disk {
	const char *node;
	enum play_ids ids;
	bool always_notify;
	enum play_answers answers;
	enum play_units units;
	unsigned int nr_pages; /* of a ring */
	struct play_ring ring[PLAY_QUEUES];
	uint64_t next_id;
	uint32_t seed; /* of the data of the next transfer */
};

/* play-disk.c */
int play_disk(struct xs_handle *store, const char *node, unsigned int number,
	      char **scripts);

/* disk-rings.c */
extern const struct play_command play_rings[];
bool play_ring_key(const char *key);
int play_write_ring(struct play *play, const char *key);
void play_unring(struct play *play);

/* moves.c */
extern const struct play_command play_moves[];
/* Sectors of 512 bytes in a block of the disk, as the backend says. */
int play_block(struct play *play, unsigned int *block);
struct play_ring *play_find_ring(struct play *play, unsigned long number);
uint64_t play_id(struct play *play, struct play_ring *ring);
/* A request to be answered as an operation; NULL where there is no room. */
void *play_slot(struct play_ring *ring, uint64_t id, uint8_t op);
void play_push(struct play *play, struct play_ring *ring);
/* Until all is answered, and with success. */
int play_wait(struct play *play, struct play_ring *ring);
/* The caller frees the data. */
int play_read_disk(struct play *play, uint64_t at, size_t size, void **data);
/* Whether all of a sector is one byte. */
bool play_is_all(const uint8_t *at, uint8_t byte);

/* transfer.c */
int play_transfer(struct play *play, char **words);

#endif
