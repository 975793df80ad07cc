/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * xen-blkback: a vbd and its rings.
 *
 * xenbus.c:   blkback_ops
 * vbd.c:      blkback_vbd_open() blkback_vbd_close() blkback_vbd_where()
 *             blkback_vbd_use() blkback_rings_take() blkback_rings_close()
 * tell.c:     blkback_vbd_set_limits() blkback_vbd_publish()
 *             blkback_vbd_republish()
 * change.c:   blkback_vbd_changed()
 * ring.c:     blkback_ring_read() blkback_ring_connect()
 *             blkback_ring_park() blkback_ring_unpark()
 *             blkback_ring_stop() blkback_ring_disconnect()
 *             blkback_ring_wake()
 * poll.c:     blkback_poll() blkback_poll_init() blkback_poll_end()
 * pids.c:     blkback_pids_publish() blkback_pids_remove()
 * pass.c:     blkback_pass()
 * data.c:     blkback_data_get() blkback_data_copy() blkback_data_copied()
 *             blkback_data_mapped() blkback_desc_get() blkback_desc_read()
 * barrier.c:  blkback_barrier_begin() blkback_barrier_closed()
 *             blkback_barrier_limit()
 *             blkback_barrier_pass() blkback_barrier_kick()
 *             blkback_barrier_ready() blkback_barrier_end()
 * io.c:       blkback_io_more() blkback_io_put() blkback_io_room()
 *             blkback_io_pages() blkback_io_recycle()
 *             blkback_io_recycle_list() blkback_io_squeeze()
 * here:       blkback_io_excess() blkback_io_hold() blkback_io_get()
 *             blkback_work_waiting() blkback_flush_first()
 *             blkback_flush_behind()
 * debug.c:    blkback_rings_add() blkback_rings_remove()
 * done.c:     blkback_done() blkback_finish() blkback_respond()
 * stats.c:    blkback_groups blkback_stats_fold() blkback_stats_log() blkback_debug_add()
 *             blkback_debug_remove()
 */
#ifndef XEN_BACKENDS_BLKBACK_H
#define XEN_BACKENDS_BLKBACK_H

#include <linux/blkdev.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "evtchn/evtchn.h"
#include "gntdev/gntdev.h"
#include "xenbus/xenbus.h"
#include "flush.h"
#include "grants.h"
#include "io.h"
#include "kept.h"
#include "latency.h"
#include "limit.h"
#include "stats.h"
#include "store.h"
#include "wire.h"

struct blkback_ring;
struct blkback_vbd;

/* blkif.h names no limit; this is far above what any frontend asks for. */
#define BLKBACK_QUEUES_LIMIT 256

extern unsigned int blkback_max_queues;
extern unsigned int blkback_max_ring_page_order;
extern unsigned int blkback_max_persistent_grants;
extern unsigned int blkback_max_kept_grants;
extern unsigned int blkback_unused_seconds;
extern unsigned int blkback_max_buffer_pages;
extern unsigned int blkback_squeeze_ms;
extern unsigned int blkback_log_stats;
extern bool blkback_feature_persistent;
extern bool blkback_emulate_512;

