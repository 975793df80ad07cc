/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * xen-netback: a vif and its queues. Directions are named as the guest has
 * them: tx is out of the guest, rx is into it.
 *
 * xenbus.c: netback_ops
 * vif.c:    netback_vif_create() netback_vif_destroy() netback_vif_connect()
 *           netback_vif_disconnect() netback_vif_disable()
 * queue.c:  netback_queue_connect() netback_queue_disconnect()
 *           netback_queue_up() netback_queue_down() netback_queue_init()
 *           netback_queue_exit()
 * tx.c:     netback_tx_poll() netback_tx_again() netback_tx_end()
 * memory.c: netback_page_alloc() netback_packet_alloc() netback_packet_free()
 * skb.c:    netback_skb_build() netback_skb_finish()
 * deliver.c: netback_deliver() netback_deliver_skb()
 * rx.c:     netback_rx_xmit() netback_rx_frame() netback_rx_poll() netback_rx_purge()
 *           netback_rx_overdue() netback_rx_resume()
 * mtu.c:    netback_mtu_change() netback_mtu_fit()
 * link.c:   netback_link_changed() netback_link_tell()
 * slots.c:  netback_rx_gso_type() netback_rx_pieces() netback_rx_ops()
 *           netback_rx_slots() netback_rx_lay() netback_rx_answer()
 * ethtool.c: netback_ethtool_ops
 * stats.c:  netback_stats_read() netback_stats_rx() netback_stats_sum()
 *           netback_debug_add() netback_debug_remove()
 */
#ifndef XEN_BACKENDS_NETBACK_H
#define XEN_BACKENDS_NETBACK_H

#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <net/xdp.h>

#include "evtchn/evtchn.h"
#include "gntdev/gntdev.h"
#include "xenbus/xenbus.h"
#include "carrier.h"
#include "coalesce.h"
#include "counters.h"
#include "ctrl.h"
#include "hash.h"
#include "headroom.h"
#include "mcast.h"
#include "place.h"
#include "rate.h"
#include "timing.h"
#include "wire.h"
#include "xdp.h"

#define NETBACK_QUEUES_LIMIT 64

extern bool netback_separate_channels;
extern bool netback_provides_headroom;
extern unsigned int netback_max_queues;
extern unsigned int netback_fatal_slots;
extern unsigned int netback_drain_msecs;
extern unsigned int netback_stall_msecs;

/* Packets that wait for a guest to post buffers; BQL keeps it near empty. */
#define NETBACK_RX_QUEUE 1024
/* Slots of either ring, which is a page. */
#define NETBACK_RING 256

/**
 * struct netback_offload - what a guest leaves to us, or says that it has done
 * @flags: XEN_NETTXF_* of the packet's first slot
 * @gso_size: bytes a segment, or 0
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 */
struct netback_offload {
	u16 flags;
	u16 gso_size;
	u8 gso_type;
};

/**
 * struct netback_packet - a packet on its way out of the guest
 * @place: where its bytes are copied to
 * @cell: the page of its cell; NULL once that is the skb's or given back
 * @cell_at: where in that page the cell begins
 * @nr_pages: how many of @page are there
 * @page: the pages
 * @total: bytes
 * @offload: what is to be done with it
 * @nr_extras: slots to answer that carried no piece
 * @nr: pieces
 * @id: of each piece, to be echoed
 * @op: @op[i] is the first copy of piece i in the batch, @op[i + 1] the end
 */
struct netback_packet {
	struct netback_place place;
	struct page *cell;
	unsigned int cell_at;
	unsigned int nr_pages;
	struct page *page[NETBACK_PACKET_PAGES];
	u16 total;
	struct netback_offload offload;
	u8 nr_extras;
	u16 nr;
	u16 id[NETBACK_LEGAL_SLOTS];
	u16 op[NETBACK_LEGAL_SLOTS + 1];
};

