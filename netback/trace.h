/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Tracepoints: /sys/kernel/tracing/events/xen_netback. A no-op each when off. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_netback

#if !defined(XEN_BACKENDS_NETBACK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define XEN_BACKENDS_NETBACK_TRACE_H

#include <linux/tracepoint.h>

#include "netback.h"

/* clang-format off */
#define NETBACK_TRACE_VERDICT(verdict) \
	__print_symbolic(verdict, { NETBACK_PACKET, "packet" }, \
			 { NETBACK_MCAST, "mcast" }, \
			 { NETBACK_DROP, "refused" }, \
			 { NETBACK_FATAL, "fatal" })

/* The slots of a packet were copied out of the ring and parsed. */
TRACE_EVENT(netback_tx_taken,
	TP_PROTO(const struct netback_queue *queue,
		 const struct netback_chain *chain,
		 enum netback_verdict verdict),
	TP_ARGS(queue, chain, verdict),
	TP_STRUCT__entry(
		__array(char, vif, IFNAMSIZ)
		__field(u8, queue)
		__field(u8, verdict)
		__field(u16, total)
		__field(u16, nr)
		__field(u16, flags)
		__field(u16, gso_size)
		__field(u8, nr_extras)
	),
	TP_fast_assign(
		memcpy(__entry->vif, queue->vif->dev->name, IFNAMSIZ);
		__entry->queue = queue->index;
		__entry->verdict = verdict;
		__entry->total = chain->total;
		__entry->nr = chain->nr;
		__entry->flags = chain->flags;
		__entry->gso_size = chain->gso_size;
		__entry->nr_extras = chain->nr_extras;
	),
	TP_printk("%s-q%u %s %u in %u extras %u flags %x gso %u",
		  __entry->vif, __entry->queue,
		  NETBACK_TRACE_VERDICT(__entry->verdict), __entry->total,
		  __entry->nr, __entry->nr_extras, __entry->flags,
		  __entry->gso_size)
);

/* It was copied and is answered; if not all of it was, as an error. */
TRACE_EVENT(netback_tx_answered,
	TP_PROTO(const struct netback_queue *queue,
		 const struct netback_packet *packet, bool whole),
	TP_ARGS(queue, packet, whole),
	TP_STRUCT__entry(
		__array(char, vif, IFNAMSIZ)
		__field(u8, queue)
		__field(bool, whole)
		__field(u16, total)
	),
	TP_fast_assign(
		memcpy(__entry->vif, queue->vif->dev->name, IFNAMSIZ);
		__entry->queue = queue->index;
		__entry->whole = whole;
		__entry->total = packet->total;
	),
	TP_printk("%s-q%u %u whole %d", __entry->vif, __entry->queue,
		  __entry->total, __entry->whole)
);

DECLARE_EVENT_CLASS(netback_skb,
	TP_PROTO(const struct netback_queue *queue, const struct sk_buff *skb),
	TP_ARGS(queue, skb),
	TP_STRUCT__entry(
		__array(char, vif, IFNAMSIZ)
		__field(u8, queue)
		__field(u32, len)
		__field(u16, gso_size)
		__field(u8, pieces)
	),
	TP_fast_assign(
		memcpy(__entry->vif, queue->vif->dev->name, IFNAMSIZ);
		__entry->queue = queue->index;
		__entry->len = skb->len;
		__entry->gso_size = skb_shinfo(skb)->gso_size;
		__entry->pieces = min(netback_rx_pieces(skb), 255U);
	),
	TP_printk("%s-q%u %u in %u gso %u", __entry->vif, __entry->queue,
		  __entry->len, __entry->pieces, __entry->gso_size)
);

/* The stack's packet waits for the guest's slots. */
DEFINE_EVENT(netback_skb, netback_rx_queued,
	TP_PROTO(const struct netback_queue *queue, const struct sk_buff *skb),
	TP_ARGS(queue, skb)
);

/* It is with the guest, and its slots are answered. */
DEFINE_EVENT(netback_skb, netback_rx_answered,
	TP_PROTO(const struct netback_queue *queue, const struct sk_buff *skb),
	TP_ARGS(queue, skb)
);

/* The guest cannot have it, or did not take it in time. */
DEFINE_EVENT(netback_skb, netback_rx_dropped,
	TP_PROTO(const struct netback_queue *queue, const struct sk_buff *skb),
	TP_ARGS(queue, skb)
);

DECLARE_EVENT_CLASS(netback_poll,
	TP_PROTO(const struct netback_queue *queue, int done),
	TP_ARGS(queue, done),
	TP_STRUCT__entry(
		__array(char, vif, IFNAMSIZ)
		__field(u8, queue)
		__field(int, done)
	),
	TP_fast_assign(
		memcpy(__entry->vif, queue->vif->dev->name, IFNAMSIZ);
		__entry->queue = queue->index;
		__entry->done = done;
	),
	TP_printk("%s-q%u did %d", __entry->vif, __entry->queue, __entry->done)
);

/* A poll has looked at the ring of what the guest sends. */
DEFINE_EVENT(netback_poll, netback_tx_poll,
	TP_PROTO(const struct netback_queue *queue, int done),
	TP_ARGS(queue, done)
);

/* A poll has looked at what waits for the guest. */
DEFINE_EVENT(netback_poll, netback_rx_poll,
	TP_PROTO(const struct netback_queue *queue, int done),
	TP_ARGS(queue, done)
);

/* clang-format on */

#endif

/* Found through -I of the tree's root. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH netback
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