/**
 * struct blkback_ring - a ring of a vbd and the thread that serves it
 * @vbd: whose it is
 * @index: queue number
 * @layout: how its slots are laid out
 * @refs: grant references of its pages
 * @port: the frontend's end of its event channel
 * @shared: the ring
 * @eoi_prod: the most that the frontend had put at an EOI; of the thread
 * @chan: its event channel
 * @thread: the ring thread, NULL while disconnected; under vbd->lock it stays
 * @kicked: an event came since the last pass began
 * @halted: the frontend broke the ring: nothing is taken any more
 * @persistent: the frontend uses the same grants again and again
 * @evict: it is time to look for grants that are not used
 * @polling: the thread sleeps in the hypervisor
 * @poll_timer: ends that sleep
 * @poll_cpu: the CPU it was started on; of the thread
 * @poll_fails: how often in turn that was in vain; of the thread
 * @poll_skip: events until it is tried again; of the thread
 * @serving: barriers wait for it: it may take requests, or has not drained yet
 * @barrier_runs: @barrier is being executed
 * @barrier: a barrier that waits or runs; nothing more is taken meanwhile
 * @gate_turn: the last closing of the vbd's gate for which all was taken
 * @gate_seen: the last closing that @gate_until is for
 * @gate_until: where what was put before that ends
 * @squeeze: memory is short: the thread is to give back what is idle
 * @grants: the grants that stay mapped; of the thread
 * @evict_timer: sets @evict
 * @batch: copies of the pass in hand; of the thread
 * @descs: copies of descriptors of the pass in hand; of the thread
 * @slot: private copy of the slot in hand; of the thread
 * @scratch: private copy of a request's descriptors; of the thread
 * @ios: all requests there are, in flight or not; of the thread
 * @spare: requests ready for use, with their pages; of the thread
 * @freed: requests given back, from any context
 * @done: requests the disk has finished, for the thread to answer
 * @finished: those it finished while the thread gave them to it; of the thread
 * @held: requests wait in the ring until others have given memory back, or
 *	discards have ended
 * @heavy: discards taken and not yet answered
 * @inflight: requests taken and not yet answered
 * @lock: protects the producer side of @shared and @chan.notifies; taken with
 *	interrupts off, innermost
 * @direct_batch: copies of a request answered from the disk's completion
 * @direct_busy: @direct_batch is in use
 * @next_log: when its counters are logged again, in jiffies; of the thread
 * @stats: counted by the thread; errors under @lock, direct by who has
 *	@direct_busy
 * @latency: how long its requests took; under @lock
 * @turn: its share of the vbd's limits
 * @name: of the thread and the interrupt
 */
struct blkback_ring {
	struct blkback_vbd *vbd;
	unsigned int index;
	const struct blkback_layout *layout;
	grant_ref_t refs[XENBUS_MAX_RING_GRANTS];
	u32 port;
	struct xbe_ring shared;
	u32 eoi_prod;
	struct evtchn_chan chan;
	struct task_struct *thread;
	bool kicked;
	bool halted;
	bool held;
	bool persistent;
	bool evict;
	bool squeeze;
	bool serving;
	bool polling;
	int poll_cpu;
	struct hrtimer poll_timer;
	unsigned int poll_fails;
	unsigned int poll_skip;
	bool barrier_runs;
	struct blkback_io *barrier;
	unsigned int gate_turn;
	unsigned int gate_seen;
	u32 gate_until;
	struct blkback_grants grants;
	struct timer_list evict_timer;
	struct gnt_copy_batch *batch;
	struct gnt_copy_batch *descs;
	struct blkback_slot slot;
	void *scratch;
	struct list_head ios;
	struct llist_node *spare;
	struct llist_head freed;
	struct llist_head done;
	struct blkback_queue finished;
	atomic_t inflight;
	atomic_t heavy;
	spinlock_t lock; /* shared's producer, chan.notifies */
	struct gnt_copy_batch *direct_batch;
	unsigned long direct_busy;
	unsigned long next_log;
	struct blkback_stats stats;
	struct blkback_latency latency;
	struct blkback_turn turn;
	char name[32];
};

/**
 * struct blkback_vbd - a virtual block device
 * @xbe: the backend device
 * @store: what is below it, open from when it is known; or NULL. Changes only
 *	while no ring takes requests
 * @execute: of the store's ops
 * @bdev: the block device of the store, or NULL
 * @device: number of that device, 0 when there is none
 * @whole: number of the disk that it is a part of, or its own
 * @readonly: "mode" has it so
 * @blocks: what the guest is to see of large blocks
 * @limits: what requests are checked against; changes only while no ring takes
 *	requests
 * @flush: what its frontend takes to be durable
 * @stable: data is not to change while it is under way; changes as @limits
 * @info: VDISK_* of blkif.h, what the store adds to it apart
 * @next: link in the list of those that hear of uevents
 * @lock: protects @rings, @nr_rings, @folded and @store against readers of
 *	statistics
 * @rings: the rings, NULL while disconnected
 * @nr_rings: how many
 * @folded: statistics of the rings there were before
 * @persistent: persistent grants are offered
 * @kept: how many grants its domain keeps, in all its vbds
 * @max_queues: most queues that its frontend may have
 * @max_order: its largest ring is of 2^N pages
 * @told_512: an earlier module has told its frontend a sector-size of 512
 * @closing: no ring takes any: all are being connected, stopped or parked
 * @gate_lock: protects @gate and @gate_turn; innermost
 * @gate: the ring whose barrier waits or runs, or NULL
 * @gate_turn: how often the gate was closed
 * @pages: pages that all its requests have, those of their large arrays included
 * @limiter: its limits on requests and bytes a second
 * @debug: its file in debugfs
 * @debug_rings: the file of its rings
 */
