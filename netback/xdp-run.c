// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Packets of the guest before the programs of its vif, and what becomes of them. */

#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <net/checksum.h>
#include <net/xdp.h>

#include "csum.h"
#include "netback.h"

/**
 * netback_xdp_begin() - look which programs a batch of packets is to see
 * @run: filled when there are any
 * @queue: whose guest has sent it
 * @list: what of it goes to the stack, and not to GRO; the caller's to give on
 *
 * Context: the queue's tx poll, to netback_xdp_end().
 * Return: whether there is a program.
 */
bool netback_xdp_begin(struct netback_xdp_run *run, struct netback_queue *queue,
		       struct list_head *list)
{
	const struct netback_xdp *xdp = &queue->vif->xdp;
	struct bpf_prog *policy = rcu_dereference_bh(xdp->policy);
	struct bpf_prog *prog = rcu_dereference_bh(xdp->prog);

	if (likely(!policy && !prog))
		return false;
	*run = (struct netback_xdp_run){
		.queue = queue,
		.policy = policy,
		.prog = prog,
		.frags = (!policy || policy->aux->xdp_has_frags) &&
			 (!prog || prog->aux->xdp_has_frags),
		.list = list,
	};
	return true;
}

static enum netback_xdp_result pass(struct netback_xdp_run *run,
				    struct xdp_buff *xdp,
				    const struct netback_offload *offload)
{
	struct netback_counters *counters = &run->queue->tx.counters;
	struct sk_buff *skb = netback_xdp_skb(xdp, true);

	if (unlikely(!skb)) {
		netback_count(counters, &counters->drops, 1);
		xdp_return_buff(xdp);
		return NETBACK_XDP_ERROR;
	}
	skb = netback_skb_finish(run->queue, skb, offload);
	if (unlikely(!skb))
		return NETBACK_XDP_ERROR;
	netback_deliver_skb(run->queue, skb, run->list);
	return NETBACK_XDP_PASS;
}

/* At once: what waits for the guest is bounded there, and would not be here. */
static bool send_back(struct netback_xdp_run *run, struct xdp_buff *xdp)
{
	struct sk_buff *skb = netback_xdp_skb(xdp, true);

	if (skb)
		netback_xdp_send(run->queue->vif, skb);
	return skb;
}

/* What has still to be segmented goes nowhere: no frame says so of itself. */
static bool may_go_back(const struct netback_offload *offload)
{
	return !offload->gso_size;
}

/*
 * Nor does one of several pieces to another device: before 6.3 the kernel refuses it,
 * and where it makes copies for several devices it leaves the pieces out and says that
 * they are there (xdpf_clone()).
 */
static bool may_go_on(struct xdp_buff *xdp)
{
	return !xdp_buff_has_frags(xdp);
}

static bool redirect(struct netback_xdp_run *run, struct xdp_buff *xdp,
		     const struct netback_offload *offload,
		     struct bpf_prog *prog)
{
	if (!may_go_on(xdp) || !may_go_back(offload))
		return false;
	/* Copies may wait to be sent off even where this fails. */
	run->redirected = true;
	return !xdp_do_redirect(run->queue->vif->dev, xdp, prog);
}

/* The frame is somebody else's, or given back, afterwards. */
static enum netback_xdp_result obey(struct netback_xdp_run *run,
				    struct xdp_buff *xdp,
				    const struct netback_offload *offload)
{
	struct net_device *dev = run->queue->vif->dev;
	struct bpf_prog *prog = run->policy ?: run->prog;
	u32 act = bpf_prog_run_xdp(prog, xdp);

	if (act == XDP_PASS && run->policy && run->prog) {
		prog = run->prog;
		act = bpf_prog_run_xdp(prog, xdp);
	}
	switch (act) {
	case XDP_PASS:
		return pass(run, xdp, offload);
	case XDP_TX:
		if (may_go_back(offload) && send_back(run, xdp))
			return NETBACK_XDP_TX;
		break;
	case XDP_REDIRECT:
		if (redirect(run, xdp, offload, prog))
			return NETBACK_XDP_REDIRECT;
		break;
	case XDP_DROP:
		xdp_return_buff(xdp);
		return NETBACK_XDP_DROP;
	default:
		bpf_warn_invalid_xdp_action(dev, prog, act);
		break;
	case XDP_ABORTED:
		break;
	}
	trace_xdp_exception(dev, prog, act);
	xdp_return_buff(xdp);
	return NETBACK_XDP_ERROR;
}

/* Sums what is behind @start in all pieces of a frame. */
static __wsum sum_from(struct xdp_buff *xdp, unsigned int start)
{
	unsigned int at = xdp->data_end - xdp->data - start;
	__wsum sum = csum_partial(xdp->data + start, at, 0);
	const struct skb_shared_info *shared;
	unsigned int i;

	if (likely(!xdp_buff_has_frags(xdp)))
		return sum;
	shared = xdp_get_shared_info_from_buff(xdp);
	for (i = 0; i < shared->nr_frags; i++) {
		const skb_frag_t *frag = &shared->frags[i];
		unsigned int len = skb_frag_size(frag);
		__wsum more = csum_partial(skb_frag_address(frag), len, 0);

		sum = csum_block_add(sum, more, at);
		at += len;
	}
	return sum;
}

