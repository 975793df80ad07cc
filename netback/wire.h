/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A packet as the guest lays it over transmit slots, and what the parser makes
 * of it.
 *
 * parse.c: netback_chain_start() netback_chain_add()
 */
#ifndef XEN_BACKENDS_NETBACK_WIRE_H
#define XEN_BACKENDS_NETBACK_WIRE_H

#include <linux/types.h>
#include <xen/interface/xen.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/io/netif.h>

/*
 * Slots of data that a packet may have. netif.h promises XEN_NETIF_NR_SLOTS_MIN;
 * a Linux before 3.2 has as many fragments and one slot before them, and no
 * backend has ever counted that.
 */
#define NETBACK_LEGAL_SLOTS (XEN_NETIF_NR_SLOTS_MIN + 1)
/* What fatal_skb_slots may be set to. */
#define NETBACK_MAX_SLOTS 64
/* One of each type there is, and no more. */
#define NETBACK_MAX_EXTRAS (XEN_NETIF_EXTRA_TYPE_MAX - 1)

/* Slots of the rings: the larger of request and response. */
#define NETBACK_TX_SLOT 12
#define NETBACK_RX_SLOT 8

/**
 * union netback_tx_slot - a private copy of a transmit slot
 * @req: a piece of a packet
 * @extra: what is to be known of it
 * @byte: the bytes
 */
union netback_tx_slot {
	struct xen_netif_tx_request req;
	struct xen_netif_extra_info extra;
	u8 byte[NETBACK_TX_SLOT];
};

/**
 * struct netback_piece - a piece of a packet in a granted page
 * @ref: grant reference
 * @offset: first byte, below 4096
 * @size: bytes, perhaps 0; @offset + @size is at most 4096
 * @id: the frontend's, echoed
 */
struct netback_piece {
	grant_ref_t ref;
	u16 offset;
	u16 size;
	u16 id;
};

/**
 * enum netback_verdict - what became of a chain of slots
 * @NETBACK_MORE: it goes on in the next slot
 * @NETBACK_PACKET: a packet that may be received
 * @NETBACK_MCAST: no packet, but a multicast address to add or remove
 * @NETBACK_DROP: a packet to refuse; the ring goes on
 * @NETBACK_FATAL: nothing on this ring can be believed any more
 */
enum netback_verdict {
	NETBACK_MORE,
	NETBACK_PACKET,
	NETBACK_MCAST,
	NETBACK_DROP,
	NETBACK_FATAL
};

/**
 * struct netback_chain - the slots of a packet, as far as they are read
 * @expect: what the next slot is; private to the parser
 * @more: pieces follow the extras; private to the parser
 * @bad: the packet will be refused; private to the parser
 * @left: bytes not yet claimed by later pieces; private to the parser
 * @flags: XEN_NETTXF_* of the first slot
 * @total: bytes of the packet
 * @gso_size: bytes a segment, 0 when the packet is not to be segmented
 * @gso_type: XEN_NETIF_GSO_TYPE_*
 * @mcast: XEN_NETIF_EXTRA_TYPE_MCAST_ADD or _DEL, 0 when there was neither
 * @addr: the address of that
 * @nr_extras: slots that carried no piece
 * @nr: pieces
 * @why: for NETBACK_FATAL, a string constant
 * @piece: the pieces
 */
struct netback_chain {
	u8 expect;
	bool more;
	bool bad;
	u16 left;
	u16 flags;
	u16 total;
	u16 gso_size;
	u8 gso_type;
	u8 mcast;
	u8 addr[6];
	u8 nr_extras;
	u16 nr;
	const char *why;
	struct netback_piece piece[NETBACK_MAX_SLOTS + 1];
};

void netback_chain_start(struct netback_chain *chain);
enum netback_verdict netback_chain_add(struct netback_chain *chain,
				       const union netback_tx_slot *slot,
				       unsigned int fatal_slots);

#endif
