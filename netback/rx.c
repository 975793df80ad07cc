// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Into the guest, as a NAPI poll: packets of the stack wait in a ring of
 * pointers; the poll copies as many as the guest has posted slots for by one
 * hypercall, answers by one push and one event, frees them in bulk.
 */

#include <linux/netpoll.h>

#include "netback.h"
#include "trace.h"

/* Half a ring of pages, as the in-tree driver has it. */
#define MAX_WAITING (NETBACK_RING / 2 * XEN_PAGE_SIZE)

/*
 * A frontend without feature-rx-notify need not say when it posts slots: we look again
 * after this time, as in-tree does, and drop what waits by then when there are none.
 */
#define LOOK_MSECS 30

static struct netdev_queue *stack_queue(const struct netback_queue *queue)
{
	return netdev_get_tx_queue(queue->vif->dev, queue->index);
}

static netdev_tx_t drop(struct netback_queue *queue, struct sk_buff *skb,
			bool more)
{
	struct netback_rx *rx = &queue->rx;

	trace_netback_rx_dropped(queue, skb);
	netback_count(&rx->refused, &rx->refused.drops, 1);
	/* netpoll sends with interrupts off (XSA-424). */
	dev_kfree_skb_any(skb);
	/* Those before it may have left the kick to it. A stalled queue looks again. */
	if (rx->open && !more &&
	    (READ_ONCE(rx->stalled) || !__ptr_ring_empty(&rx->waiting)))
		napi_schedule(&rx->napi);
	return NETDEV_TX_OK;
}

/* When a packet is dropped if the guest has not taken it by then. */
static unsigned long *expires(struct sk_buff *skb)
{
	return &netback_cb(skb)->expires;
}

/*
 * The memory of others that waits for a guest is bounded in packets and in bytes
 * (XSA-391). One packet more than the bytes say is always taken.
 */
static bool is_full(struct netback_rx *rx)
{
	u32 waiting = READ_ONCE(rx->bytes_in) - READ_ONCE(rx->bytes_out);

	return __ptr_ring_full(&rx->waiting) || waiting >= MAX_WAITING;
}

static unsigned int wait_msecs(const struct netback_queue *queue)
{
	unsigned int most = queue->vif->features.rx_notify ? UINT_MAX :
							     LOOK_MSECS;

	return min(netback_drain_msecs, most);
}

/* What the one slot of a frontend without feature-sg takes. */
static unsigned int slot_room(const struct netback_queue *queue)
{
	return XEN_PAGE_SIZE - READ_ONCE(queue->vif->headroom.bytes);
}

/*
 * Whether the frontend can receive the like, and wants to. The stack has cut and filled in
 * what it cannot, but a packet that was put back into its qdisc may be from the time of
 * another frontend. One of too many pieces becomes one piece.
 */
static bool can_receive(const struct netback_queue *queue, struct sk_buff *skb)
{
	const struct netback_features *can = &queue->vif->features;

	if (unlikely(READ_ONCE(queue->vif->mcast.on)) &&
	    !netback_mcast_wants(&queue->vif->mcast, skb))
		return false;
	if (skb->len > (can->sg ? XEN_NETIF_MAX_TX_SIZE : slot_room(queue)))
		return false;
	if (skb_has_frag_list(skb) &&
	    netback_rx_pieces(skb) > NETBACK_RX_PIECES && skb_linearize(skb))
		return false;
	if (!skb_is_gso(skb))
		return true;
	switch (netback_rx_gso_type(skb)) {
	case XEN_NETIF_GSO_TYPE_TCPV4:
		return can->gso_tcpv4;
	case XEN_NETIF_GSO_TYPE_TCPV6:
		return can->gso_tcpv6;
	default:
		return false;
	}
}

/* Those of XDP do not wait for the stack's share, and take none of it. */
static bool count_in(struct netback_queue *queue, struct sk_buff *skb,
		     bool stack, bool more)
{
	netback_cb(skb)->stack = stack;
	return !stack ||
	       __netdev_tx_sent_queue(stack_queue(queue), skb->len, more);
}

/*
 * A process copies the packet that it sends itself: a softirq would do so on this CPU as
 * soon as it lets go of the tx lock, and costs 350 instructions. Threads of the kernel send
 * bursts with softirqs off; a poll that is a thread goes where it is put.
 */
