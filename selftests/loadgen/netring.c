// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The two rings of a vif: slots out and in, answers checked. */

#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <xen/page.h>

#include "net.h"

static void put_extra(struct lg_net *net, const struct lg_net_frame *frame)
{
	struct xen_netif_extra_info extra = {
		.type = XEN_NETIF_EXTRA_TYPE_GSO,
		.u.gso.size = frame->gso_size,
		.u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4,
	};

	memcpy(RING_GET_REQUEST(&net->tx, net->tx.req_prod_pvt++), &extra,
	       sizeof(extra));
	net->tx_inflight++;
	net->tx_extras++;
}

static void put_piece(struct lg_net *net, unsigned int page, unsigned int size,
		      unsigned int adds, u16 flags)
{
	struct xen_netif_tx_request *req =
		RING_GET_REQUEST(&net->tx, net->tx.req_prod_pvt++);

	*req = (struct xen_netif_tx_request){
		.gref = net->tx_pages.page[page].ref,
		.flags = flags,
		.id = page,
		.size = size,
	};
	net->tx_busy[page] = true;
	net->tx_size[page] = adds;
	net->tx_inflight++;
}

/**
 * lg_net_tx_put() - put a frame on the tx ring
 * @net: a vif with free slots for it, one a page and one for GSO
 * @frame: the frame
 *
 * Nobody is told: see lg_net_tx_push().
 *
 * Context: the run.
 */
void lg_net_tx_put(struct lg_net *net, const struct lg_net_frame *frame)
{
	unsigned int left = frame->bytes;
	unsigned int page = frame->page;
	unsigned int size;
	u16 flags;

	while (left) {
		bool first = page == frame->page;

		size = min_t(unsigned int, left, XEN_PAGE_SIZE);
		flags = left > size ? XEN_NETTXF_more_data : 0;
		if (first && frame->gso_size)
			flags |= XEN_NETTXF_extra_info | XEN_NETTXF_csum_blank |
				 XEN_NETTXF_data_validated;
		/* The first slot has the size of the whole. */
		put_piece(net, page, first ? frame->bytes : size, size, flags);
		if (first && frame->gso_size)
			put_extra(net, frame);
		left -= size;
		page++;
	}
}

/**
 * lg_net_tx_push() - publish what was put, tell the backend if it asked for it
 * @net: the vif
 *
 * One event is asked for, when the last of all in flight is answered.
 *
 * Context: the run.
 */
void lg_net_tx_push(struct lg_net *net)
{
	int notify;

	WRITE_ONCE(net->tx.sring->rsp_event,
		   net->tx.rsp_cons + net->tx_inflight);
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&net->tx, notify);
	if (notify)
		lg_channel_notify(&net->tx_chan);
}

static unsigned int tx_waiting(const struct lg_net *net)
{
	return READ_ONCE(net->tx.sring->rsp_prod) - net->tx.rsp_cons;
}

/**
 * lg_net_tx_answered() - whether all in flight is answered, or more than that
 * @arg: the vif
 *
 * Context: any.
 * Return: whether lg_net_tx_take() is to be called.
 */
bool lg_net_tx_answered(void *arg)
{
	const struct lg_net *net = arg;

	return tx_waiting(net) >= net->tx_inflight;
}

static int bad_tx(struct lg_net *net, const struct xen_netif_tx_response *rsp,
		  const char *why)
{
	dev_err(&net->dev->xdev->dev, "tx response with id %u, status %d: %s\n",
		rsp->id, rsp->status, why);
	return -EPROTO;
}

/**
 * lg_net_tx_take() - take a tx response
 * @net: the vif
 * @bytes: filled with what its slot added to the packet, 0 for an extra
 * @status: filled with XEN_NETIF_RSP_*
 *
 * Context: the run.
 * Return: 1; 0 when there is none; -EPROTO for one that answers nothing in
 * flight.
 */
int lg_net_tx_take(struct lg_net *net, unsigned int *bytes, int *status)
{
	struct xen_netif_tx_response rsp;

	if (tx_waiting(net) > net->tx_inflight) {
		dev_err(&net->dev->xdev->dev,
			"%u tx responses wait, allowed is 0 to %u\n",
			tx_waiting(net), net->tx_inflight);
		return -EPROTO;
	}
	if (!tx_waiting(net))
		return 0;
	/* A response is read after the index that says it is there. */
	virt_rmb();
	RING_COPY_RESPONSE(&net->tx, net->tx.rsp_cons, &rsp);
	net->tx.rsp_cons++;
	*status = rsp.status;
	*bytes = 0;
	if (rsp.status == XEN_NETIF_RSP_NULL) {
		if (!net->tx_extras)
			return bad_tx(net, &rsp, "no extra is in flight");
		net->tx_extras--;
	} else {
		if (rsp.id >= LG_NET_RING || !net->tx_busy[rsp.id])
			return bad_tx(net, &rsp, "not in flight");
		net->tx_busy[rsp.id] = false;
		*bytes = net->tx_size[rsp.id];
	}
	net->tx_inflight--;
	return 1;
}