/**
 * struct netback_tx - out of the guest; all of it belongs to the poll
 * @ring: the shared ring
 * @napi: the poll
 * @pool: pages that packets are copied to, whole or cut into cells; lives as long
 *	as the net device, because packets of an earlier connection may still be in
 *	the stack
 * @batch: the copies of a poll
 * @packet: the packets of a poll, NAPI_POLL_WEIGHT of them
 * @nr: how many of them are in use
 * @chain: the packet being read
 * @listed: packets that must not be overtaken wait in the list of the poll
 * @held: requests wait for the vif's limit; for @again to go off
 * @holds: how often they had to
 * @again: schedules the poll when the limit allows more, or more may have come
 * @coalesce: whether the poll waits for more instead of an event
 * @worked: the frontend has put requests since the last EOI
 * @fixups: packets to be segmented whose checksum was not blank
 * @rxq: what XDP is told of @pool; as long as that
 * @counters: statistics; of the poll
 * @xdp: the same of what programs have seen
 * @timing: histograms; of the poll
 */
struct netback_tx {
	struct xbe_ring ring;
	struct napi_struct napi;
	struct page_pool *pool;
	struct gnt_copy_batch *batch;
	struct netback_packet *packet;
	unsigned int nr;
	struct netback_chain *chain;
	bool listed;
	bool held;
	unsigned long holds;
	struct hrtimer again;
	struct netback_coalesce coalesce;
	bool worked;
	unsigned long fixups;
	struct xdp_rxq_info rxq;
	struct netback_counters counters;
	struct netback_xdp_counters xdp;
	struct netback_timing timing;
};

/**
 * struct netback_rx_slot - a slot of the guest's that data is copied to
 * @ref: grant reference
 * @id: of the request, echoed
 * @flags: XEN_NETRXF_*
 * @offset: where the first of them is
 * @len: bytes put into it
 * @op: index of its first copy in the batch
 * @nr_ops: copies
 * @gso_size: when not 0 the slot carries the GSO extra and no data
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @hashed: when valid the slot carries the hash extra and no data
 * @headroom: when not 0 the slot carries the XDP extra and no data
 */
struct netback_rx_slot {
	grant_ref_t ref;
	u16 id;
	u16 flags;
	u16 offset;
	u16 len;
	u16 op;
	u16 nr_ops;
	u16 gso_size;
	u8 gso_type;
	struct netback_hashed hashed;
	u16 headroom;
};

/**
 * struct netback_cb - what is kept with a packet that waits for the guest
 * @expires: when it is dropped if the guest has not taken it by then, jiffies
 * @queued: when it was queued, as netback_timing_now() has it
 * @hashed: its hash; counted as a slot and written, so it must not change
 * @stack: the stack has sent it, and no XDP program
 * @whole: no piece of it is cut by the end of a slot; of netback_rx_slots()
 */
struct netback_cb {
	unsigned long expires;
	u64 queued;
	struct netback_hashed hashed;
	bool stack;
	bool whole;
};

static_assert(sizeof(struct netback_cb) <= sizeof_field(struct sk_buff, cb));

static inline struct netback_cb *netback_cb(const struct sk_buff *skb)
{
	return (struct netback_cb *)skb->cb;
}

/**
 * struct netback_rx - into the guest
 * @ring: the shared ring; of the poll
 * @napi: the poll
 * @waiting: packets from the stack; produced under the netdev's tx lock,
 *	consumed by the poll
 * @batch: the copies of a poll
 * @slot: slots used by a poll and not yet answered
 * @nr_slots: how many
 * @failed: copies of the last batch that have failed
 * @headroom: bytes in front of each packet, while a poll lasts
 * @done: packets whose copies are in @batch
 * @worked: the frontend has posted slots since the last EOI
 * @open: packets are taken from the stack; changed under the tx lock
 * @overdue: armed while the guest has posted too few buffers, for the time of
 *	the first packet that waits
 * @late: it went off
 * @want: slots that the first packet wants
 * @bytes_in: bytes put into @waiting; under the tx lock
 * @bytes_out: bytes that left it; of the poll
 * @stalled: it did not post any for rx_drain_timeout_msecs: packets are
 *	dropped instead of queued until it does
 * @off: it has gone on for rx_stall_timeout_msecs: the carrier is off for it
 * @counters: statistics; of the poll, or of who has it disabled
 * @refused: packets dropped before they were queued; under the tx lock
 * @timing: histograms; of the poll
 */