static bool may_poll(const struct netback_queue *queue)
{
	return in_task() && !(current->flags & COMPAT_PF_WORKER) &&
	       !irqs_disabled() && !queue->vif->dev->threaded;
}

/* The tx lock is held for the one packet only. */
static void poll_now(struct netback_queue *queue)
{
	struct napi_struct *napi = &queue->rx.napi;
	void *have;
	int done;

	if (!napi_schedule_prep(napi))
		return;
	/* Else netpoll might look while the poll completes, which then does not. */
	have = netpoll_poll_lock(napi);
	done = netback_rx_poll(napi, NAPI_POLL_WEIGHT);
	netpoll_poll_unlock(have);
	if (done == NAPI_POLL_WEIGHT)
		__napi_schedule(napi);
}

static netdev_tx_t take(struct netback_queue *queue, struct sk_buff *skb,
			bool stack, bool more)
{
	struct netdev_queue *from = stack_queue(queue);
	struct netback_rx *rx = &queue->rx;
	bool kick, alone;

	if (unlikely(!rx->open || READ_ONCE(queue->broken) ||
		     READ_ONCE(rx->stalled) || is_full(rx) ||
		     !can_receive(queue, skb)))
		return drop(queue, skb, more);

	skb_tx_timestamp(skb);
	netback_hash_skb(&queue->vif->hash, skb, &netback_cb(skb)->hashed);
	/* Counted before the poll can see it and count it as completed. */
	kick = count_in(queue, skb, stack, more);
	*expires(skb) = jiffies + msecs_to_jiffies(wait_msecs(queue));
	netback_cb(skb)->queued = netback_timing_now();
	trace_netback_rx_queued(queue, skb);
	alone = rx->bytes_in == READ_ONCE(rx->bytes_out);
	WRITE_ONCE(rx->bytes_in, rx->bytes_in + skb->len);
	__ptr_ring_produce(&rx->waiting, skb);
	if (unlikely(is_full(rx))) {
		netif_tx_stop_queue(from);
		/* The poll makes room, then looks whether we have stopped. */
		smp_mb__after_atomic();
		if (!is_full(rx))
			netif_tx_start_queue(from);
		kick = true;
	}
	if (!kick)
		return NETDEV_TX_OK;
	if (alone && stack && may_poll(queue))
		poll_now(queue);
	else
		napi_schedule(&rx->napi);
	return NETDEV_TX_OK;
}

/**
 * netback_rx_xmit() - queue a packet for the guest
 * @queue: the queue of the stack's choice
 * @skb: the packet; not the caller's afterwards
 * @more: another one follows at once, and may have the poll run for both
 *
 * Context: under the tx lock of the netdev's queue of the same number.
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t netback_rx_xmit(struct netback_queue *queue, struct sk_buff *skb,
			    bool more)
{
	return take(queue, skb, true, more);
}

/**
 * netback_rx_frame() - queue a frame of an XDP program for the guest
 * @queue: the queue
 * @skb: the frame; not the caller's afterwards
 *
 * Context: softirq, under the tx lock of the netdev's queue of the same number.
 */
void netback_rx_frame(struct netback_queue *queue, struct sk_buff *skb)
{
	take(queue, skb, false, false);
}

/**
 * struct left - packets that left the queue, sent or dropped
 * @packets: how many
 * @bytes: bytes in them
 * @stack_packets: those of them that the stack has sent
 * @stack_bytes: bytes in those
 */
struct left {
	unsigned int packets;
	unsigned int bytes;
	unsigned int stack_packets;
	unsigned int stack_bytes;
};

static void add_left(struct left *left, const struct sk_buff *skb)
{
	left->packets++;
	left->bytes += skb->len;
	if (likely(netback_cb(skb)->stack)) {
		left->stack_packets++;
		left->stack_bytes += skb->len;
	}
}

/* The stack is told of its own. */
static void completed(struct netback_queue *queue, const struct left *left)
{
	struct netdev_queue *to = stack_queue(queue);

	if (!left->packets)
		return;
	WRITE_ONCE(queue->rx.bytes_out, queue->rx.bytes_out + left->bytes);
	netdev_tx_completed_queue(to, left->stack_packets, left->stack_bytes);
	/* Room was made before this looks whether xmit has stopped. */
	smp_mb();
	if (unlikely(netif_tx_queue_stopped(to)) && !is_full(&queue->rx))
		netif_tx_wake_queue(to);
}

