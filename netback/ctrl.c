// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The control ring of a vif: messages of xen/interface/io/netif.h by which a
 * guest sets how packets to it are hashed. They are answered by a work, as
 * copies and changes may sleep; the data path neither waits for it nor makes it
 * wait.
 */

#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <xen/interface/io/netif.h>

#include "ctrl.h"
#include "keep.h"

/* The larger of request and response. */
#define SLOT (sizeof(struct xen_netif_ctrl_request))

static_assert(sizeof(struct xen_netif_ctrl_request) == 16);
static_assert(sizeof(struct xen_netif_ctrl_response) == 12);
/* A mapping is copied into one page. */
static_assert(NETBACK_HASH_ENTRIES * sizeof(u32) <= XEN_PAGE_SIZE);
static_assert(NETBACK_HASH_KEY_SIZE <= XEN_PAGE_SIZE);

/*
 * A guest that puts requests as fast as it can has a ring of them answered in
 * this time, so that it takes no CPU of dom0's for itself.
 */
#define PAUSE 1 /* jiffies */

/*
 * Copies the beginning of a granted page, once, to where the guest cannot
 * change it. A page that is paged out is waited for, 136 ms at most, in one
 * request of a pass only: the others are answered in time (gnt_copy_flush()).
 */
static bool fetch(struct netback_ctrl *ctrl, grant_ref_t ref, unsigned int len)
{
	struct gnt_span span = {
		.ref = ref,
		.len = len,
		.domid = ctrl->xbe->domid,
	};
	unsigned int failed;

	if (!len)
		return true;
	ctrl->batch->nr = 0;
	gnt_copy_add(ctrl->batch, GNT_FROM_GUEST, &span, ctrl->page, 0);
	failed = gnt_copy_flush(ctrl->batch, !ctrl->waited);
	ctrl->waited |= failed;
	return !failed;
}

static u32 set_key(struct netback_ctrl *ctrl,
		   const struct xen_netif_ctrl_request *req)
{
	u32 size = req->data[1];

	if (size > NETBACK_HASH_KEY_SIZE)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (!fetch(ctrl, req->data[0], size))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	return netback_hash_set_key(ctrl->hash, page_address(ctrl->page), size);
}

static u32 set_mapping(struct netback_ctrl *ctrl,
		       const struct xen_netif_ctrl_request *req)
{
	u32 nr = req->data[1];

	if (nr > NETBACK_HASH_ENTRIES)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (!fetch(ctrl, req->data[0], nr * sizeof(u32)))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	return netback_hash_set_mapping(ctrl->hash, page_address(ctrl->page),
					nr, req->data[2]);
}

