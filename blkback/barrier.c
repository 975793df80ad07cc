// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Barriers: everything the frontend put before it, into whichever of its
 * rings, is answered before a barrier starts, and nothing put after it starts
 * before the barrier is done.
 *
 * The ring that takes a barrier closes the vbd's gate and waits. Every other
 * ring takes once more what its frontend has put by then, and nothing after
 * that until the gate opens. Whoever makes the last step wakes the ring that
 * waits.
 *
 * While rings close, to go or because the disk changes, what other rings have
 * not taken yet stays there, and a barrier waits only for what is in flight.
 */

#include "blkback.h"

static void wake(struct blkback_ring *ring)
{
	/* One that is being connected looks by itself when all of them are. */
	if (!READ_ONCE(ring->serving))
		return;
	WRITE_ONCE(ring->kicked, true);
	blkback_ring_wake(ring);
}

static void wake_others(struct blkback_ring *ring)
{
	struct blkback_vbd *vbd = ring->vbd;
	unsigned int i;

	for (i = 0; i < vbd->nr_rings; i++)
		if (&vbd->rings[i] != ring)
			wake(&vbd->rings[i]);
}

/*
 * The gate is closed for one barrier at a time. One that finds it closed by
 * another ring's waits, and its ring takes nothing either: the other barrier
 * then sees this one in flight, but not under way.
 */
static void close_gate(struct blkback_ring *ring)
{
	struct blkback_vbd *vbd = ring->vbd;

	spin_lock(&vbd->gate_lock);
	if (!vbd->gate) {
		vbd->gate_turn++;
		ring->gate_turn = vbd->gate_turn;
		WRITE_ONCE(vbd->gate, ring);
	}
	spin_unlock(&vbd->gate_lock);
	if (vbd->gate == ring)
		wake_others(ring);
}

/**
 * blkback_barrier_begin() - a barrier was taken from the ring
 * @io: the barrier, its data known
 *
 * Context: the ring's thread.
 */
void blkback_barrier_begin(struct blkback_io *io)
{
	io->ring->barrier = io;
	close_gate(io->ring);
}

/**
 * blkback_barrier_closed() - whether a ring may take no more for now
 * @ring: the ring
 *
 * Context: the ring's thread.
 */
bool blkback_barrier_closed(struct blkback_ring *ring)
{
	struct blkback_vbd *vbd = ring->vbd;

	if (likely(!READ_ONCE(vbd->gate)))
		return ring->barrier;
	return ring->barrier || READ_ONCE(vbd->gate) == ring ||
	       ring->gate_turn == READ_ONCE(vbd->gate_turn);
}

/**
 * blkback_barrier_limit() - how many a ring may take while the gate is closed
 * @ring: the ring
 * @waiting: requests that wait in it
 *
 * What was put after the gate closed is not among them: however fast a frontend
 * puts more, the barrier's time comes.
 *
 * Context: the ring's thread.
 * Return: 0 to @waiting.
 */
int blkback_barrier_limit(struct blkback_ring *ring, int waiting)
{
	unsigned int turn = READ_ONCE(ring->vbd->gate_turn);

	if (ring->gate_seen != turn) {
		ring->gate_seen = turn;
		ring->gate_until = ring->shared.req_cons + waiting;
	}
	return min_t(u32, waiting, ring->gate_until - ring->shared.req_cons);
}

/* Nothing that the frontend put before the gate closed is left to be taken. */
static bool reached(const struct blkback_ring *ring, bool take)
{
	return !take || ring->halted || ring->barrier ||
	       READ_ONCE(ring->vbd->closing) ||
	       (ring->gate_seen == READ_ONCE(ring->vbd->gate_turn) &&
		ring->gate_until == ring->shared.req_cons);
}

/**
 * blkback_barrier_pass() - a ring has been served, and the gate is closed
 * @ring: the ring
 * @take: whether it may take requests at all
 *
 * Context: the ring's thread.
 */
void blkback_barrier_pass(struct blkback_ring *ring, bool take)
{
	struct blkback_vbd *vbd = ring->vbd;
	struct blkback_ring *owner = NULL;

	/* Under the lock: the turn that is set is the one that was reached. */
	spin_lock(&vbd->gate_lock);
	if (reached(ring, take))
		owner = vbd->gate;
	if (owner) {
		/* After what was taken is counted: pairs with drained(). */
		smp_store_release(&ring->gate_turn, vbd->gate_turn);
	}
	spin_unlock(&vbd->gate_lock);
	if (owner && owner != ring)
		wake(owner);
}

/**
 * blkback_barrier_kick() - the last request of a ring was answered while the
 *	gate is closed
 * @vbd: the vbd
 *
 * Context: any, in an RCU read-side section or a thread of the vbd's.
 */
void blkback_barrier_kick(struct blkback_vbd *vbd)
{
	struct blkback_ring *owner = READ_ONCE(vbd->gate);

	if (owner)
		wake(owner);
}

/* What is in flight besides the barriers that wait themselves. */
static bool drained(struct blkback_vbd *vbd)
{
	unsigned int i;

	/*
	 * Who answers counts down, who goes serves no more; then they look at
	 * the gate: one sees the other.
	 */
	smp_mb();
	for (i = 0; i < vbd->nr_rings; i++) {
		struct blkback_ring *ring = &vbd->rings[i];

		if (!READ_ONCE(ring->serving))
			continue;
		/* What it took it had counted before it set its turn. */
		if (smp_load_acquire(&ring->gate_turn) != vbd->gate_turn)
			return false;
		if (atomic_read(&ring->inflight) > !!READ_ONCE(ring->barrier))
			return false;
	}
	return true;
}

/**
 * blkback_barrier_ready() - the ring's barrier, if its time has come
 * @ring: a ring that has one
 *
 * Context: the ring's thread.
 * Return: the barrier, to be executed now; or NULL.
 */
struct blkback_io *blkback_barrier_ready(struct blkback_ring *ring)
{
	if (ring->barrier_runs)
		return NULL;
	if (READ_ONCE(ring->vbd->gate) != ring)
		close_gate(ring);
	if (READ_ONCE(ring->vbd->gate) != ring || !drained(ring->vbd))
		return NULL;
	ring->barrier_runs = true;
	return ring->barrier;
}

/**
 * blkback_barrier_end() - the ring's barrier is done
 * @ring: the ring
 *
 * Context: the ring's thread.
 */
void blkback_barrier_end(struct blkback_ring *ring)
{
	struct blkback_vbd *vbd = ring->vbd;

	WRITE_ONCE(ring->barrier, NULL);
	ring->barrier_runs = false;
	WRITE_ONCE(ring->kicked, true);
	spin_lock(&vbd->gate_lock);
	WRITE_ONCE(vbd->gate, NULL);
	spin_unlock(&vbd->gate_lock);
	wake_others(ring);
}
