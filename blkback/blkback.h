/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * xen-blkback: a vbd and its rings.
 *
 * xenbus.c:   blkback_ops
 * vbd.c:      blkback_vbd_open() blkback_vbd_close() blkback_vbd_publish()
 * ring.c:     blkback_ring_read() blkback_ring_connect()
 *             blkback_ring_disconnect()
 * pass.c:     blkback_pass()
 * io.c:       blkback_io_hold() blkback_io_get() blkback_io_put()
 *             blkback_io_pages() blkback_io_free_all()
 * io-bdev.c:  blkback_bdev_submit()
 * done.c:     blkback_done() blkback_respond()
 * stats.c:    blkback_groups blkback_stats_fold() blkback_debug_add()
 *             blkback_debug_remove()
 */
#ifndef XEN_BACKENDS_BLKBACK_H
#define XEN_BACKENDS_BLKBACK_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "evtchn/evtchn.h"
#include "gntdev/gntdev.h"
#include "xenbus/xenbus.h"
#include "wire.h"

struct blkback_ring;
struct blkback_vbd;

extern unsigned int blkback_max_queues;
extern unsigned int blkback_max_ring_page_order;

/**
 * struct blkback_stats - what a ring or a vbd did
 * @rd_req: read requests taken
 * @wr_req: write requests taken
 * @f_req: flush requests taken
 * @ds_req: discard requests taken; discards are not offered yet
 * @oo_req: passes that left requests waiting for want of memory
 * @rd_sect: sectors of 512 bytes read
 * @wr_sect: sectors of 512 bytes written
 * @errors: requests answered with an error
 * @passes: ring passes
 * @direct: requests answered from the disk's completion, no pass needed
 * @wakeups: times the ring thread was woken
 * @events: events received
 * @spurious: events that brought no request
 * @notifies: events sent
 */
struct blkback_stats {
	u64 rd_req;
	u64 wr_req;
	u64 f_req;
	u64 ds_req;
	u64 oo_req;
	u64 rd_sect;
	u64 wr_sect;
	u64 errors;
	u64 passes;
	u64 direct;
	u64 wakeups;
	u64 events;
	u64 spurious;
	u64 notifies;
};

/**
 * struct blkback_io - a request in flight
 * @req: the request, parsed
 * @status: BLKIF_RSP_* to answer
 * @first_op: index of its first operation in the pass's batch
 * @execute: how it is executed, chosen when it was parsed
 * @ring: where it came from
 * @next: link of the list it stands in
 * @nr_pages: pages it owns; they stay with it from request to request
 * @page: a page a segment
 * @bio: what goes to the disk
 * @vec: its vector
 */
struct blkback_io {
	struct blkback_req req;
	s16 status;
	unsigned int first_op;
	void (*execute)(struct blkback_io *io);
	struct blkback_ring *ring;
	struct llist_node next;
	unsigned int nr_pages;
	struct page *page[BLKBACK_MAX_SEGS];
	struct bio bio;
	struct bio_vec vec[BLKBACK_MAX_SEGS];
};

/**
 * struct blkback_ring - a ring of a vbd and the thread that serves it
 * @vbd: whose it is
 * @index: queue number
 * @layout: how its slots are laid out
 * @refs: grant references of its pages
 * @port: the frontend's end of its event channel
 * @shared: the ring
 * @chan: its event channel
 * @thread: the ring thread, NULL while disconnected
 * @kicked: an event came since the last pass began
 * @stopping: nothing more is taken; the thread ends when nothing is in flight
 * @halted: the frontend broke the ring: nothing is taken any more
 * @batch: copies of the pass in hand; of the thread
 * @spare: requests ready for use, with their pages; of the thread
 * @freed: requests given back, from any context
 * @done: requests the disk has finished, for the thread to answer
 * @held: requests wait in the ring until others have given memory back
 * @inflight: requests taken and not yet answered
 * @lock: protects the producer side of @shared and @chan.notifies; taken with
 *	interrupts off, innermost
 * @direct_batch: copies of a request answered from the disk's completion
 * @direct_busy: @direct_batch is in use
 * @stats: counted by the thread; errors under @lock, direct by who has
 *	@direct_busy
 * @name: of the thread and the interrupt
 */