/* Return: false when a checksum is to be filled in that there is not. */
static bool fill_in(struct xdp_buff *xdp, struct netback_offload *offload)
{
	struct netback_csum csum;
	__sum16 sum;

	if (offload->gso_size || !(offload->flags & XEN_NETTXF_csum_blank))
		return true;
	if (!netback_csum_find(xdp->data, xdp->data_end - xdp->data, &csum))
		return false;
	/* What the guest has put there is the sum of the pseudo header. */
	sum = csum_fold(sum_from(xdp, csum.start)) ?: CSUM_MANGLED_0;
	memcpy(xdp->data + csum.at, &sum, sizeof(sum));
	offload->flags &= ~XEN_NETTXF_csum_blank;
	offload->flags |= XEN_NETTXF_data_validated;
	return true;
}

/* The packet's memory is the frame's. */
static void make_frame(const struct netback_queue *queue,
		       struct netback_packet *packet, struct xdp_buff *xdp)
{
	const struct netback_place *place = &packet->place;
	struct skb_shared_info *shared;
	unsigned int i;

	xdp_init_buff(xdp, PAGE_SIZE, (struct xdp_rxq_info *)&queue->tx.rxq);
	xdp_prepare_buff(xdp, page_address(packet->cell), place->headroom,
			 place->linear, true);
	if (packet->nr_pages) {
		shared = xdp_get_shared_info_from_buff(xdp);
		shared->nr_frags = packet->nr_pages;
		shared->xdp_frags_size = packet->total - place->linear;
		xdp_buff_set_frags_flag(xdp);
	}
	for (i = 0; i < packet->nr_pages; i++) {
		if (unlikely(page_is_pfmemalloc(packet->page[i])))
			xdp_buff_set_frag_pfmemalloc(xdp);
		__skb_fill_page_desc_noacc(shared, i, packet->page[i], 0,
					   place->len[i]);
	}
	packet->cell = NULL;
	packet->nr_pages = 0;
}

static void show_segments(struct netback_xdp_run *run,
			  struct netback_packet *packet)
{
	static const struct netback_offload done = {
		.flags = XEN_NETTXF_data_validated,
	};
	struct sk_buff *segment, *next, *list;

	if (netback_xdp_segment(run->queue, packet, &list)) {
		run->nr[NETBACK_XDP_ERROR]++;
		return;
	}
	skb_list_walk_safe(list, segment, next)
	{
		enum netback_xdp_result result = NETBACK_XDP_ERROR;
		struct xdp_buff xdp;

		if (netback_xdp_lay(run->queue, segment, &xdp))
			result = obey(run, &xdp, &done);
		run->nr[result]++;
		consume_skb(segment);
	}
}

static void show_packet(struct netback_xdp_run *run,
			struct netback_packet *packet)
{
	struct netback_offload offload = packet->offload;
	enum netback_xdp_result result = NETBACK_XDP_ERROR;
	struct xdp_buff xdp;

	make_frame(run->queue, packet, &xdp);
	if (fill_in(&xdp, &offload))
		result = obey(run, &xdp, &offload);
	else
		xdp_return_buff(&xdp);
	run->nr[result]++;
}

/**
 * netback_xdp_packet() - let the programs see a packet, and do what they say
 * @run: of the batch
 * @packet: a packet whose copies all succeeded; it has no memory afterwards
 *
 * Context: see netback_xdp_begin().
 */
void netback_xdp_packet(struct netback_xdp_run *run,
			struct netback_packet *packet)
{
	struct netback_counters *counters = &run->queue->tx.counters;

	netback_count_packets(counters, 1, packet->total);
	if (packet->offload.gso_size && !run->frags) {
		show_segments(run, packet);
	} else if ((packet->nr_pages && !run->frags) ||
		   unlikely(packet->place.headroom != XDP_PACKET_HEADROOM)) {
		/* Too long; or its page is not its own, which put_in() prevents. */
		run->nr[NETBACK_XDP_ERROR]++;
		netback_packet_free(run->queue, packet);
	} else {
		show_packet(run, packet);
	}
}

static void count(const struct netback_xdp_run *run)
{
	struct netback_xdp_counters *counters = &run->queue->tx.xdp;
	unsigned int i;

	u64_stats_update_begin(&counters->sync);
	for (i = 0; i < NETBACK_XDP_RESULTS; i++)
		u64_stats_add(&counters->nr[i], run->nr[i]);
	u64_stats_update_end(&counters->sync);
}

/**
 * netback_xdp_end() - send off what goes elsewhere, and count
 * @run: of the batch
 *
 * Context: see netback_xdp_begin().
 */
void netback_xdp_end(struct netback_xdp_run *run)
{
	if (run->redirected)
		xdp_do_flush();
	count(run);
}
