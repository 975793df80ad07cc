// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Out of the guest, as a NAPI poll: read slots, copy all packets of the poll
 * by one hypercall into pages of our own, hand them to the stack, answer by
 * one push and one event. No page of the guest's enters the stack.
 */

#include "netback.h"
#include "trace.h"

/* Of a packet that is cut for an XDP program: so many are as dear as a packet. */
#define SEGMENTS_EACH 16

static void put_response(struct netback_queue *queue, u16 id, s16 status)
{
	struct xen_netif_tx_response *rsp = xbe_ring_answer(&queue->tx.ring);

	rsp->id = id;
	rsp->status = status;
}

static void answer_extras(struct netback_queue *queue, unsigned int nr)
{
	while (nr--)
		put_response(queue, 0, XEN_NETIF_RSP_NULL);
}

/* Extras are answered where they stood: behind the first slot. */
static void refuse_chain(struct netback_queue *queue, s16 status)
{
	const struct netback_chain *chain = queue->tx.chain;
	unsigned int i;

	for (i = 0; i < chain->nr; i++) {
		put_response(queue, chain->piece[i].id, status);
		if (!i)
			answer_extras(queue, chain->nr_extras);
	}
}

static void take_mcast(struct netback_queue *queue)
{
	const struct netback_chain *chain = queue->tx.chain;

	put_response(queue, chain->piece[0].id,
		     netback_mcast_set(&queue->vif->mcast, chain->mcast,
				       chain->addr));
	answer_extras(queue, chain->nr_extras);
}

/* Reads slots up to the end of a packet, of @left that wait. */
static enum netback_verdict read_chain(struct netback_queue *queue,
				       unsigned int *left)
{
	struct netback_chain *chain = queue->tx.chain;
	enum netback_verdict verdict;
	union netback_tx_slot slot;

	netback_chain_start(chain);
	do {
		if (!*left) {
			chain->why = "tx: a packet goes on past the producer";
			return NETBACK_FATAL;
		}
		xbe_ring_take(&queue->tx.ring, &slot, sizeof(slot));
		(*left)--;
		verdict = netback_chain_add(chain, &slot, netback_fatal_slots);
	} while (verdict == NETBACK_MORE);
	return verdict;
}

static void add_piece(struct netback_queue *queue,
		      struct netback_packet *packet,
		      const struct netback_piece *piece,
		      struct netback_spot *spot)
{
	struct gnt_span span = {
		.ref = piece->ref,
		.offset = piece->offset,
		.domid = queue->vif->xbe->domid,
	};
	unsigned int left = piece->size;

	while (left) {
		unsigned int at = spot->page;

		span.len = min(left, spot->room);
		gnt_copy_add_own(queue->tx.batch, GNT_FROM_GUEST, &span,
				 at ? packet->page[at - 1] : packet->cell,
				 at ? spot->offset :
				      packet->cell_at + spot->offset);
		span.offset += span.len;
		left -= span.len;
		netback_spot_advance(&packet->place, spot, span.len);
	}
}

static void add_packet(struct netback_queue *queue,
		       struct netback_packet *packet)
{
	const struct netback_chain *chain = queue->tx.chain;
	struct netback_spot spot = netback_spot_first(&packet->place);
	unsigned int i;

	packet->offload.flags = chain->flags;
	packet->offload.gso_size = chain->gso_size;
	packet->offload.gso_type = chain->gso_type;
	packet->nr_extras = chain->nr_extras;
	packet->nr = chain->nr;
	for (i = 0; i < chain->nr; i++) {
		packet->id[i] = chain->piece[i].id;
		packet->op[i] = queue->tx.batch->nr;
		add_piece(queue, packet, &chain->piece[i], &spot);
	}
	packet->op[chain->nr] = queue->tx.batch->nr;
}

static void place_packet(struct netback_queue *queue,
			 struct netback_packet *packet)
{
	const struct netback_chain *chain = queue->tx.chain;
	bool xdp = READ_ONCE(queue->vif->xdp.room);

	packet->total = chain->total;
	netback_place(chain->total, xdp, &packet->place);
	if (packet->place.nr_pages && !xdp)
		netback_place_apart(&packet->place, chain->total, chain->piece,
				    chain->nr);
}

static void take_packet(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	struct netback_packet *packet = &tx->packet[tx->nr];

	place_packet(queue, packet);
	if (!netback_packet_alloc(queue, packet)) {
		netback_count(&tx->counters, &tx->counters.drops, 1);
		refuse_chain(queue, XEN_NETIF_RSP_ERROR);
		return;
	}
	add_packet(queue, packet);
	tx->nr++;
}