/* Return: XEN_NETIF_CTRL_STATUS_*; @data is what the answer has besides. */
static u32 obey(struct netback_ctrl *ctrl,
		const struct xen_netif_ctrl_request *req, u32 *data)
{
	switch (req->type) {
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		return netback_hash_get_flags(ctrl->hash, data);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		return netback_hash_set_flags(ctrl->hash, req->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		return set_key(ctrl, req);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		*data = NETBACK_HASH_ENTRIES;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		return netback_hash_set_mapping_size(ctrl->hash, req->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		return set_mapping(ctrl, req);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		return netback_hash_set_algorithm(ctrl->hash, req->data[0]);
	default:
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	}
}

static void answer_one(struct netback_ctrl *ctrl)
{
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response *rsp;
	u32 data = 0;
	u32 status;

	xbe_ring_take(&ctrl->ring, &req, sizeof(req));
	status = obey(ctrl, &req, &data);
	rsp = xbe_ring_answer(&ctrl->ring);
	rsp->id = req.id;
	rsp->type = req.type;
	rsp->status = status;
	rsp->data = data;
	ctrl->requests++;
	ctrl->refused += status != XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/*
 * Answers what waits, a ring of requests at most, by one push and one event.
 * The answers say that it is done, and so it is by then; that no packet goes by
 * what was before is waited for behind them, once a pass.
 */
static void answer(struct netback_ctrl *ctrl, unsigned int waiting)
{
	ctrl->waited = false;
	while (waiting--)
		answer_one(ctrl);
	netback_hash_commit(ctrl->hash);
	if (xbe_ring_push(&ctrl->ring))
		evtchn_chan_notify(&ctrl->chan);
	netback_hash_settle(ctrl->hash);
	ctrl->worked = true;
}

static void pass(struct netback_ctrl *ctrl)
{
	int waiting = xbe_ring_waiting(&ctrl->ring);

	if (waiting < 0) {
		/* No EOI: there will be no other event. */
		ctrl->open = false;
		xbe_fault(ctrl->xbe, "ctrl: more requests than slots");
		return;
	}
	if (waiting)
		answer(ctrl, waiting);
	if (xbe_ring_want(&ctrl->ring, 1)) {
		queue_delayed_work(system_unbound_wq, &ctrl->work, PAUSE);
		return;
	}
	evtchn_chan_done(&ctrl->chan, EVTCHN_CHAN_PART0, ctrl->worked);
	ctrl->worked = false;
}

static void ctrl_work(struct work_struct *work)
{
	struct netback_ctrl *ctrl =
		container_of(to_delayed_work(work), struct netback_ctrl, work);

	mutex_lock(&ctrl->lock);
	if (ctrl->open)
		pass(ctrl);
	mutex_unlock(&ctrl->lock);
}

static void ctrl_event(struct evtchn_chan *chan)
{
	struct netback_ctrl *ctrl =
		container_of(chan, struct netback_ctrl, chan);

	queue_delayed_work(system_unbound_wq, &ctrl->work, 0);
}

/**
 * netback_ctrl_init() - prepare the control ring of a vif
 * @ctrl: zeroed
 * @xbe: the backend device
 * @hash: the vif's
 * @vif_name: of its net device
 *
 * Context: any.
 */
void netback_ctrl_init(struct netback_ctrl *ctrl, struct xbe_device *xbe,
		       struct netback_hash *hash, const char *vif_name)
{
	ctrl->xbe = xbe;
	ctrl->hash = hash;
	mutex_init(&ctrl->lock);
	INIT_DELAYED_WORK(&ctrl->work, ctrl_work);
	snprintf(ctrl->name, sizeof(ctrl->name), "%s-ctrl", vif_name);
}

/**
 * netback_ctrl_read() - read what the frontend says of its control ring
 * @ctrl: one that is not connected
 *
 * Context: the device's work; may sleep.
 * Return: 0, also when it has none, or a negative errno, reported.
 */
int netback_ctrl_read(struct netback_ctrl *ctrl)
{
	static const struct xbe_key ref = {
		.name = "ctrl-ring-ref",
		.min = 1,
		.max = U32_MAX,
		.offset = offsetof(struct netback_ctrl, ref),
	};
	static const struct xbe_key port = {
		.name = "event-channel-ctrl",
		.min = 1,
		.max = U32_MAX,
		.required = true,
		.offset = offsetof(struct netback_ctrl, port),
	};
	int err;

	ctrl->ref = 0;
	err = xbe_read_keys(ctrl->xbe, NULL, &ref, 1, ctrl);
	if (err || !ctrl->ref)
		return err;
	return xbe_read_keys(ctrl->xbe, NULL, &port, 1, ctrl);
}

static int start(struct netback_ctrl *ctrl, unsigned int nr_queues,
		 bool goes_on)
{
	int err;

	ctrl->batch = gnt_copy_alloc(1);
	ctrl->page = alloc_page(GFP_KERNEL);
	if (!ctrl->batch || !ctrl->page)
		return -ENOMEM;
	err = netback_hash_start(ctrl->hash, nr_queues);
	if (!err && goes_on)
		netback_keep_read(ctrl->xbe, ctrl->hash);
	return err;
}

static int bind(struct netback_ctrl *ctrl)
{
	int err;

	err = evtchn_chan_bind_interdomain(&ctrl->chan, ctrl->xbe->xdev,
					   ctrl->port, EVTCHN_CHAN_PART0,
					   ctrl->name, ctrl_event);
	if (err)
		xbe_error(ctrl->xbe, err,
			  "event-channel-ctrl is %u, not offered by domain %u",
			  ctrl->port, ctrl->xbe->domid);
	return err;
}

static int serve(struct netback_ctrl *ctrl, unsigned int nr_queues,
		 bool goes_on)
{
	grant_ref_t ref = ctrl->ref;
	int err;

	err = xbe_ring_map(&ctrl->ring, ctrl->xbe, &ref, 1, SLOT);
	if (err)
		return err;
	mutex_lock(&ctrl->lock);
	err = start(ctrl, nr_queues, goes_on);
	ctrl->worked = false;
	ctrl->open = !err;
	mutex_unlock(&ctrl->lock);
	return err ?: bind(ctrl);
}

/**
 * netback_ctrl_connect() - serve the frontend's control ring, if it has one
 * @ctrl: one that is not connected, after netback_ctrl_read()
 * @nr_queues: queues of the vif, 1 or more
 * @goes_on: an earlier module has served this connection: what was set then holds
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno, reported unless it is -ENOMEM;
 * netback_ctrl_disconnect() undoes what was done either way.
 */
int netback_ctrl_connect(struct netback_ctrl *ctrl, unsigned int nr_queues,
			 bool goes_on)
{
	int err = ctrl->ref ? serve(ctrl, nr_queues, goes_on) : 0;

	/* What was put before has brought its event to nobody. */
	if (ctrl->ref && !err)
		queue_delayed_work(system_unbound_wq, &ctrl->work, 0);
	return err;
}

/**
 * netback_ctrl_disconnect() - stop serving it; leave word of what it has set
 * @ctrl: connected wholly, in part or not at all
 *
 * Context: the device's work; may sleep, for a pass at most.
 */
void netback_ctrl_disconnect(struct netback_ctrl *ctrl)
{
	/* The work may be queued until the channel is unbound, and does nothing. */
	mutex_lock(&ctrl->lock);
	ctrl->open = false;
	mutex_unlock(&ctrl->lock);
	evtchn_chan_unbind(&ctrl->chan);
	cancel_delayed_work_sync(&ctrl->work);
	xbe_ring_unmap(&ctrl->ring);
	mutex_lock(&ctrl->lock);
	if (ctrl->hash->now)
		netback_keep_write(ctrl->xbe, ctrl->hash);
	netback_hash_stop(ctrl->hash);
	mutex_unlock(&ctrl->lock);
	gnt_copy_free(ctrl->batch);
	if (ctrl->page)
		__free_page(ctrl->page);
	ctrl->batch = NULL;
	ctrl->page = NULL;
}

static void show_config(const struct netback_hash_config *config,
			struct seq_file *m)
{
	unsigned int i;

	seq_printf(m, "hash_algorithm: %u\nhash_flags: %#x\nhash_key: %*phN\n",
		   config->algorithm, config->flags, NETBACK_HASH_KEY_SIZE,
		   config->key);
	seq_printf(m, "hash_mapping_size: %u\nhash_mapping:", config->size);
	for (i = 0; i < config->size; i++)
		seq_printf(m, " %u", config->queue[i]);
	seq_putc(m, '\n');
}

/**
 * netback_ctrl_show() - say what the ring did and what is set
 * @ctrl: connected or not
 * @m: a file in debugfs
 *
 * Context: may sleep.
 */
void netback_ctrl_show(struct netback_ctrl *ctrl, struct seq_file *m)
{
	mutex_lock(&ctrl->lock);
	seq_printf(m, "ctrl_requests: %llu\nctrl_refused: %llu\n",
		   ctrl->requests, ctrl->refused);
	seq_printf(m, "ctrl_events: %lu\nctrl_spurious: %lu\n",
		   READ_ONCE(ctrl->chan.events),
		   READ_ONCE(ctrl->chan.spurious));
	seq_printf(m, "ctrl_notifies: %lu\n", ctrl->chan.notifies);
	if (ctrl->hash->now)
		show_config(ctrl->hash->now, m);
	mutex_unlock(&ctrl->lock);
}
