// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Frames that XDP programs send to the guest: their own vif's, and those of others. */

#include <linux/etherdevice.h>
#include <net/xdp.h>

#include "netback.h"

/* The guest's choice where it made one, else this CPU's. */
static unsigned int choose_queue(const struct netback_vif *vif,
				 const struct sk_buff *skb)
{
	unsigned int nr = READ_ONCE(vif->dev->real_num_tx_queues);
	struct netback_hashed hashed;

	if (netback_hash_skb(&vif->hash, skb, &hashed))
		return min(hashed.queue, nr - 1);
	return smp_processor_id() % nr;
}

/**
 * netback_xdp_send() - queue a frame for the guest
 * @vif: the vif
 * @skb: of netback_xdp_skb(); not the caller's afterwards
 *
 * Context: softirq, without a tx lock of the net device.
 */
void netback_xdp_send(struct netback_vif *vif, struct sk_buff *skb)
{
	unsigned int nr = choose_queue(vif, skb);
	struct netdev_queue *from = netdev_get_tx_queue(vif->dev, nr);

	skb->dev = vif->dev;
	skb_reset_mac_header(skb);
	skb->protocol = eth_hdr(skb)->h_proto;
	__netif_tx_lock(from, smp_processor_id());
	netback_rx_frame(&vif->queue[nr], skb);
	__netif_tx_unlock(from);
}

/*
 * Whether an skb can be made of a frame: copies of AF_XDP's frames may reach into what
 * an skb keeps at its end. For those of several pieces see redirect() in xdp-run.c.
 */
static bool can_take(struct xdp_frame *frame, const struct xdp_buff *xdp)
{
	return !xdp_frame_has_frags(frame) &&
	       xdp->data_end <= xdp_data_hard_end(xdp);
}

static bool take(struct netback_vif *vif, struct xdp_frame *frame)
{
	bool pooled = frame->mem.type == MEM_TYPE_PAGE_POOL;
	struct sk_buff *skb;
	struct xdp_buff xdp;

	xdp_convert_frame_to_buff(frame, &xdp);
	if (unlikely(!can_take(frame, &xdp))) {
		dev_core_stats_tx_dropped_inc(vif->dev);
		xdp_return_frame_rx_napi(frame);
		return true;
	}
	skb = netback_xdp_skb(&xdp, pooled);
	if (unlikely(!skb))
		return false;
	netback_xdp_send(vif, skb);
	return true;
}

/**
 * netback_xdp_xmit() - take frames that a program elsewhere has redirected to the guest
 * @dev: the net device
 * @nr: frames
 * @frames: the frames
 * @flags: XDP_XMIT_*
 *
 * Context: softirq.
 * Return: how many were taken, the others are the caller's; or a negative errno: all
 * are.
 */
int netback_xdp_xmit(struct net_device *dev, int nr, struct xdp_frame **frames,
		     u32 flags)
{
	struct netback_vif *vif = netdev_priv(dev);
	int i;

	if (flags & ~XDP_XMIT_FLAGS_MASK)
		return -EINVAL;
	/* A guest that takes nothing costs no more than that. */
	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return -ENETDOWN;
	for (i = 0; i < nr; i++)
		if (!take(vif, frames[i]))
			break;
	return i;
}