struct blkback_vbd {
	struct xbe_device *xbe;
	struct blkback_store *store;
	void (*execute)(struct blkback_io *io);
	struct block_device *bdev;
	dev_t device;
	dev_t whole;
	bool readonly;
	enum blkback_blocks blocks;
	struct blkback_limits limits;
	struct blkback_flush flush;
	bool stable;
	u32 info;
	struct list_head next;
	struct mutex lock; /* rings, nr_rings, folded, store */
	struct blkback_ring *rings;
	unsigned int nr_rings;
	struct blkback_stats folded;
	bool persistent;
	struct blkback_kept *kept;
	unsigned int max_queues;
	unsigned int max_order;
	bool told_512;
	bool closing;
	spinlock_t gate_lock; /* gate, gate_turn */
	struct blkback_ring *gate;
	unsigned int gate_turn;
	atomic_t pages;
	struct blkback_limiter limiter;
	struct dentry *debug;
	struct dentry *debug_rings;
};

/* xenbus.c */
extern const struct xbe_ops blkback_ops;

/* vbd.c */
int blkback_vbd_open(struct blkback_vbd *vbd);
void blkback_vbd_close(struct blkback_vbd *vbd);
int blkback_vbd_where(struct blkback_vbd *vbd, struct blkback_where *where);
void blkback_vbd_use(struct blkback_vbd *vbd, struct blkback_store *store);

/* tell.c */
void blkback_vbd_set_limits(struct blkback_vbd *vbd,
			    const struct blkback_geometry *is);
int blkback_vbd_publish(struct blkback_vbd *vbd);
int blkback_vbd_republish(struct blkback_vbd *vbd,
			  const struct blkback_geometry *is);

/* change.c */
void blkback_vbd_changed(struct blkback_vbd *vbd);

/* ring.c */
struct blkback_ring_keys {
	u32 order;
	bool numbered;
	bool persistent;
	const struct blkback_layout *layout;
};

int blkback_ring_read(struct blkback_ring *ring,
		      const struct blkback_ring_keys *keys, const char *subdir);
int blkback_ring_connect(struct blkback_ring *ring,
			 const struct blkback_ring_keys *keys);
void blkback_ring_wake(struct blkback_ring *ring);
void blkback_rings_take(struct blkback_vbd *vbd);
void blkback_rings_close(struct blkback_vbd *vbd);
void blkback_ring_park(struct blkback_ring *ring);
void blkback_ring_unpark(struct blkback_ring *ring);
void blkback_ring_stop(struct blkback_ring *ring);
void blkback_ring_disconnect(struct blkback_ring *ring);

/* poll.c */
bool blkback_poll(struct blkback_ring *ring);
void blkback_poll_init(struct blkback_ring *ring);
void blkback_poll_end(struct blkback_ring *ring);

/* pids.c */
void blkback_pids_publish(struct blkback_vbd *vbd);
void blkback_pids_remove(struct blkback_vbd *vbd);

/* pass.c */
bool blkback_pass(struct blkback_ring *ring, bool take);

/* data.c */
int blkback_data_get(struct blkback_io *io);
void blkback_data_copy(struct blkback_io *io, struct gnt_copy_batch *batch,
		       enum gnt_dir dir);
bool blkback_data_copied(const struct blkback_io *io,
			 const struct gnt_copy_batch *batch);
bool blkback_data_mapped(const struct blkback_io *io);
int blkback_desc_get(struct blkback_io *io);
void blkback_desc_read(struct blkback_io *io);

/* barrier.c */
void blkback_barrier_begin(struct blkback_io *io);
bool blkback_barrier_closed(struct blkback_ring *ring);
int blkback_barrier_limit(struct blkback_ring *ring, int waiting);
void blkback_barrier_pass(struct blkback_ring *ring, bool take);
void blkback_barrier_kick(struct blkback_vbd *vbd);
struct blkback_io *blkback_barrier_ready(struct blkback_ring *ring);
void blkback_barrier_end(struct blkback_ring *ring);

