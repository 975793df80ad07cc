/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What rings and vbds count; stats.c and debug.c show it. */
#ifndef XEN_BACKENDS_BLKBACK_STATS_H
#define XEN_BACKENDS_BLKBACK_STATS_H

#include <linux/types.h>

/**
 * struct blkback_stats - what a ring or a vbd did
 * @rd_req: read requests taken
 * @wr_req: write requests taken
 * @f_req: flush requests taken
 * @ds_req: discard requests taken
 * @oo_req: passes that left requests waiting for want of memory
 * @rd_sect: sectors of 512 bytes read
 * @wr_sect: sectors of 512 bytes written
 * @errors: requests answered with an error
 * @passes: ring passes
 * @direct: requests answered where the disk completed them, no pass needed
 * @polled: requests found by a thread that slept in the hypervisor
 * @wakeups: times the ring thread was woken
 * @events: events received
 * @spurious: events that brought no request
 * @notifies: events sent
 */
struct blkback_stats {
	u64 rd_req;
	u64 wr_req;
	u64 f_req;
	u64 ds_req;
	u64 oo_req;
	u64 rd_sect;
	u64 wr_sect;
	u64 errors;
	u64 passes;
	u64 direct;
	u64 polled;
	u64 wakeups;
	u64 events;
	u64 spurious;
	u64 notifies;
};

#endif
