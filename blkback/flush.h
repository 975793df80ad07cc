/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a frontend takes to be durable, and how it is made so.
 *
 * A frontend that knows of a cache flushes, and nothing is done for it. For one
 * that does not, or no more, a write that has ended waits for a flush before it is
 * answered (blkback_done()); and as long as a flush has failed that no later one
 * has made good, for one before it is written as well (pass.c). That is all, for
 * each kind of store: a journal's last block must not be there without the ones it
 * speaks of, and what was answered stays.
 *
 * flush.c:      blkback_flush_begin() blkback_flush_failed()
 *               blkback_flush_now() blkback_flush_wait() blkback_flush_look()
 *               blkback_flush_leave() blkback_flush_out()
 * flush-work.c: blkback_flush_init() blkback_flush_exit() blkback_flush_add()
 *               blkback_flush_remove() blkback_flush_wq
 * blkback.h:    blkback_flush_first() blkback_flush_behind()
 * here:         blkback_flush_owed()
 */
#ifndef XEN_BACKENDS_BLKBACK_FLUSH_H
#define XEN_BACKENDS_BLKBACK_FLUSH_H

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct blkback_io;
struct blkback_vbd;

/**
 * struct blkback_flush - what the frontend of a vbd takes to be durable
 * @told: it knows of a cache, and flushes. It does not look again while it is
 *	connected: from a connect on this only ever turns false, in any context,
 *	when a flush has failed. The release of blkback_flush_failed() pairs with
 *	the smp_rmb() of blkback_flush_first()
 * @heard: @told as the device's work has it; written by that, read in any context:
 *	while the two differ each answer asks for the work
 * @written: @told as our keys have it; of the device's work
 * @failed: flushes of the frontend that have failed; counted in any context, before
 *	@told
 * @good: @failed when the last flush began that has not failed; of any context that
 *	may sleep. While the two differ, what was answered may be in the disk's
 *	cache still: one that fails while another is under way counts
 * @waiting: requests that wait for a flush: to be answered, if they are written,
 *	else to be executed. Any context adds, @work takes
 * @work: flushes once for all of @waiting. Of a vbd it runs once at a time: a disk
 *	that hangs holds one thread of this domain
 */
struct blkback_flush {
	bool told;
	bool heard;
	bool written;
	atomic_t failed;
	atomic_t good;
	struct llist_head waiting;
	struct work_struct work;
};

/* Whether a flush has failed that no other has made good. */
static inline bool blkback_flush_owed(const struct blkback_flush *flush)
{
	return atomic_read(&flush->failed) != atomic_read(&flush->good);
}

/* flush.c */
void blkback_flush_begin(struct blkback_vbd *vbd, bool told, bool cached);
void blkback_flush_failed(struct blkback_vbd *vbd);
int blkback_flush_now(struct blkback_vbd *vbd);
void blkback_flush_wait(struct blkback_io *io);
void blkback_flush_look(struct blkback_vbd *vbd);
void blkback_flush_leave(struct blkback_vbd *vbd);
void blkback_flush_out(struct blkback_vbd *vbd);

/* flush-work.c */
extern struct workqueue_struct *blkback_flush_wq;

int blkback_flush_init(void);
void blkback_flush_exit(void);
void blkback_flush_add(struct blkback_vbd *vbd);
void blkback_flush_remove(struct blkback_vbd *vbd);

#endif
