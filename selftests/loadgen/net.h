/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * netif as a frontend speaks it: one queue, packets out and in. Directions are
 * the guest's: tx is out of it, rx into it.
 *
 * net.c: lg_net_offer() lg_net_connected() lg_net_release() lg_net_tx_put()
 *        lg_net_tx_push() lg_net_tx_answered() lg_net_tx_take()
 *        lg_net_rx_post() lg_net_rx_want() lg_net_rx_take()
 */
#ifndef XEN_LOADGEN_NET_H
#define XEN_LOADGEN_NET_H

#include <linux/if_ether.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <xen/interface/io/netif.h>

#include "loadgen.h"

#define LG_NET_RING __CONST_RING_SIZE(xen_netif_tx, XEN_PAGE_SIZE)

/**
 * struct lg_net_frame - a frame to be sent
 * @page: number of the first of its tx pages
 * @bytes: length
 * @gso_size: bytes a segment of TCP over IPv4, 0 when it is not segmented
 */
struct lg_net_frame {
	unsigned int page;
	unsigned int bytes;
	unsigned int gso_size;
};

/**
 * struct lg_net_packet - a packet received
 * @bytes: length
 * @slots: slots it took, those of extras too
 * @gso_size: bytes a segment, 0 when it is not to be segmented
 * @bad: a slot of it says error
 * @proto: its ethertype, 0 when it is too short
 * @more: it goes on; private to lg_net_rx_take()
 * @extra: an extra follows; private to lg_net_rx_take()
 */
struct lg_net_packet {
	unsigned int bytes;
	unsigned int slots;
	unsigned int gso_size;
	bool bad;
	u16 proto;
	bool more;
	bool extra;
};

/**
 * struct lg_net - a vif
 * @dev: the device
 * @split: tx and rx have a channel each
 * @tx_chan: of tx, and of rx when they are not split
 * @rx_chan: of rx
 * @mac: our address
 * @tx: the tx ring
 * @tx_shared: its page
 * @tx_ref: its grant reference
 * @tx_pages: as many as the ring has slots
 * @tx_size: of each page in flight, what it adds to the packet
 * @tx_busy: of each page, whether it is in flight
 * @tx_inflight: slots in flight, those of extras too
 * @tx_extras: of them, those of extras
 * @rx: the rx ring; page N is always posted in slot N
 * @rx_shared: its page
 * @rx_ref: its grant reference
 * @rx_pages: as many as the ring has slots
 * @rx_lock: protects the rx ring and @rx_part
 * @rx_part: a packet of which slots are to come
 * @rx_idle: consumes what comes while no run does
 * @rx_run: a run does
 */
struct lg_net {
	struct lg_device *dev;
	bool split;
	struct lg_channel tx_chan;
	struct lg_channel rx_chan;
	u8 mac[ETH_ALEN];

	struct xen_netif_tx_front_ring tx;
	void *tx_shared;
	grant_ref_t tx_ref;
	struct lg_pool tx_pages;
	u16 tx_size[LG_NET_RING];
	bool tx_busy[LG_NET_RING];
	unsigned int tx_inflight;
	unsigned int tx_extras;

	struct xen_netif_rx_front_ring rx;
	void *rx_shared;
	grant_ref_t rx_ref;
	struct lg_pool rx_pages;
	struct mutex rx_lock; /* rx, rx_part */
	struct lg_net_packet rx_part;
	struct work_struct rx_idle;
	bool rx_run;
};

int lg_net_offer(struct lg_device *dev);
int lg_net_connected(struct lg_device *dev);
void lg_net_release(struct lg_device *dev);

void lg_net_tx_put(struct lg_net *net, const struct lg_net_frame *frame);
void lg_net_tx_push(struct lg_net *net);
bool lg_net_tx_answered(void *arg);
int lg_net_tx_take(struct lg_net *net, unsigned int *bytes, int *status);

void lg_net_rx_post(struct lg_net *net);
bool lg_net_rx_want(struct lg_net *net, unsigned int nr);
int lg_net_rx_take(struct lg_net *net, struct lg_net_packet *packet);

/**
 * lg_net_rx_chan() - the channel that tells of packets received
 * @net: the vif
 *
 * Return: the channel.
 */
static inline struct lg_channel *lg_net_rx_chan(struct lg_net *net)
{
	return net->split ? &net->rx_chan : &net->tx_chan;
}

#endif