/**
 * lg_net_rx_post() - post all pages that are not, tell the backend if it asked
 * @net: a connected vif
 *
 * Context: under rx_lock.
 */
void lg_net_rx_post(struct lg_net *net)
{
	int notify;

	lockdep_assert_held(&net->rx_lock);
	if (net->rx.req_prod_pvt - net->rx.rsp_cons == LG_NET_RING)
		return;
	while (net->rx.req_prod_pvt - net->rx.rsp_cons < LG_NET_RING) {
		unsigned int slot = net->rx.req_prod_pvt % LG_NET_RING;
		struct xen_netif_rx_request *req =
			RING_GET_REQUEST(&net->rx, net->rx.req_prod_pvt++);

		*req = (struct xen_netif_rx_request){
			.id = slot,
			.gref = net->rx_pages.page[slot].ref,
		};
	}
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&net->rx, notify);
	if (notify)
		lg_channel_notify(lg_net_rx_chan(net));
}

/**
 * lg_net_rx_want() - ask for an event when so many responses are there
 * @net: a connected vif
 * @nr: how many, 1 to LG_NET_RING
 *
 * Context: under rx_lock.
 * Return: whether they are there already.
 */
bool lg_net_rx_want(struct lg_net *net, unsigned int nr)
{
	WRITE_ONCE(net->rx.sring->rsp_event, net->rx.rsp_cons + nr);
	/* The backend writes rsp_prod, then looks at rsp_event. */
	virt_mb();
	return READ_ONCE(net->rx.sring->rsp_prod) - net->rx.rsp_cons >= nr;
}

static int bad_rx(struct lg_net *net, const char *what, unsigned int value)
{
	dev_err_ratelimited(&net->dev->xdev->dev, "rx response with %s %u\n",
			    what, value);
	return -EPROTO;
}

static int take_extra(struct lg_net *net, struct lg_net_packet *packet)
{
	const struct xen_netif_extra_info *slot;
	struct xen_netif_extra_info extra;

	slot = (void *)RING_GET_RESPONSE(&net->rx, net->rx.rsp_cons);
	extra = *slot;
	if (!extra.type || extra.type >= XEN_NETIF_EXTRA_TYPE_MAX)
		return bad_rx(net, "an extra of type", extra.type);
	if (extra.type == XEN_NETIF_EXTRA_TYPE_GSO)
		packet->gso_size = extra.u.gso.size;
	packet->extra = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	return 0;
}

/* A page has its slot's number, and responses come in order. */
static int take_data(struct lg_net *net, struct lg_net_packet *packet)
{
	unsigned int slot = net->rx.rsp_cons % LG_NET_RING;
	struct xen_netif_rx_response rsp;
	const u8 *data;

	RING_COPY_RESPONSE(&net->rx, net->rx.rsp_cons, &rsp);
	if (rsp.id != slot)
		return bad_rx(net, "the id of another slot:", rsp.id);
	if (rsp.status > 0 && rsp.offset + rsp.status > (int)XEN_PAGE_SIZE)
		return bad_rx(net, "data that crosses its page, status",
			      rsp.status);
	data = page_address(net->rx_pages.page[slot].page) + rsp.offset;
	if (!packet->slots) {
		packet->extra = rsp.flags & XEN_NETRXF_extra_info;
		if (rsp.status >= ETH_HLEN)
			packet->proto = ntohs(((struct ethhdr *)data)->h_proto);
	}
	packet->more = rsp.flags & XEN_NETRXF_more_data;
	if (rsp.status < 0)
		packet->bad = true;
	else
		packet->bytes += rsp.status;
	return 0;
}

/**
 * lg_net_rx_take() - take a packet
 * @net: a connected vif
 * @packet: filled
 *
 * Context: under rx_lock.
 * Return: 1; 0 when none is complete; -EPROTO for a response that is none.
 */
int lg_net_rx_take(struct lg_net *net, struct lg_net_packet *packet)
{
	struct lg_net_packet *part = &net->rx_part;
	u32 end = READ_ONCE(net->rx.sring->rsp_prod);
	int err;

	lockdep_assert_held(&net->rx_lock);
	if (end - net->rx.rsp_cons > net->rx.req_prod_pvt - net->rx.rsp_cons)
		return bad_rx(net, "a producer too far ahead, by",
			      end - net->rx.rsp_cons);
	/* Responses are read after the index that says they are there. */
	virt_rmb();
	while (net->rx.rsp_cons != end) {
		err = part->extra ? take_extra(net, part) :
				    take_data(net, part);
		if (err)
			return err;
		net->rx.rsp_cons++;
		part->slots++;
		if (part->more || part->extra)
			continue;
		*packet = *part;
		*part = (struct lg_net_packet){};
		return 1;
	}
	return 0;
}
