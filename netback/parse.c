// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * From private copies of transmit slots to a packet that may be received, or
 * to why not. Pure: no kernel service is called, nothing is shared.
 *
 * The wire format is that of xen/interface/io/netif.h: the first slot of a
 * packet has the size of the whole packet, extras follow it at once, then the
 * pieces with their own sizes.
 */

#include <linux/build_bug.h>
#include <linux/if_ether.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <xen/page.h>

#include "wire.h"

static_assert(sizeof(struct xen_netif_tx_request) == NETBACK_TX_SLOT);
static_assert(sizeof(struct xen_netif_tx_response) == 4);
static_assert(sizeof(struct xen_netif_extra_info) == NETBACK_RX_SLOT);
static_assert(sizeof(struct xen_netif_rx_request) == NETBACK_RX_SLOT);
static_assert(sizeof(struct xen_netif_rx_response) == NETBACK_RX_SLOT);
static_assert(sizeof(union netback_tx_slot) == NETBACK_TX_SLOT);

enum { EXPECT_FIRST, EXPECT_EXTRA, EXPECT_PIECE };

static enum netback_verdict fatal(struct netback_chain *chain, const char *why)
{
	chain->why = why;
	return NETBACK_FATAL;
}

static bool crosses_page(const struct netback_piece *piece)
{
	return piece->offset + piece->size > XEN_PAGE_SIZE;
}

/* The last slot is read: the first piece has what the others left to it. */
static enum netback_verdict finish(struct netback_chain *chain)
{
	if (!chain->bad) {
		chain->piece[0].size = chain->left;
		if (crosses_page(&chain->piece[0]))
			return fatal(chain, "tx: a piece crosses its page");
	}
	if (chain->bad || chain->nr > NETBACK_LEGAL_SLOTS ||
	    chain->total < ETH_HLEN)
		return NETBACK_DROP;
	return NETBACK_PACKET;
}

static enum netback_verdict next(struct netback_chain *chain)
{
	/* The slot before it is for nothing but the answer. */
	if (chain->mcast)
		return NETBACK_MCAST;
	if (!chain->more)
		return finish(chain);
	chain->expect = EXPECT_PIECE;
	return NETBACK_MORE;
}

static enum netback_verdict add_first(struct netback_chain *chain,
				      const struct xen_netif_tx_request *req)
{
	chain->flags = req->flags;
	chain->total = req->size;
	chain->left = req->size;
	chain->more = req->flags & XEN_NETTXF_more_data;
	chain->piece[0] = (struct netback_piece){
		.ref = req->gref,
		.offset = req->offset,
		.id = req->id,
	};
	chain->nr = 1;
	if (!(req->flags & XEN_NETTXF_extra_info))
		return next(chain);
	chain->expect = EXPECT_EXTRA;
	return NETBACK_MORE;
}

static enum netback_verdict add_gso(struct netback_chain *chain,
				    const struct xen_netif_extra_info *extra)
{
	if (!extra->u.gso.size)
		return fatal(chain, "tx: GSO size is 0");
	if (extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
	    extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6)
		return fatal(chain, "tx: unknown GSO type");
	chain->gso_size = extra->u.gso.size;
	chain->gso_type = extra->u.gso.type;
	return NETBACK_MORE;
}

static enum netback_verdict add_extra(struct netback_chain *chain,
				      const struct xen_netif_extra_info *extra)
{
	if (++chain->nr_extras > NETBACK_MAX_EXTRAS)
		return fatal(chain, "tx: more extras than there are types");
	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		if (add_gso(chain, extra) == NETBACK_FATAL)
			return NETBACK_FATAL;
		break;
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		if (!chain->mcast)
			memcpy(chain->addr, extra->u.mcast.addr, ETH_ALEN);
		chain->mcast = chain->mcast ?: extra->type;
		break;
	case XEN_NETIF_EXTRA_TYPE_HASH:
	case XEN_NETIF_EXTRA_TYPE_XDP:
		break;
	default:
		return fatal(chain, "tx: unknown extra");
	}
	if (extra->flags & XEN_NETIF_EXTRA_FLAG_MORE)
		return NETBACK_MORE;
	return next(chain);
}

static enum netback_verdict add_piece(struct netback_chain *chain,
				      const struct xen_netif_tx_request *req,
				      unsigned int fatal_slots)
{
	struct netback_piece *piece;

	/* The first slot does not count, as in the in-tree driver. */
	if (chain->nr > min_t(unsigned int, fatal_slots, NETBACK_MAX_SLOTS))
		return fatal(chain, "tx: a packet of too many slots");
	piece = &chain->piece[chain->nr++];
	*piece = (struct netback_piece){
		.ref = req->gref,
		.offset = req->offset,
		.size = req->size,
		.id = req->id,
	};
	if (crosses_page(piece))
		return fatal(chain, "tx: a piece crosses its page");
	if (piece->size > chain->left)
		chain->bad = true;
	else
		chain->left -= piece->size;
	if (req->flags & XEN_NETTXF_more_data)
		return NETBACK_MORE;
	return finish(chain);
}

/**
 * netback_chain_start() - begin with the first slot of a packet
 * @chain: any
 *
 * Context: any; pure.
 */
void netback_chain_start(struct netback_chain *chain)
{
	chain->expect = EXPECT_FIRST;
	chain->bad = false;
	chain->gso_size = 0;
	chain->gso_type = XEN_NETIF_GSO_TYPE_NONE;
	chain->mcast = 0;
	chain->nr_extras = 0;
	chain->nr = 0;
	chain->why = NULL;
}

/**
 * netback_chain_add() - read the next slot of a packet
 * @chain: begun with netback_chain_start()
 * @slot: private copy of the slot; any bytes
 * @fatal_slots: a packet of more pieces than these behind the first is an attack;
 *	XEN_NETIF_NR_SLOTS_MIN to NETBACK_MAX_SLOTS
 *
 * After any verdict but NETBACK_MORE @chain is complete: nr pieces and
 * nr_extras extras are to be answered, but after NETBACK_FATAL nothing is.
 *
 * Context: any; pure.
 * Return: what became of the packet.
 */
enum netback_verdict netback_chain_add(struct netback_chain *chain,
				       const union netback_tx_slot *slot,
				       unsigned int fatal_slots)
{
	switch (chain->expect) {
	case EXPECT_FIRST:
		return add_first(chain, &slot->req);
	case EXPECT_EXTRA:
		return add_extra(chain, &slot->extra);
	default:
		return add_piece(chain, &slot->req, fatal_slots);
	}
}
