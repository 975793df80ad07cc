/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A guest that sends many packets is looked at now and then, and sends no events
 * meanwhile: what `ethtool -C` sets as rx-usecs.
 *
 * coalesce.c:        netback_coalesce() netback_coalesce_start()
 * coalesce-decide.c: netback_coalesce_judge() netback_coalesce_block()
 *                    netback_coalesce_pause()
 */
#ifndef XEN_BACKENDS_NETBACK_COALESCE_H
#define XEN_BACKENDS_NETBACK_COALESCE_H

#include <linux/types.h>

struct netback_queue;

/* The longest wait, in microseconds: at first, and the most that may be set. */
#define NETBACK_COALESCE_US 50
#define NETBACK_COALESCE_MAX_US 1000

/**
 * struct netback_coalesce - how fast the guest sends, and what follows from it
 * @found: packets copied since a poll has ended; what was refused is none
 * @since: when the last look at the clock was, ns; 0 before the first packet
 * @packets: that were taken since then
 * @slots: that the ring had taken then
 * @wait: ns from the end of a poll to the next; 0 is to ask for an event
 * @each: ns from a packet to the next while there was no wait
 * @vain: polls in turn that have found one packet
 * @good: blocks in turn that were not slowed
 * @fails: how often in turn that has ended the waiting
 * @skip: looks at the clock until it is tried again
 * @waits: how often was waited
 *
 * Of the poll.
 */
struct netback_coalesce {
	unsigned int found;
	u64 since;
	unsigned int packets;
	u32 slots;
	u32 wait;
	u32 each;
	unsigned int vain;
	unsigned int good;
	unsigned int fails;
	unsigned int skip;
	unsigned long waits;
};

bool netback_coalesce_judge(struct netback_coalesce *coalesce);
void netback_coalesce_pause(struct netback_coalesce *coalesce);
void netback_coalesce_block(struct netback_coalesce *coalesce, u64 now,
			    u32 slots, unsigned int usecs);
void netback_coalesce_start(struct netback_coalesce *coalesce);
bool netback_coalesce(struct netback_queue *queue);

#endif