struct netback_rx {
	struct xbe_ring ring;
	struct napi_struct napi;
	struct ptr_ring waiting;
	struct gnt_copy_batch *batch;
	struct netback_rx_slot *slot;
	unsigned int nr_slots;
	unsigned int failed;
	unsigned int headroom;
	struct sk_buff_head done;
	bool worked;
	bool open;
	struct timer_list overdue;
	bool late;
	unsigned int want;
	u32 bytes_in;
	u32 bytes_out;
	bool stalled;
	bool off;
	struct netback_counters counters;
	struct netback_counters refused;
	struct netback_timing timing;
};

/**
 * struct netback_queue - a queue of a vif
 * @vif: whose it is
 * @index: queue number
 * @connected: its rings are mapped; changed with both polls disabled and rx
 *	closed to the stack
 * @broken: the frontend broke a ring: nothing is taken any more
 * @chan: its channels; @chan[1] is bound only when they are split
 * @rx_chan: the one that rx uses
 * @rx_part: what rx owes it
 * @tx: out of the guest
 * @rx: into the guest
 * @name: of the interrupts: "vif1.0-q0-tx"
 */
struct netback_queue {
	struct netback_vif *vif;
	unsigned int index;
	bool connected;
	bool broken;
	struct evtchn_chan chan[2];
	struct evtchn_chan *rx_chan;
	int rx_part;
	struct netback_tx tx;
	struct netback_rx rx;
	char name[2][IFNAMSIZ + 16];
};

/**
 * struct netback_features - what the frontend can receive
 * @sg: packets of more than one slot
 * @gso_tcpv4: TCP over IPv4 packets that it segments itself
 * @gso_tcpv6: the same over IPv6
 * @no_csum: it cannot take blank IPv4 checksums
 * @ipv6_csum: it can take blank IPv6 checksums
 * @rx_notify: it sends an event when it posts rx slots
 */
struct netback_features {
	u32 sg;
	u32 gso_tcpv4;
	u32 gso_tcpv6;
	u32 no_csum;
	u32 ipv6_csum;
	u32 rx_notify;
};

/**
 * struct netback_vif - a virtual interface: the private part of its netdev
 * @xbe: the backend device
 * @dev: the netdev
 * @features: of the frontend, while connected
 * @rate: how much the guest may send
 * @ctrl: the control ring
 * @hash: what that has set
 * @carrier: what its carrier follows from
 * @mcast: the multicast packets that the guest wants
 * @headroom: the room that it wants in front of packets
 * @xdp: the programs that see what it sends
 * @pin: which one its key names
 * @coalesce_us: longest wait of a tx poll for more packets, 0 for none; under the
 *	RTNL, read by the polls
 * @served: a frontend was served since the device was bound; of the device's work
 * @connected: the frontend is served; under the RTNL
 * @cut_mtu: the MTU before a frontend came that can take less, 0 when nobody cut
 *	it; under the RTNL
 * @link_told: the node "carrier" was written; of the device's work
 * @link: what it says; the same
 * @nr_queues: queues in use while connected
 * @max_queues: most queues that its frontend may have
 * @queue: @max_queues of them; they live as long as the netdev, so that
 *	statistics may be read at any time
 * @debug: its file in debugfs
 */
struct netback_vif {
	struct xbe_device *xbe;
	struct net_device *dev;
	struct netback_features features;
	struct netback_rate rate;
	struct netback_ctrl ctrl;
	struct netback_hash hash;
	struct netback_carrier carrier;
	struct netback_mcast mcast;
	struct netback_headroom headroom;
	struct netback_xdp xdp;
	struct netback_pin pin;
	unsigned int coalesce_us;
	bool served;
	bool connected;
	unsigned int cut_mtu;
	bool link_told;
	bool link;
	unsigned int nr_queues;
	unsigned int max_queues;
	struct netback_queue *queue;
	struct dentry *debug;
};

/* xenbus.c */
extern const struct xbe_ops netback_ops;

/* vif.c */
struct netback_vif *netback_vif_create(struct xbe_device *xbe,
				       unsigned int handle,
				       unsigned int max_queues);
void netback_vif_destroy(struct netback_vif *vif);
int netback_vif_connect(struct netback_vif *vif, unsigned int nr_queues);
void netback_vif_disconnect(struct netback_vif *vif);
void netback_vif_disable(struct netback_vif *vif);

