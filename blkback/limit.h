/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Limits of a vbd on requests and bytes a second, for all its rings together.
 *
 * limit.c:      blkback_limit_init() blkback_limit_hold()
 *               blkback_limit_charge() blkback_limit_leave()
 *               blkback_limit_sleep() blkback_limit_set()
 *               blkback_limit_wake()
 * limit-keys.c: blkback_limit_read() blkback_limit_group
 */
#ifndef XEN_BACKENDS_BLKBACK_LIMIT_H
#define XEN_BACKENDS_BLKBACK_LIMIT_H

#include <linux/spinlock.h>
#include <linux/sysfs.h>

#include "xenbus/bucket.h"
#include "limit-parse.h"

struct blkback_ring;
struct blkback_vbd;

/**
 * struct blkback_limiter - the limits of a vbd
 * @on: there is one; read without @lock by each pass
 * @lock: protects all that follows and each ring's blkback_turn; innermost
 * @value: as they were set, by enum blkback_limit
 * @iops: of requests
 * @bps: of bytes
 * @used: where the ring stood that was served last; see blkback_turn
 * @complained: a wrong limit was reported; of the device's work
 */
struct blkback_limiter {
	bool on;
	spinlock_t lock; /* all that follows, and each ring's turn */
	u64 value[BLKBACK_NR_LIMITS];
	struct xbe_bucket iops;
	struct xbe_bucket bps;
	u64 used;
	bool complained;
};

/**
 * struct blkback_turn - a ring's place among the rings of a limited vbd
 * @waiting: it has requests that the limit holds back
 * @used: nanoseconds of the limit it has used; the least waiting one is next
 * @wait: nanoseconds to sleep; 0: until it is woken. Of the ring's thread
 * @held: the last pass left requests to the limit; of the ring's thread
 */
struct blkback_turn {
	bool waiting;
	u64 used;
	u64 wait;
	bool held;
};

void blkback_limit_init(struct blkback_limiter *limiter);
bool blkback_limit_hold(struct blkback_ring *ring);
void blkback_limit_charge(struct blkback_ring *ring, u64 bytes);
void blkback_limit_leave(struct blkback_ring *ring);
bool blkback_limit_sleep(struct blkback_ring *ring);
void blkback_limit_set(struct blkback_limiter *limiter, const u64 *value);
void blkback_limit_wake(struct blkback_vbd *vbd);

extern const struct attribute_group blkback_limit_group;
void blkback_limit_read(struct blkback_vbd *vbd);

#endif
