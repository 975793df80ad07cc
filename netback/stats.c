// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Statistics of a vif. They live as long as the net device, whatever connects
 * and disconnects meanwhile (XSA-526).
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "netback.h"

/**
 * netback_stats_read() - read the counters of a direction
 * @from: the counters
 * @to: filled
 *
 * Context: any.
 */
void netback_stats_read(const struct netback_counters *from,
			struct netback_sums *to)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->sync);
		to->packets = u64_stats_read(&from->packets);
		to->bytes = u64_stats_read(&from->bytes);
		to->errors = u64_stats_read(&from->errors);
		to->drops = u64_stats_read(&from->drops);
		to->polls = u64_stats_read(&from->polls);
	} while (u64_stats_fetch_retry(&from->sync, start));
}

/**
 * netback_stats_rx() - read all counters of a queue into the guest
 * @rx: of the queue
 * @to: filled; its drops include what was never queued
 *
 * Context: any.
 */
void netback_stats_rx(const struct netback_rx *rx, struct netback_sums *to)
{
	struct netback_sums refused;

	netback_stats_read(&rx->refused, &refused);
	netback_stats_read(&rx->counters, to);
	to->drops += refused.drops;
}

/**
 * netback_stats_sum() - add up all queues
 * @vif: the vif
 * @sum: of the net device, so with its directions: it receives what the guest
 *	sends
 *
 * Context: any.
 */
void netback_stats_sum(const struct netback_vif *vif,
		       struct rtnl_link_stats64 *sum)
{
	struct netback_sums c;
	unsigned int i;

	for (i = 0; i < vif->max_queues; i++) {
		netback_stats_read(&vif->queue[i].tx.counters, &c);
		sum->rx_packets += c.packets;
		sum->rx_bytes += c.bytes;
		sum->rx_errors += c.errors;
		sum->rx_dropped += c.drops;
		netback_stats_rx(&vif->queue[i].rx, &c);
		sum->tx_packets += c.packets;
		sum->tx_bytes += c.bytes;
		sum->tx_errors += c.errors;
		sum->tx_dropped += c.drops;
	}
}

static void show_direction(struct seq_file *m, const char *name,
			   const struct netback_counters *from)
{
	struct netback_sums c;

	netback_stats_read(from, &c);
	seq_printf(m, "%s_packets: %llu\n%s_bytes: %llu\n%s_errors: %llu\n",
		   name, c.packets, name, c.bytes, name, c.errors);
	seq_printf(m, "%s_drops: %llu\n%s_polls: %llu\n", name, c.drops, name,
		   c.polls);
}

static void show_xdp(struct seq_file *m,
		     const struct netback_xdp_counters *from)
{
	u64 nr[NETBACK_XDP_RESULTS];

	netback_xdp_read(from, nr);
	seq_printf(m, "xdp_pass: %llu\nxdp_drop: %llu\nxdp_tx: %llu\n",
		   nr[NETBACK_XDP_PASS], nr[NETBACK_XDP_DROP],
		   nr[NETBACK_XDP_TX]);
	seq_printf(m, "xdp_redirect: %llu\nxdp_errors: %llu\n",
		   nr[NETBACK_XDP_REDIRECT], nr[NETBACK_XDP_ERROR]);
}

static void show_chan(struct seq_file *m, unsigned int i,
		      const struct evtchn_chan *chan)
{
	seq_printf(m, "chan%u_events: %lu\nchan%u_spurious: %lu\n", i,
		   READ_ONCE(chan->events), i, READ_ONCE(chan->spurious));
	seq_printf(m, "chan%u_notifies: %lu\n", i, READ_ONCE(chan->notifies));
}

static int netback_debug_show(struct seq_file *m, void *unused)
{
	struct netback_vif *vif = m->private;
	struct netback_sums refused;
	unsigned int i;

	netback_ctrl_show(&vif->ctrl, m);
	netback_xdp_show(vif, m);
	for (i = 0; i < vif->max_queues; i++) {
		const struct netback_queue *queue = &vif->queue[i];

		if (!READ_ONCE(queue->connected))
			continue;
		seq_printf(m, "queue: %u\n", i);
		show_direction(m, "tx", &queue->tx.counters);
		netback_timing_show(m, false, &queue->tx.timing);
		seq_printf(m, "tx_holds: %lu\n", READ_ONCE(queue->tx.holds));
		seq_printf(m, "tx_waits: %lu\n",
			   READ_ONCE(queue->tx.coalesce.waits));
		show_direction(m, "rx", &queue->rx.counters);
		netback_stats_read(&queue->rx.refused, &refused);
		seq_printf(m, "rx_xmit_drops: %llu\n", refused.drops);
		netback_timing_show(m, true, &queue->rx.timing);
		show_xdp(m, &queue->tx.xdp);
		show_chan(m, 0, &queue->chan[0]);
		show_chan(m, 1, &queue->chan[1]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(netback_debug);

/**
 * netback_debug_add() - make the vif's file in debugfs
 * @vif: the vif
 *
 * Context: may sleep.
 */
void netback_debug_add(struct netback_vif *vif)
{
	vif->debug = debugfs_create_file(dev_name(&vif->xbe->xdev->dev), 0444,
					 xbe_debugfs_dir(), vif,
					 &netback_debug_fops);
}

/**
 * netback_debug_remove() - remove it; no reader is in it afterwards
 * @vif: the vif
 *
 * Context: may sleep.
 */
void netback_debug_remove(struct netback_vif *vif)
{
	debugfs_remove(vif->debug);
}