/* queue.c */
int netback_queue_connect(struct netback_queue *queue, const char *subdir);
void netback_queue_disconnect(struct netback_queue *queue);
void netback_queue_up(struct netback_queue *queue);
void netback_queue_down(struct netback_queue *queue);
void netback_queue_init(struct netback_vif *vif, unsigned int index);
void netback_queue_exit(struct netback_queue *queue);

/**
 * netback_broken() - stop taking from a queue whose frontend broke its ring
 * @queue: the queue
 * @why: a string constant
 *
 * Context: the queue's polls; the rest follows in the device's work (XSA-90).
 */
static inline void netback_broken(struct netback_queue *queue, const char *why)
{
	WRITE_ONCE(queue->broken, true);
	xbe_fault(queue->vif->xbe, why);
}

/**
 * netback_shared() - whether a queue has one channel for both directions
 * @queue: a connected queue
 *
 * Its channel is masked while one of the polls has yet to end: a poll that goes
 * on schedules the other, which no event can.
 *
 * Return: true when it has.
 */
static inline bool netback_shared(const struct netback_queue *queue)
{
	return queue->rx_chan == &queue->chan[0];
}

/* tx.c */
int netback_tx_poll(struct napi_struct *napi, int budget);
enum hrtimer_restart netback_tx_again(struct hrtimer *timer);
void netback_tx_end(struct netback_queue *queue);

/* memory.c */
struct page *netback_page_alloc(struct netback_queue *queue);
bool netback_packet_alloc(struct netback_queue *queue,
			  struct netback_packet *packet);
void netback_packet_free(struct netback_queue *queue,
			 struct netback_packet *packet);

/* skb.c */
struct sk_buff *netback_skb_build(struct netback_queue *queue,
				  struct netback_packet *packet);
struct sk_buff *netback_skb_finish(struct netback_queue *queue,
				   struct sk_buff *skb,
				   const struct netback_offload *offload);

/* deliver.c */
void netback_deliver_skb(struct netback_queue *queue, struct sk_buff *skb,
			 struct list_head *list);
void netback_deliver(struct netback_queue *queue, struct netback_packet *packet,
		     struct list_head *list);

/* rx.c */
netdev_tx_t netback_rx_xmit(struct netback_queue *queue, struct sk_buff *skb,
			    bool more);
void netback_rx_frame(struct netback_queue *queue, struct sk_buff *skb);
int netback_rx_poll(struct napi_struct *napi, int budget);
void netback_rx_purge(struct netback_queue *queue);
void netback_rx_overdue(struct timer_list *timer);
void netback_rx_resume(struct netback_queue *queue);

/* mtu.c */
int netback_mtu_change(struct net_device *dev, int mtu);
void netback_mtu_fit(struct netback_vif *vif);

/* link.c */
void netback_link_changed(struct netback_vif *vif);
void netback_link_tell(struct netback_vif *vif);

/* slots.c */
/*
 * Copies that a batch holds. A packet of many pieces, as GRO makes them of what a
 * NIC received, has to fit it: one of NETBACK_RX_PIECES does.
 */
#define NETBACK_RX_OPS 512
#define NETBACK_RX_PIECES                                           \
	(NETBACK_RX_OPS / 2 -                                       \
	 DIV_ROUND_UP(NETBACK_HEADROOM_MAX + XEN_NETIF_MAX_TX_SIZE, \
		      XEN_PAGE_SIZE))
u8 netback_rx_gso_type(const struct sk_buff *skb);
unsigned int netback_rx_pieces(const struct sk_buff *skb);
unsigned int netback_rx_ops(const struct sk_buff *skb, unsigned int headroom);
unsigned int netback_rx_slots(const struct sk_buff *skb, unsigned int headroom,
			      unsigned int posted);
void netback_rx_lay(struct netback_queue *queue, struct sk_buff *skb);
void netback_rx_answer(struct netback_queue *queue);

/* ethtool.c */
extern const struct ethtool_ops netback_ethtool_ops;

/* stats.c */
void netback_stats_read(const struct netback_counters *from,
			struct netback_sums *to);
void netback_stats_rx(const struct netback_rx *rx, struct netback_sums *to);
void netback_stats_sum(const struct netback_vif *vif,
		       struct rtnl_link_stats64 *sum);
void netback_debug_add(struct netback_vif *vif);
void netback_debug_remove(struct netback_vif *vif);

#endif
