// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A queue of a vif: its rings, channels and polls, connected and let go. */

#include <linux/slab.h>
#include COMPAT_PAGE_POOL_H

#include "netback.h"

/* 7 packets of most pieces, or a whole poll of small ones; 10 KiB. */
#define TX_BATCH_OPS 256
static_assert(TX_BATCH_OPS >= 2 * NETBACK_LEGAL_SLOTS);

static void both_event(struct evtchn_chan *chan)
{
	struct netback_queue *queue =
		container_of(chan, struct netback_queue, chan[0]);

	napi_schedule(&queue->tx.napi);
	napi_schedule(&queue->rx.napi);
}

static void tx_event(struct evtchn_chan *chan)
{
	struct netback_queue *queue =
		container_of(chan, struct netback_queue, chan[0]);

	napi_schedule(&queue->tx.napi);
}

static void rx_event(struct evtchn_chan *chan)
{
	struct netback_queue *queue =
		container_of(chan, struct netback_queue, chan[1]);

	napi_schedule(&queue->rx.napi);
}

/**
 * struct queue_keys - what the frontend says of a queue
 * @tx_ref: grant reference of the tx ring
 * @rx_ref: of the rx ring
 * @port: the one channel, 0 when they are split
 * @tx_port: channel of the tx ring, 0 when they are not
 * @rx_port: of the rx ring
 */
struct queue_keys {
	u32 tx_ref;
	u32 rx_ref;
	u32 port;
	u32 tx_port;
	u32 rx_port;
};

#define QUEUE_KEY(_name, _field)                               \
	{                                                      \
		.name = (_name), .max = U32_MAX,               \
		.offset = offsetof(struct queue_keys, _field), \
	}

static int read_keys(struct netback_queue *queue, const char *subdir,
		     struct queue_keys *keys)
{
	struct xbe_key table[] = {
		QUEUE_KEY("tx-ring-ref", tx_ref),
		QUEUE_KEY("rx-ring-ref", rx_ref),
		QUEUE_KEY("event-channel-tx", tx_port),
		QUEUE_KEY("event-channel-rx", rx_port),
		QUEUE_KEY("event-channel", port),
	};
	struct xbe_device *xbe = queue->vif->xbe;
	int err;

	table[0].required = true;
	table[1].required = true;
	err = xbe_read_keys(xbe, subdir, table, 4, keys);
	if (err)
		return err;
	/* netif.h: both of the split ones, or the one. */
	if (keys->tx_port && keys->rx_port) {
		keys->port = 0;
	} else {
		table[4].required = true;
		table[4].min = 1;
		keys->tx_port = 0;
		keys->rx_port = 0;
		err = xbe_read_keys(xbe, subdir, &table[4], 1, keys);
		if (err)
			return err;
	}
	if (keys->tx_ref == keys->rx_ref) {
		xbe_error(xbe, -EINVAL,
			  "tx-ring-ref and rx-ring-ref are both %u",
			  keys->tx_ref);
		return -EINVAL;
	}
	return 0;
}

static int bind_one(struct netback_queue *queue, unsigned int i, u32 port,
		    int parts, evtchn_chan_fn fn, const char *suffix)
{
	struct netback_vif *vif = queue->vif;
	int err;

	snprintf(queue->name[i], sizeof(queue->name[i]), "%s-q%u%s",
		 vif->dev->name, queue->index, suffix);
	err = evtchn_chan_bind_interdomain(&queue->chan[i], vif->xbe->xdev,
					   port, parts, queue->name[i], fn);
	if (err)
		xbe_error(vif->xbe, err,
			  "event-channel%s is %u, not offered by domain %u",
			  suffix, port, vif->xbe->domid);
	return err;
}

static int bind_channels(struct netback_queue *queue,
			 const struct queue_keys *keys)
{
	int err;

	if (keys->port) {
		queue->rx_chan = &queue->chan[0];
		queue->rx_part = EVTCHN_CHAN_PART1;
		return bind_one(queue, 0, keys->port,
				EVTCHN_CHAN_PART0 | EVTCHN_CHAN_PART1,
				both_event, "");
	}
	queue->rx_chan = &queue->chan[1];
	queue->rx_part = EVTCHN_CHAN_PART0;
	err = bind_one(queue, 0, keys->tx_port, EVTCHN_CHAN_PART0, tx_event,
		       "-tx");
	if (err)
		return err;
	return bind_one(queue, 1, keys->rx_port, EVTCHN_CHAN_PART0, rx_event,
			"-rx");
}

