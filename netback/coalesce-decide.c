// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Whether a poll waits for more packets, and how long: from how the guest has sent. */

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "coalesce.h"

/* Packets from one look at the clock to the next, which is dear in a PV domain. */
#define BLOCK 32

/* So many packets are to come in the longest wait, or there is none. */
#define WORTH 2

/*
 * Slots that may fill up meanwhile: a quarter of the ring. Xen lets a timer go off up to
 * so many ns late (its timer_slop), or 50000 after it was set if that is later: a ring
 * that fills faster is not waited for.
 */
#define ROOM 64
#define SLOP 50000

/* What a guest sends without waits is measured again after so many blocks with them. */
#define GOOD 64

/*
 * A guest that waits for its answers sends less when it is made to wait. That is seen
 * after a block, or earlier: after so many waits in turn that have brought one packet.
 */
#define VAIN 2

/*
 * A burst that ends earlier than after so many blocks with waits may be what a guest sends
 * before it waits: its end has waited for nothing.
 */
#define LONG 4

/* Where waits were in vain they are not tried again for 2 to 256 blocks. */
#define MAX_FAILS 8

static void give_up(struct netback_coalesce *coalesce)
{
	coalesce->wait = 0;
	coalesce->fails = min(coalesce->fails + 1, MAX_FAILS);
	coalesce->skip = 1 << coalesce->fails;
}

/**
 * netback_coalesce_pause() - the time until the next packet is no measure of the guest
 * @coalesce: of a queue that has stopped, or has to
 *
 * Context: the poll; a pure function.
 */
void netback_coalesce_pause(struct netback_coalesce *coalesce)
{
	coalesce->since = 0;
	coalesce->packets = 0;
}

static void end_burst(struct netback_coalesce *coalesce)
{
	if (coalesce->good < LONG)
		give_up(coalesce);
	coalesce->wait = 0;
	netback_coalesce_pause(coalesce);
}

/**
 * netback_coalesce_judge() - what came in the last wait
 * @coalesce: of a queue whose poll has ended
 *
 * Context: the poll; a pure function.
 * Return: whether the clock is to be looked at for netback_coalesce_block().
 */
bool netback_coalesce_judge(struct netback_coalesce *coalesce)
{
	coalesce->packets += coalesce->found;
	if (coalesce->wait && !coalesce->found)
		end_burst(coalesce);
	coalesce->vain = coalesce->found == 1 ? coalesce->vain + 1 : 0;
	coalesce->found = 0;
	if (coalesce->wait && coalesce->vain == VAIN)
		give_up(coalesce);
	return coalesce->packets >= BLOCK ||
	       (coalesce->packets && !coalesce->since);
}

/* Whether it sends less than without a wait, by more than chance. */
static bool is_slower(const struct netback_coalesce *coalesce, u32 each)
{
	return each > coalesce->each + coalesce->each / 4;
}

static void decide(struct netback_coalesce *coalesce, u64 elapsed, u32 slots,
		   unsigned int usecs)
{
	u64 room = div_u64(elapsed * ROOM, slots);
	u32 most = usecs * NSEC_PER_USEC;
	u32 each = min_t(u64, U32_MAX / 2, div_u64(elapsed, coalesce->packets));

	if (coalesce->wait && is_slower(coalesce, each)) {
		give_up(coalesce);
		return;
	}
	if (coalesce->wait) {
		coalesce->fails = 0;
		coalesce->good++;
	} else {
		coalesce->each = each;
		coalesce->good = 0;
	}
	coalesce->wait = 0;
	if (coalesce->skip)
		coalesce->skip--;
	else if (each <= most / WORTH && room >= SLOP && coalesce->good < GOOD)
		coalesce->wait = min_t(u64, most, room);
}

/**
 * netback_coalesce_block() - decide how the next packets are waited for
 * @coalesce: of a queue that has taken some
 * @now: ns
 * @slots: that the ring has taken
 * @usecs: the longest wait, NETBACK_COALESCE_MAX_US at most
 *
 * Context: the poll; a pure function.
 */
void netback_coalesce_block(struct netback_coalesce *coalesce, u64 now,
			    u32 slots, unsigned int usecs)
{
	if (coalesce->since)
		decide(coalesce, now - coalesce->since,
		       max(slots - coalesce->slots, 1u), usecs);
	coalesce->since = now;
	coalesce->slots = slots;
	coalesce->packets = 0;
	coalesce->vain = 0;
}