/*
 * Whether the vif has sent what it may by now. The poll ends then, without asking
 * for an event: a timer goes on.
 */
static bool is_held(struct netback_queue *queue)
{
	struct netback_rate *rate = &queue->vif->rate;
	u64 wait;

	if (likely(!READ_ONCE(rate->on)))
		return false;
	wait = netback_rate_wait(rate);
	if (!wait)
		return false;
	queue->tx.held = true;
	queue->tx.holds++;
	netback_coalesce_pause(&queue->tx.coalesce);
	hrtimer_start(&queue->tx.again, ns_to_ktime(wait),
		      HRTIMER_MODE_REL_PINNED);
	return true;
}

static enum netback_verdict next_packet(struct netback_queue *queue,
					unsigned int *left)
{
	enum netback_verdict verdict = read_chain(queue, left);
	struct netback_rate *rate = &queue->vif->rate;

	trace_netback_tx_taken(queue, queue->tx.chain, verdict);
	if (unlikely(READ_ONCE(rate->on)))
		netback_rate_charge(rate, queue->tx.chain->total);
	return verdict;
}

/*
 * What a packet takes of a poll's budget. One that is cut for a program is many, a
 * program run each; its segments are what the guest says, and not looked at yet.
 */
static unsigned int cost(const struct netback_queue *queue)
{
	const struct netback_chain *chain = queue->tx.chain;

	if (likely(!READ_ONCE(queue->vif->xdp.cuts) || !chain->gso_size))
		return 1;
	return 1 + chain->total / chain->gso_size / SEGMENTS_EACH;
}

/*
 * Reads packets until the batch, the poll's budget, the vif's limit or the ring is
 * at its end.
 * Return: what they take of the budget, those that were refused too.
 */
static int gather(struct netback_queue *queue, int budget)
{
	struct netback_tx *tx = &queue->tx;
	int waiting = xbe_ring_waiting(&tx->ring);
	unsigned int left;
	int done = 0;

	if (waiting < 0) {
		netback_broken(queue, "tx: more requests than slots");
		return 0;
	}
	left = waiting;
	/* A legal piece is cut once at most, by the end of the cell or of a page of ours. */
	while (left && done < budget && tx->nr < NAPI_POLL_WEIGHT &&
	       gnt_copy_room(tx->batch) >= 2 * NETBACK_LEGAL_SLOTS &&
	       !is_held(queue)) {
		switch (next_packet(queue, &left)) {
		case NETBACK_PACKET:
			take_packet(queue);
			break;
		case NETBACK_MCAST:
			take_mcast(queue);
			break;
		case NETBACK_DROP:
			netback_count(&tx->counters, &tx->counters.errors, 1);
			refuse_chain(queue, XEN_NETIF_RSP_ERROR);
			break;
		default:
			netback_broken(queue, tx->chain->why);
			return done;
		}
		done += cost(queue);
	}
	return min(done, budget);
}

static bool is_copied(const struct netback_queue *queue,
		      const struct netback_packet *packet, unsigned int piece,
		      unsigned int failed)
{
	unsigned int op;

	if (failed == GNT_COPY_LOST)
		return false;
	for (op = packet->op[piece]; op < packet->op[piece + 1]; op++)
		if (!gnt_copy_ok(queue->tx.batch, op))
			return false;
	return true;
}

/*
 * Answers each piece for itself. @failed is how many copies of the batch have failed.
 * Return: whether all of the packet was copied.
 */
static bool answer_packet(struct netback_queue *queue,
			  const struct netback_packet *packet,
			  unsigned int failed)
{
	bool whole = true;
	unsigned int i;

	for (i = 0; i < packet->nr; i++) {
		bool okay = likely(!failed) ||
			    is_copied(queue, packet, i, failed);

		whole &= okay;
		put_response(queue, packet->id[i],
			     okay ? XEN_NETIF_RSP_OKAY : XEN_NETIF_RSP_ERROR);
		if (!i)
			answer_extras(queue, packet->nr_extras);
	}
	trace_netback_tx_answered(queue, packet, whole);
	return whole;
}

/* What was copied in full goes to the vif's programs, or to the stack. */
static void hand_on(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	struct netback_xdp_run run;
	LIST_HEAD(list);
	bool xdp = netback_xdp_begin(&run, queue, &list);
	unsigned int i;

	tx->listed = false;
	for (i = 0; i < tx->nr; i++) {
		struct netback_packet *packet = &tx->packet[i];

		if (!packet->cell)
			continue;
		if (unlikely(xdp))
			netback_xdp_packet(&run, packet);
		else
			netback_deliver(queue, packet, &list);
	}
	if (unlikely(xdp))
		netback_xdp_end(&run);
	netif_receive_skb_list(&list);
}