/* What a poll of large packets takes comes back while the next one takes as much. */
static int make_pool(struct netback_queue *queue)
{
	const struct page_pool_params params = {
		.flags = COMPAT_PAGE_POOL_PARTS,
		.pool_size = NAPI_POLL_WEIGHT * 4,
		.nid = NUMA_NO_NODE,
	};
	struct netback_tx *tx = &queue->tx;
	struct page_pool *pool;
	int err;

	if (tx->pool)
		return 0;
	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = __xdp_rxq_info_reg(&tx->rxq, queue->vif->dev, queue->index,
				 tx->napi.napi_id, PAGE_SIZE);
	if (err)
		goto destroy;
	err = xdp_rxq_info_reg_mem_model(&tx->rxq, MEM_TYPE_PAGE_POOL, pool);
	if (err)
		goto unreg;
	tx->pool = pool;
	return 0;
unreg:
	xdp_rxq_info_unreg(&tx->rxq);
destroy:
	page_pool_destroy(pool);
	return err;
}

static int alloc_tx(struct netback_queue *queue)
{
	struct netback_tx *tx = &queue->tx;
	int err;

	err = make_pool(queue);
	if (err)
		return err;
	tx->batch = gnt_copy_alloc(TX_BATCH_OPS);
	tx->packet =
		kvcalloc(NAPI_POLL_WEIGHT, sizeof(*tx->packet), GFP_KERNEL);
	tx->chain = kzalloc(sizeof(*tx->chain), GFP_KERNEL);
	tx->nr = 0;
	return tx->batch && tx->packet && tx->chain ? 0 : -ENOMEM;
}

static int alloc_rx(struct netback_rx *rx)
{
	rx->batch = gnt_copy_alloc(NETBACK_RX_OPS);
	rx->slot = kvcalloc(NETBACK_RING, sizeof(*rx->slot), GFP_KERNEL);
	if (!rx->batch || !rx->slot)
		return -ENOMEM;
	rx->nr_slots = 0;
	rx->stalled = false;
	rx->off = false;
	rx->late = false;
	__skb_queue_head_init(&rx->done);
	timer_setup(&rx->overdue, netback_rx_overdue, 0);
	return ptr_ring_init(&rx->waiting, NETBACK_RX_QUEUE, GFP_KERNEL);
}

static int map_rings(struct netback_queue *queue, struct queue_keys *keys)
{
	struct xbe_device *xbe = queue->vif->xbe;
	int err;

	err = xbe_ring_map(&queue->tx.ring, xbe, &keys->tx_ref, 1,
			   NETBACK_TX_SLOT);
	if (err)
		return err;
	return xbe_ring_map(&queue->rx.ring, xbe, &keys->rx_ref, 1,
			    NETBACK_RX_SLOT);
}

/**
 * netback_queue_connect() - map and bind a queue
 * @queue: a queue that is not connected
 * @subdir: where the frontend wrote what is this queue's: "queue-0", or NULL
 *
 * Its polls are disabled: netback_queue_up() starts it.
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno, reported; netback_queue_disconnect() undoes
 * what was done either way.
 */
int netback_queue_connect(struct netback_queue *queue, const char *subdir)
{
	struct queue_keys keys = {};
	int err;

	queue->broken = false;
	err = alloc_rx(&queue->rx);
	if (err)
		return err;
	err = alloc_tx(queue);
	if (err)
		return err;
	err = read_keys(queue, subdir, &keys);
	if (err)
		return err;
	err = map_rings(queue, &keys);
	if (err)
		return err;
	queue->connected = true;
	return bind_channels(queue, &keys);
}

static void free_tx(struct netback_tx *tx)
{
	gnt_copy_free(tx->batch);
	kvfree(tx->packet);
	kfree(tx->chain);
	tx->batch = NULL;
	tx->packet = NULL;
	tx->chain = NULL;
}

