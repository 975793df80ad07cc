/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How much a guest may send: the toolstack's "rate", of all queues of a vif
 * together.
 *
 * rate-parse.c: netback_rate_parse() netback_rate_of()
 * rate.c:       netback_rate_init() netback_rate_read() netback_rate_wait()
 *               netback_rate_charge()
 */
#ifndef XEN_BACKENDS_NETBACK_RATE_H
#define XEN_BACKENDS_NETBACK_RATE_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "xenbus/bucket.h"

struct netback_vif;

/* xen-netback has always let through as much at once. */
#define NETBACK_LEAST_BURST 131072

/**
 * struct netback_rate_text - a limit as the toolstack writes it
 * @bytes: that may be sent
 * @usec: in so many microseconds; 0 is no limit
 */
struct netback_rate_text {
	u64 bytes;
	u64 usec;
};

/**
 * struct netback_rate - the limit of a vif
 * @on: there is one; read without @lock for each packet
 * @complained: the key was wrong when it was last read; of the device's work
 * @seen: what it was then, its beginning; of the device's work
 * @lock: protects @bucket and @text; of the tx polls and the device's work,
 *	taken with softirqs off, innermost
 * @bucket: bytes
 * @text: as it was set
 */
struct netback_rate {
	bool on;
	bool complained;
	char seen[64];
	spinlock_t lock; /* bucket, text */
	struct xbe_bucket bucket;
	struct netback_rate_text text;
};

int netback_rate_parse(const char *text, struct netback_rate_text *rate,
		       char *why, size_t size);
u64 netback_rate_of(const struct netback_rate_text *rate, u64 *burst);

void netback_rate_init(struct netback_rate *rate);
void netback_rate_read(struct netback_vif *vif);
u64 netback_rate_wait(struct netback_rate *rate);
void netback_rate_charge(struct netback_rate *rate, unsigned int bytes);

#endif