static void settle(struct netback_queue *queue, int budget)
{
	struct netback_rx *rx = &queue->rx;
	struct left left = {};
	struct sk_buff *skb;
	u64 now;

	rx->failed = gnt_copy_flush(rx->batch, false);
	netback_rx_answer(queue);
	if (xbe_ring_push(&rx->ring))
		evtchn_chan_notify(queue->rx_chan);
	rx->batch->nr = 0;
	now = netback_timing_now();
	while ((skb = __skb_dequeue(&rx->done))) {
		add_left(&left, skb);
		trace_netback_rx_answered(queue, skb);
		netback_timing_packets(&rx->timing, netback_cb(skb)->queued,
				       now, 1);
		napi_consume_skb(skb, budget);
	}
	netback_timing_batch(&rx->timing, left.packets);
	netback_count_packets(&rx->counters, left.packets, left.bytes);
	completed(queue, &left);
}

/*
 * Copies packets while budget, waiting packets and posted slots last.
 * Return: packets copied; @want is how many slots the next one lacks, or 0.
 */
static int send(struct netback_queue *queue, int budget, unsigned int *want)
{
	struct netback_rx *rx = &queue->rx;
	int posted = xbe_ring_waiting(&rx->ring);
	struct sk_buff *skb;
	int done = 0;

	*want = 0;
	while (done < budget && (skb = __ptr_ring_peek(&rx->waiting))) {
		unsigned int need;

		if (posted < 0) {
			netback_broken(queue, "rx: more requests than slots");
			break;
		}
		need = netback_rx_slots(skb, rx->headroom, posted);
		if (posted < need) {
			*want = need;
			break;
		}
		/* One of NETBACK_RX_PIECES fits what is empty. */
		if (rx->batch->nr &&
		    (gnt_copy_room(rx->batch) <
			     netback_rx_ops(skb, rx->headroom) ||
		     rx->nr_slots + need > NETBACK_RING))
			settle(queue, budget);
		__ptr_ring_consume(&rx->waiting);
		netback_rx_lay(queue, skb);
		__skb_queue_tail(&rx->done, skb);
		posted -= need;
		done++;
	}
	if (done)
		settle(queue, budget);
	return done;
}

/*
 * Drops what waits, or of that only what is overdue.
 * Return: how many packets.
 */
static unsigned int drop_waiting(struct netback_queue *queue, bool all)
{
	struct netback_rx *rx = &queue->rx;
	struct left left = {};
	struct sk_buff *skb;

	while ((skb = __ptr_ring_peek(&rx->waiting))) {
		if (!all && time_before(jiffies, *expires(skb)))
			break;
		__ptr_ring_consume(&rx->waiting);
		add_left(&left, skb);
		trace_netback_rx_dropped(queue, skb);
		kfree_skb(skb);
	}
	netback_count(&rx->counters, &rx->counters.drops, left.packets);
	completed(queue, &left);
	return left.packets;
}

/**
 * netback_rx_purge() - drop all that waits for the guest
 * @queue: the queue
 *
 * Context: the queue's rx poll, or softirqs off with that disabled and the
 * queue closed to the stack.
 */
void netback_rx_purge(struct netback_queue *queue)
{
	drop_waiting(queue, true);
}

/**
 * netback_rx_overdue() - the first packet that waits has waited too long
 * @timer: netback_rx.overdue
 *
 * It holds memory of others, who must not wait for this guest (XSA-391): it is
 * dropped. What follows is too until the guest posts again, unless the guest
 * does not say when it does: then the next packet has its own time.
 *
 * Context: softirq.
 */
void netback_rx_overdue(struct timer_list *timer)
{
	struct netback_queue *queue = from_timer(queue, timer, rx.overdue);

	WRITE_ONCE(queue->rx.late, true);
	napi_schedule(&queue->rx.napi);
}

