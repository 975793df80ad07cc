/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Other frontends, played by scripts of selftests/frontends: a line is a
 * command, what stands behind # is for people. Several scripts that are played
 * one after the other have the same device, as firmware and the system that it
 * starts.
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
 *   state N...			write its own state, one after the other
 *   await N...			until the backend is in one of these states
 *   leave N			until the backend is in another state
 *   need KEY...		keys of the backend that it cannot do without
 *   note KEY...		read keys of the backend, for what follows
 *   if KEY COMMAND...		only if the key was noted, and is not 0
 *   pages MOST [KEY...]	pages of a ring: 1, or what the last of these keys
 *				that is there says
 *   queues MOST KEY		queues: what that key says
 *   ring			make rings and channels
 *   write KEY[=VALUE]...	write its own keys, one by one; without a value:
 *				ring-ref and event-channel of each queue,
 *				multi-queue-num-queues, and, unless a ring is of
 *				one page, ring-page-order, num-ring-pages
 *   transaction KEY[=VALUE]...	the same at once; state=N may be among them
 *   remove KEY...		remove its own keys, ring-ref of rings of one page
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
 * What the toolstack does:
 *   detach			ask the frontend to close
 *   destroy			remove both directories
 * What the administrator does:
 *   reload			load the backend's module again
 *
 * script.c  the lines and the scripts
 * hands.c   what is in xenstore, and the rings
 * moves.c   what is in the rings: requests, answers
 * transfer.c  data
 */
#ifndef FRONTEND_PLAY_H
#define FRONTEND_PLAY_H

#include "frontend.h"

#include <xen/io/blkif.h>

#define PLAY_PAGE 4096
#define PLAY_SECTOR 512
#define PLAY_RING_PAGES 16
#define PLAY_QUEUES 4
#define PLAY_SLOTS 512 /* of a ring of so many pages */
#define PLAY_NOTES 8
#define PLAY_WAIT_SECONDS 20

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

struct play_note {
	char key[64];
	unsigned long value; /* 0: there is no such key */
};

struct play {
	struct device dev;
	const char *node;
	bool gone; /* the device, with both of its directories */
	enum play_ids ids;
	bool always_notify;
	enum play_answers answers;
	enum play_units units;
	unsigned int nr_notes;
	struct play_note notes[PLAY_NOTES];
	unsigned int nr_pages; /* of a ring */
	unsigned int nr_queues;
	unsigned int nr_rings; /* that are made */
	struct play_ring ring[PLAY_QUEUES];
	uint64_t next_id;
	uint32_t seed; /* of the data of the next transfer */
	unsigned int answered; /* requests */
};

struct play_command {
	const char *name;
	unsigned int words; /* that it needs at least */
	int (*run)(struct play *play, char **words);
};

/* A word NAME=NUMBER of a command; NAME alone is 1. */
struct play_option {
	const char *name;
	unsigned long *value;
};

/* script.c */
int play_scripts(struct xs_handle *store, const char *node, unsigned int number,
		 char **scripts);
int play_number(const char *word, unsigned long most, unsigned long *number);

/* hands.c */
extern const struct play_command play_hands[];
int play_read(struct play *play, const char *key, unsigned long *number);
int play_unring(struct play *play, char **words);

/* moves.c */
extern const struct play_command play_moves[];
int play_options(char **words, const struct play_option *options);
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