static void free_rx(struct netback_rx *rx)
{
	/* It is the last thing made: all else is there when it is. */
	if (rx->waiting.queue)
		ptr_ring_cleanup(&rx->waiting, NULL);
	gnt_copy_free(rx->batch);
	kvfree(rx->slot);
	memset(&rx->waiting, 0, sizeof(rx->waiting));
	rx->batch = NULL;
	rx->slot = NULL;
}

/**
 * netback_queue_disconnect() - unbind and unmap a queue
 * @queue: a queue with its polls disabled, connected wholly, in part or not
 *
 * Context: the device's work; may sleep.
 */
void netback_queue_disconnect(struct netback_queue *queue)
{
	evtchn_chan_unbind(&queue->chan[0]);
	evtchn_chan_unbind(&queue->chan[1]);
	queue->connected = false;
	xbe_ring_unmap(&queue->tx.ring);
	xbe_ring_unmap(&queue->rx.ring);
	free_tx(&queue->tx);
	free_rx(&queue->rx);
}

/*
 * No xmit is under way once this returns, and none puts a packet into the
 * queue while it is closed, whether the stack's queue is stopped or not.
 */
static void set_open(struct netback_queue *queue, bool open)
{
	struct netdev_queue *from =
		netdev_get_tx_queue(queue->vif->dev, queue->index);

	__netif_tx_lock_bh(from);
	queue->rx.open = open;
	__netif_tx_unlock_bh(from);
}

/**
 * netback_queue_init() - make a queue of a net device that is not registered yet
 * @vif: the vif
 * @index: the queue's number
 *
 * Its polls are born disabled: an event before netback_queue_up() waits.
 *
 * Context: may sleep.
 */
void netback_queue_init(struct netback_vif *vif, unsigned int index)
{
	struct netback_queue *queue = &vif->queue[index];

	queue->vif = vif;
	queue->index = index;
	u64_stats_init(&queue->tx.counters.sync);
	u64_stats_init(&queue->tx.xdp.sync);
	u64_stats_init(&queue->rx.counters.sync);
	u64_stats_init(&queue->rx.refused.sync);
	hrtimer_init(&queue->tx.again, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED);
	queue->tx.again.function = netback_tx_again;
	netif_napi_add(vif->dev, &queue->tx.napi, netback_tx_poll);
	netif_napi_add(vif->dev, &queue->rx.napi, netback_rx_poll);
}

/**
 * netback_queue_exit() - undo netback_queue_init()
 * @queue: a queue that is not connected, of a net device that is not registered
 *
 * A grace period has to pass before its memory is freed.
 *
 * Context: may sleep.
 */
void netback_queue_exit(struct netback_queue *queue)
{
	__netif_napi_del(&queue->tx.napi);
	__netif_napi_del(&queue->rx.napi);
	/* Pages that are in the stack still come back to it, and end it. */
	if (queue->tx.pool) {
		xdp_rxq_info_unreg(&queue->tx.rxq);
		page_pool_destroy(queue->tx.pool);
	}
}

/**
 * netback_queue_up() - start serving a connected queue
 * @queue: the queue
 *
 * Context: under the RTNL; may sleep.
 */
void netback_queue_up(struct netback_queue *queue)
{
	netback_coalesce_start(&queue->tx.coalesce);
	napi_enable(&queue->tx.napi);
	napi_enable(&queue->rx.napi);
	netback_rx_resume(queue);
	set_open(queue, true);
	/* Events that came before found the polls disabled. */
	local_bh_disable();
	napi_schedule(&queue->tx.napi);
	napi_schedule(&queue->rx.napi);
	local_bh_enable();
}

/**
 * netback_queue_down() - stop serving a queue, drop what waits in it
 * @queue: a queue that is up
 *
 * Context: under the RTNL; may sleep.
 */
void netback_queue_down(struct netback_queue *queue)
{
	set_open(queue, false);
	del_timer_sync(&queue->rx.overdue);
	napi_disable(&queue->tx.napi);
	napi_disable(&queue->rx.napi);
	/* The last polls may have armed them again. */
	del_timer_sync(&queue->rx.overdue);
	hrtimer_cancel(&queue->tx.again);
	local_bh_disable();
	netback_rx_purge(queue);
	local_bh_enable();
}
