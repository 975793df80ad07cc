// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A frame of XDP becomes an skb: ours on its way to the stack or back, or another's. */

#include <linux/skbuff.h>
#include <net/xdp.h>

#include "xdp.h"

/**
 * netback_xdp_skb() - make an skb of a frame
 * @xdp: the frame
 * @pooled: its pages are of a page_pool
 *
 * The kernel's own function for it takes such pages out of their pool before 6.3.
 *
 * Context: softirq.
 * Return: the skb, which has the frame's memory, its data from the Ethernet header on;
 * NULL for want of memory, then the frame is as it was.
 */
struct sk_buff *netback_xdp_skb(const struct xdp_buff *xdp, bool pooled)
{
	/* Before 6.6 what only looks at a frame may change it. */
	struct xdp_buff *frame = (struct xdp_buff *)xdp;
	struct skb_shared_info *shared = xdp_get_shared_info_from_buff(frame);
	bool frags = xdp_buff_has_frags(frame);
	unsigned int nr = 0, bytes = 0;
	struct sk_buff *skb;

	/* An skb has this at the same place, and begins with none. */
	if (unlikely(frags)) {
		nr = shared->nr_frags;
		bytes = shared->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, xdp->frame_sz);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	skb_put(skb, xdp->data_end - xdp->data);
	if (xdp->data_meta < xdp->data)
		skb_metadata_set(skb, xdp->data - xdp->data_meta);
	if (unlikely(frags))
		xdp_update_skb_shared_info(skb, nr, bytes, nr * xdp->frame_sz,
					   xdp_buff_is_frag_pfmemalloc(frame));
	if (pooled)
		skb_mark_for_recycle(skb);
	return skb;
}