/* io.c */
struct blkback_io *blkback_io_more(struct blkback_ring *ring);
void blkback_io_put(struct blkback_io *io);
int blkback_io_room(struct blkback_io *io, unsigned int nr);
int blkback_io_pages(struct blkback_io *io, unsigned int nr);
void blkback_io_recycle(struct blkback_ring *ring);
void blkback_io_recycle_list(struct blkback_ring *ring,
			     struct llist_node *list);
void blkback_io_squeeze(struct blkback_ring *ring);

/* debug.c */
void blkback_rings_add(struct blkback_vbd *vbd);
void blkback_rings_remove(struct blkback_vbd *vbd);

/* done.c */
void blkback_done(struct blkback_io *io, s16 status);
void blkback_finish(struct blkback_io *io, s16 status);
void blkback_respond(struct blkback_ring *ring, struct llist_node *answered);

/* stats.c */
extern const struct attribute_group *blkback_groups[];
void blkback_stats_fold(struct blkback_vbd *vbd);
void blkback_stats_log(struct blkback_ring *ring);
void blkback_debug_add(struct blkback_vbd *vbd);
void blkback_debug_remove(struct blkback_vbd *vbd);

/* Pages a vbd may have: 16 MiB, eight full single-page rings. */
#define BLKBACK_MAX_PAGES 4096

/* Whether idle requests have to give memory back: half of it may stay with them. */
static inline bool blkback_io_excess(const struct blkback_vbd *vbd)
{
	return atomic_read(&vbd->pages) > BLKBACK_MAX_PAGES / 2;
}

/**
 * blkback_io_hold() - whether requests have to wait for the vbd's memory
 * @ring: the ring
 *
 * Never when none of the ring's is in flight: each ring goes on.
 *
 * Context: the ring's thread.
 */
static inline bool blkback_io_hold(const struct blkback_ring *ring)
{
	return atomic_read(&ring->vbd->pages) >= BLKBACK_MAX_PAGES &&
	       atomic_read(&ring->inflight);
}

/**
 * blkback_work_waiting() - whether a ring's thread has anything to do
 * @ring: the ring
 *
 * Context: the ring's thread.
 */
static inline bool blkback_work_waiting(const struct blkback_ring *ring)
{
	return READ_ONCE(ring->kicked) || !llist_empty(&ring->done) ||
	       READ_ONCE(ring->evict) || READ_ONCE(ring->squeeze);
}

/* A file's cache may be anywhere; a disk may have come to have one. */
static inline bool blkback_is_cached(const struct blkback_vbd *vbd)
{
	return !vbd->bdev || bdev_write_cache(vbd->bdev);
}

/**
 * blkback_flush_first() - whether a write has to wait for a flush
 * @vbd: a vbd
 *
 * As long as something may be in the cache that the frontend takes to be durable.
 * One that was taken before the flush failed that says so need not.
 *
 * Context: a ring's thread.
 */
static inline bool blkback_flush_first(const struct blkback_vbd *vbd)
{
	if (likely(READ_ONCE(vbd->flush.told)))
		return false;
	/* Pairs with blkback_flush_failed(). */
	smp_rmb();
	return blkback_flush_owed(&vbd->flush) && blkback_is_cached(vbd);
}

/**
 * blkback_flush_behind() - whether a request has to be flushed to be durable
 * @io: a request that has ended well
 *
 * A write that was submitted when its frontend flushed still is none that it will
 * flush.
 *
 * Context: any.
 */
static inline bool blkback_flush_behind(const struct blkback_io *io)
{
	const struct blkback_vbd *vbd = io->ring->vbd;

	return unlikely(!READ_ONCE(vbd->flush.told)) &&
	       io->req.op == BLKBACK_WRITE && blkback_is_cached(vbd);
}

static inline struct blkback_io *blkback_io_spare(struct blkback_ring *ring)
{
	struct llist_node *node = ring->spare;

	if (unlikely(!node))
		return NULL;
	ring->spare = node->next;
	return llist_entry(node, struct blkback_io, next);
}

/**
 * blkback_io_get() - a request to fill
 * @ring: the ring
 *
 * Context: the ring's thread; may sleep.
 * Return: the request, or NULL without memory.
 */
static inline struct blkback_io *blkback_io_get(struct blkback_ring *ring)
{
	return blkback_io_spare(ring) ?: blkback_io_more(ring);
}

#endif