/* Return: whether to go on at once: slots came meanwhile. */
static bool wait_for_slots(struct netback_queue *queue, unsigned int want)
{
	struct netback_rx *rx = &queue->rx;
	struct sk_buff *first = __ptr_ring_peek(&rx->waiting);

	rx->want = want;
	if (xbe_ring_want(&rx->ring, want))
		return true;
	if (first && !timer_pending(&rx->overdue))
		mod_timer(&rx->overdue, *expires(first));
	return false;
}

/* From the time that packets are dropped until the carrier is off. */
static unsigned int still_msecs(void)
{
	return netback_stall_msecs > netback_drain_msecs ?
		       netback_stall_msecs - netback_drain_msecs :
		       0;
}

/* A packet has waited for too long; or, when nothing may wait, the guest has. */
static void drop_late(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	WRITE_ONCE(rx->late, false);
	if (rx->stalled) {
		rx->off = true;
		netback_carrier_stalled(queue->vif, true);
		return;
	}
	if (!drop_waiting(queue, false) || !queue->vif->features.rx_notify)
		return;
	/* What it waited for is gone: a packet of one slot may be the next. */
	rx->want = 1;
	WRITE_ONCE(rx->stalled, true);
	mod_timer(&rx->overdue, jiffies + msecs_to_jiffies(still_msecs()));
}

/**
 * netback_rx_resume() - a queue that was down goes on where it stood
 * @queue: the queue, closed to the stack
 *
 * Context: under the RTNL.
 */
void netback_rx_resume(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	if (rx->stalled && !rx->off)
		mod_timer(&rx->overdue,
			  jiffies + msecs_to_jiffies(still_msecs()));
}

/*
 * A stalled queue holds nothing. It goes on once the guest has posted slots.
 * Return: whether it does not go on yet.
 */
static bool still_stalled(struct netback_queue *queue)
{
	struct netback_rx *rx = &queue->rx;

	if (likely(!READ_ONCE(rx->stalled)))
		return false;
	if (!xbe_ring_want(&rx->ring, rx->want)) {
		netback_rx_purge(queue);
		return true;
	}
	WRITE_ONCE(rx->stalled, false);
	del_timer(&rx->overdue);
	if (rx->off)
		netback_carrier_stalled(queue->vif, false);
	rx->off = false;
	return false;
}

/* Return: what the poll gets through with. */
static int end_poll(struct netback_queue *queue, int done)
{
	struct netback_rx *rx = &queue->rx;
	bool owes = evtchn_chan_owes(queue->rx_chan, queue->rx_part);
	bool worked = rx->worked;

	/*
	 * An event is worth its cost when slots came with it, whatever packets
	 * went out meanwhile. Slots that came without one speak for the next.
	 */
	if (owes)
		rx->worked = false;
	if (!napi_complete_done(&rx->napi, done))
		rx->worked = worked;
	else if (owes && !queue->broken)
		evtchn_chan_done(queue->rx_chan, queue->rx_part, worked);
	return done;
}

/**
 * netback_rx_poll() - send to the guest
 * @napi: netback_rx.napi
 * @budget: most packets to copy; 0 from netpoll: nothing is copied then
 *
 * Context: softirq, or a process that sends, softirqs off; one at a time.
 * Return: packets copied; @budget if the poll is not complete.
 */
int netback_rx_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *queue =
		container_of(napi, struct netback_queue, rx.napi);
	struct netback_rx *rx = &queue->rx;
	u32 posted = rx->ring.req_prod;
	unsigned int want = 0;
	int done = 0;

	if (unlikely(!budget))
		return 0;
	rx->headroom = READ_ONCE(queue->vif->headroom.bytes);
	if (!still_stalled(queue) && !queue->broken)
		done = send(queue, budget, &want);
	if (unlikely(rx->late) && !queue->broken)
		drop_late(queue);
	if (unlikely(queue->broken))
		netback_rx_purge(queue);
	trace_netback_rx_poll(queue, done);
	if (done)
		netback_count(&rx->counters, &rx->counters.polls, 1);
	if (rx->ring.req_prod != posted)
		rx->worked = true;
	/* While the poll is still ours: another would overwrite the index. */
	if (done < budget && !(want && wait_for_slots(queue, want)))
		return end_poll(queue, done);
	if (netback_shared(queue))
		napi_schedule(&queue->tx.napi);
	return budget;
}
