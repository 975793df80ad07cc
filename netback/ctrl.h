/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The control ring of a vif.
 *
 * ctrl.c: netback_ctrl_init() netback_ctrl_read() netback_ctrl_connect()
 *         netback_ctrl_disconnect() netback_ctrl_show()
 */
#ifndef XEN_BACKENDS_NETBACK_CTRL_H
#define XEN_BACKENDS_NETBACK_CTRL_H

#include <linux/if.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "evtchn/evtchn.h"
#include "gntdev/gntdev.h"
#include "xenbus/xenbus.h"
#include "hash.h"

struct seq_file;

/**
 * struct netback_ctrl - the control ring of a vif
 * @xbe: the backend device
 * @hash: what the ring sets
 * @ref: grant reference, as the frontend says; 0 when it has no such ring. Of the
 *	device's work, and @port
 * @port: its channel, as the frontend says
 * @lock: protects @hash but for what packets see, @ring, @open and what is below
 *	it; taken by @work and by readers of statistics
 * @ring: the shared ring
 * @chan: its channel
 * @work: answers; it may sleep, and never runs twice at a time
 * @open: the ring is served
 * @worked: requests were found since the last EOI
 * @waited: a copy was waited for in the pass in hand
 * @batch: of one copy
 * @page: where that goes
 * @requests: how many were answered; since the vif was made, as all that follows
 * @refused: how many of them with an error
 * @name: of the interrupt: "vif1.0-ctrl"
 */
struct netback_ctrl {
	struct xbe_device *xbe;
	struct netback_hash *hash;
	u32 ref;
	u32 port;
	struct mutex lock; /* see above */
	struct xbe_ring ring;
	struct evtchn_chan chan;
	struct delayed_work work;
	bool open;
	bool worked;
	bool waited;
	struct gnt_copy_batch *batch;
	struct page *page;
	u64 requests;
	u64 refused;
	char name[IFNAMSIZ + 8];
};

void netback_ctrl_init(struct netback_ctrl *ctrl, struct xbe_device *xbe,
		       struct netback_hash *hash, const char *vif_name);
int netback_ctrl_read(struct netback_ctrl *ctrl);
int netback_ctrl_connect(struct netback_ctrl *ctrl, unsigned int nr_queues,
			 bool goes_on);
void netback_ctrl_disconnect(struct netback_ctrl *ctrl);
void netback_ctrl_show(struct netback_ctrl *ctrl, struct seq_file *m);

#endif
