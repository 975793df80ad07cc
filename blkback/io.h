/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A request in flight, and queues of them. */
#ifndef XEN_BACKENDS_BLKBACK_IO_H
#define XEN_BACKENDS_BLKBACK_IO_H

#include <linux/bio.h>
#include <linux/list.h>
#include <linux/llist.h>

#include "store.h"
#include "wire.h"

struct blkback_grant;
struct blkback_ring;

/**
 * struct blkback_own - a page of a request's own
 * @page: the page
 * @gfn: its frame. It stays: a domain that serves others is not saved and
 *	restored, which alone would give the page another one
 */
struct blkback_own {
	struct page *page;
	unsigned long gfn;
};

/**
 * struct blkback_io - a request in flight
 * @req: the request, parsed
 * @status: BLKIF_RSP_* to answer
 * @direct: it is answered where the disk completed it
 * @heavy: it is counted in its ring's @heavy
 * @adjacent: one executed with it goes on where it ends, or the other way round
 * @written: a write that has ended and waits for a flush
 * @nr_vecs: pieces of memory that its data is in
 * @nr_copies: segments that are copied
 * @nr_own: pages it owns; they stay with it from request to request
 * @room: pieces that the arrays have room for
 * @first_op: index of its first operation in the batch that copies it
 * @taken_at: when it was taken, in nanoseconds; see latency.h
 * @execute: how it is executed, chosen when it was parsed
 * @ring: where it came from
 * @next: link of the list it stands in
 * @all: in its ring's list of all
 * @desc: the grant that holds its descriptors, or NULL
 * @vec: the data's memory; the first of four arrays in one allocation
 * @grant: the grant each segment is in, or NULL where it is copied; not filled
 *	where grants do not stay mapped
 * @own: pages it owns
 * @seg: the segments as the frontend named them
 * @bio: what goes to a block device
 * @file: what goes to a file
 */
struct blkback_io {
	struct blkback_req req;
	s16 status;
	bool direct;
	bool heavy;
	bool adjacent;
	bool written;
	u16 nr_vecs;
	u16 nr_copies;
	u16 nr_own;
	u16 room;
	unsigned int first_op;
	u64 taken_at;
	void (*execute)(struct blkback_io *io);
	struct blkback_ring *ring;
	struct llist_node next;
	struct list_head all;
	struct blkback_grant *desc;
	struct bio_vec *vec;
	struct blkback_grant **grant;
	struct blkback_own *own;
	struct blkback_seg *seg;
	union {
		struct bio bio;
		struct blkback_file_io file;
	};
};

/**
 * struct blkback_queue - requests in order, of one context
 * @first: the first, or NULL
 * @last: where the next goes
 */
struct blkback_queue {
	struct llist_node *first;
	struct llist_node **last;
};

static inline void blkback_queue_init(struct blkback_queue *queue)
{
	queue->first = NULL;
	queue->last = &queue->first;
}

static inline void blkback_queue_add(struct blkback_queue *queue,
				     struct blkback_io *io)
{
	io->next.next = NULL;
	*queue->last = &io->next;
	queue->last = &io->next.next;
}

/* All of them; the queue is empty afterwards. */
static inline struct llist_node *blkback_queue_take(struct blkback_queue *queue)
{
	struct llist_node *first = queue->first;

	blkback_queue_init(queue);
	return first;
}

#endif