/*
 * Answers go out before the packets do: the guest may go on while they run. @since is
 * when the poll looked at its ring.
 */
static void settle(struct netback_queue *queue, u64 since)
{
	struct netback_tx *tx = &queue->tx;
	unsigned int failed = gnt_copy_flush(tx->batch, false);
	unsigned int i;

	for (i = 0; i < tx->nr; i++) {
		if (!answer_packet(queue, &tx->packet[i], failed)) {
			netback_count(&tx->counters, &tx->counters.errors, 1);
			netback_packet_free(queue, &tx->packet[i]);
		}
	}
	if (xbe_ring_push(&tx->ring))
		evtchn_chan_notify(&queue->chan[0]);
	tx->coalesce.found += tx->nr;
	netback_timing_batch(&tx->timing, tx->nr);
	netback_timing_packets(&tx->timing, since, netback_timing_now(),
			       tx->nr);
	hand_on(queue);
	tx->nr = 0;
	tx->batch->nr = 0;
}

/* Return: what the poll gets through with. */
static int end_poll(struct netback_queue *queue, int done)
{
	struct netback_tx *tx = &queue->tx;
	struct evtchn_chan *chan = &queue->chan[0];
	bool owes = evtchn_chan_owes(chan, EVTCHN_CHAN_PART0);
	bool worked = tx->worked;

	/* What came without an event of its own speaks for the next one. */
	if (owes)
		tx->worked = false;
	if (!napi_complete_done(&tx->napi, done))
		tx->worked = worked;
	else if (owes && !queue->broken)
		evtchn_chan_done(chan, EVTCHN_CHAN_PART0, worked);
	return done;
}

/**
 * netback_tx_again() - the poll is to look again
 * @timer: netback_tx.again: the vif's limit allows more, or a wait for more is over
 *
 * Context: interrupt.
 * Return: HRTIMER_NORESTART.
 */
enum hrtimer_restart netback_tx_again(struct hrtimer *timer)
{
	struct netback_queue *queue =
		container_of(timer, struct netback_queue, tx.again);

	napi_schedule(&queue->tx.napi);
	return HRTIMER_NORESTART;
}

/**
 * netback_tx_poll() - receive from the guest
 * @napi: netback_tx.napi
 * @budget: most packets to read; one that is cut for an XDP program is several
 *
 * Context: softirq; one at a time.
 * Return: packets read, counted so, those that were refused too.
 */
int netback_tx_poll(struct napi_struct *napi, int budget)
{
	struct netback_queue *queue =
		container_of(napi, struct netback_queue, tx.napi);
	struct netback_tx *tx = &queue->tx;
	int done = 0, got;

	if (unlikely(!budget))
		return 0;
	tx->held = false;
	while (!queue->broken && done < budget && !tx->held) {
		u64 since = netback_timing_now();

		got = gather(queue, budget - done);
		if (!got)
			break;
		settle(queue, since);
		done += got;
	}
	trace_netback_tx_poll(queue, done);
	if (done) {
		netback_count(&tx->counters, &tx->counters.polls, 1);
		tx->worked = true;
	}
	/* While the poll is still ours: another would overwrite the index, or the timer. */
	if (done < budget &&
	    (queue->broken || tx->held || netback_coalesce(queue) ||
	     !xbe_ring_want(&tx->ring, 1)))
		return end_poll(queue, done);
	if (netback_shared(queue))
		napi_schedule(&queue->rx.napi);
	return budget;
}

/**
 * netback_tx_end() - answer what waits, and send none of it
 * @queue: a connected queue whose frontend is closing
 *
 * What the vif's limit or a net device that is down has held back. A frontend
 * that waits for its answers before it is closed would do so for ever: MiniOS
 * does, as pvgrub and stub domains have it.
 *
 * Context: the device's work, the queue's polls disabled.
 */
void netback_tx_end(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	int waiting = queue->broken ? 0 : xbe_ring_waiting(&tx->ring);
	unsigned int left = max(waiting, 0);

	if (!left)
		return;
	local_bh_disable();
	/* What has no end is answered no more than it would be sent. */
	while (left && read_chain(queue, &left) != NETBACK_FATAL) {
		refuse_chain(queue, XEN_NETIF_RSP_DROPPED);
		netback_count(&tx->counters, &tx->counters.drops, 1);
	}
	local_bh_enable();
	if (xbe_ring_push(&tx->ring))
		evtchn_chan_notify(&queue->chan[0]);
}