struct blkback_ring {
	struct blkback_vbd *vbd;
	unsigned int index;
	const struct blkback_layout *layout;
	grant_ref_t refs[XENBUS_MAX_RING_GRANTS];
	u32 port;
	struct xbe_ring shared;
	struct evtchn_chan chan;
	struct task_struct *thread;
	bool kicked;
	bool stopping;
	bool halted;
	bool held;
	struct gnt_copy_batch *batch;
	struct llist_node *spare;
	struct llist_head freed;
	struct llist_head done;
	atomic_t inflight;
	spinlock_t lock; /* shared's producer, chan.notifies */
	struct gnt_copy_batch *direct_batch;
	unsigned long direct_busy;
	struct blkback_stats stats;
	char name[32];
};

/**
 * struct blkback_vbd - a virtual block device
 * @xbe: the backend device
 * @disk: what is below it, open from when physical-device is known; or NULL
 * @bdev: the block device of @disk
 * @device: number of the disk
 * @limits: what requests are checked against; fixed while connected
 * @info: VDISK_* of blkif.h
 * @lock: protects @rings, @nr_rings and @folded against readers of statistics
 * @rings: the rings, NULL while disconnected
 * @nr_rings: how many
 * @folded: statistics of the rings there were before
 * @pages: pages that all its requests have
 * @debug: its file in debugfs
 */
struct blkback_vbd {
	struct xbe_device *xbe;
	compat_disk_handle *disk;
	struct block_device *bdev;
	dev_t device;
	struct blkback_limits limits;
	u32 info;
	struct mutex lock; /* rings, nr_rings, folded */
	struct blkback_ring *rings;
	unsigned int nr_rings;
	struct blkback_stats folded;
	atomic_t pages;
	struct dentry *debug;
};

/* xenbus.c */
extern const struct xbe_ops blkback_ops;

/* vbd.c */
int blkback_vbd_open(struct blkback_vbd *vbd);
void blkback_vbd_close(struct blkback_vbd *vbd);
int blkback_vbd_publish(struct blkback_vbd *vbd);

/* ring.c */
struct blkback_ring_keys {
	u32 order;
	bool numbered;
	const struct blkback_layout *layout;
};

int blkback_ring_read(struct blkback_ring *ring,
		      const struct blkback_ring_keys *keys, const char *subdir);
int blkback_ring_connect(struct blkback_ring *ring,
			 const struct blkback_ring_keys *keys);
void blkback_ring_disconnect(struct blkback_ring *ring);

/* pass.c */
bool blkback_pass(struct blkback_ring *ring, bool take);

/* io.c */
struct blkback_io *blkback_io_get(struct blkback_ring *ring);
void blkback_io_put(struct blkback_io *io);
bool blkback_io_hold(struct blkback_ring *ring);
int blkback_io_pages(struct blkback_io *io);
void blkback_io_free_all(struct blkback_ring *ring);

/* io-bdev.c */
void blkback_bdev_submit(struct blkback_io *io);

/* done.c */
void blkback_done(struct blkback_io *io, s16 status);
void blkback_respond(struct blkback_ring *ring, struct llist_node *answered);
void blkback_add_copies(struct blkback_io *io, struct gnt_copy_batch *batch,
			enum gnt_dir dir);
bool blkback_copies_ok(const struct blkback_io *io,
		       const struct gnt_copy_batch *batch);

/* stats.c */
extern const struct attribute_group *blkback_groups[];
void blkback_stats_fold(struct blkback_vbd *vbd);
void blkback_debug_add(struct blkback_vbd *vbd);
void blkback_debug_remove(struct blkback_vbd *vbd);

#endif
