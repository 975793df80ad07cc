/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Tracepoints: /sys/kernel/tracing/events/xen_blkback. A no-op each when off. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xen_blkback

#if !defined(XEN_BACKENDS_BLKBACK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define XEN_BACKENDS_BLKBACK_TRACE_H

#include <linux/tracepoint.h>

#include "blkback.h"

/* clang-format off */
#define BLKBACK_TRACE_OP(op) \
	__print_symbolic(op, { BLKBACK_READ, "read" }, \
			 { BLKBACK_WRITE, "write" }, \
			 { BLKBACK_FLUSH, "flush" }, \
			 { BLKBACK_BARRIER, "barrier" }, \
			 { BLKBACK_DISCARD, "discard" })

DECLARE_EVENT_CLASS(blkback_io,
	TP_PROTO(const struct blkback_io *io),
	TP_ARGS(io),
	TP_STRUCT__entry(
		__array(char, ring, sizeof_field(struct blkback_ring, name))
		__field(u64, id)
		__field(u64, sector)
		__field(u32, nr_sectors)
		__field(u16, nr_segs)
		__field(u8, op)
		__field(u8, wire_op)
		__field(s16, status)
	),
	TP_fast_assign(
		memcpy(__entry->ring, io->ring->name, sizeof(__entry->ring));
		__entry->id = io->req.id;
		__entry->sector = io->req.sector;
		__entry->nr_sectors = io->req.nr_sectors;
		__entry->nr_segs = io->req.nr_segs;
		__entry->op = io->req.op;
		__entry->wire_op = io->req.wire_op;
		__entry->status = io->status;
	),
	TP_printk("%s id %llx %s %llu + %u in %u status %d wire %u",
		  __entry->ring, __entry->id, BLKBACK_TRACE_OP(__entry->op),
		  __entry->sector, __entry->nr_sectors, __entry->nr_segs,
		  __entry->status, __entry->wire_op)
);

/* Copied out of the ring and parsed; with another status than 0 it ends here. */
DEFINE_EVENT(blkback_io, blkback_taken,
	TP_PROTO(const struct blkback_io *io),
	TP_ARGS(io)
);

/* Its data is in place: it goes to what is below. */
DEFINE_EVENT(blkback_io, blkback_submitted,
	TP_PROTO(const struct blkback_io *io),
	TP_ARGS(io)
);

/* What is below has finished. */
DEFINE_EVENT(blkback_io, blkback_finished,
	TP_PROTO(const struct blkback_io *io),
	TP_ARGS(io)
);

/* It is answered with an error, for whatever reason. */
DEFINE_EVENT(blkback_io, blkback_error,
	TP_PROTO(const struct blkback_io *io),
	TP_ARGS(io)
);

/* The thread went over its ring. */
TRACE_EVENT(blkback_pass,
	TP_PROTO(const struct blkback_ring *ring, bool took),
	TP_ARGS(ring, took),
	TP_STRUCT__entry(
		__array(char, ring, sizeof_field(struct blkback_ring, name))
		__field(u32, inflight)
		__field(bool, took)
	),
	TP_fast_assign(
		memcpy(__entry->ring, ring->name, sizeof(__entry->ring));
		__entry->inflight = atomic_read(&ring->inflight);
		__entry->took = took;
	),
	TP_printk("%s took %d inflight %u", __entry->ring, __entry->took,
		  __entry->inflight)
);
/* clang-format on */

#endif

/* Found through -I of the tree's root. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH blkback
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
