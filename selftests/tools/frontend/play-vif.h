/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Words of scripts for interfaces; play.h has those for any device.
 *
 * How the frontend is, until another line says otherwise:
 *   ids zero|one|same|high	how it numbers what it sends: with a free number
 *				from 0 on, or from 1; with one number for all slots
 *				of a packet; with 32 numbers for each packet
 *   slots place|count|buffer	how it numbers what it posts: by the place in the
 *				ring; to 65535 and on with 0; by the buffer
 *   answers event|half|poll	it asks for an event at the next answer to what it
 *				sent, or at half of them, or never waits for one
 *   arrivals event|poll	the same of what arrives
 *   order any|ring		answers are found by number, or must be where their
 *				slots were
 *   repost each|rest		it posts slots again for each that is used, or when
 *				four fifths of them are
 * What it does:
 *   split KEY			two channels for each queue, if that key is 1
 *   ring			make rings and channels
 *   ctrl			make the control ring, and its channel
 *   write			knows tx-ring-ref, rx-ring-ref and event-channel of
 *				each queue, which is two keys where they are split,
 *				ctrl-ring-ref, event-channel-ctrl and
 *				multi-queue-num-queues
 *   post N [unsaid]		slots, until there are so many in each queue; without
 *				an event
 *   send size=N [count=N] [at=N] [first=N] [piece=N] [halves] [tcp[=6]] [gso=N]
 *	  [blank] [valid] [vlan=N] [ring=N]
 *				packets, which dom0 must get byte by byte, and
 *				answer: the first piece of so many bytes from a
 *				place in its page on, the others of so many, each on
 *				its page or two on one; TCP over IPv4 or IPv6, in segments,
 *				its checksum blank, or said to be right; with a tag
 *   put ...			the same, and no look at what becomes of it
 *   collect [any]		wait for the answers of that, or whatever they say
 *   answered			it has them by now
 *   group add|del N [stale]	a multicast group, of 1 to 255; what the slot had
 *				is left in the member flags
 *   hash none|toeplitz		by the control ring; all to the last queue
 *   events N			send events with nothing behind them
 *   unbind			close the channels
 *   unring			the same, and take back the rings
 * What dom0 does:
 *   receive size=N [count=N] [late] [tcp[=6]] [gso=N] [blank] [filled]
 *	     [cut] [hash] [group=N] [nothing] [ring=N]
 *				send packets, which the frontend must get byte by
 *				byte in the slots that they need: when it posts
 *				slots only afterwards; with a checksum that is
 *				blank, or was filled in; cut into its segments; with
 *				a hash; not at all; in that queue
 *   link up|down		the net device
 *   mtu N
 *
 * play-vif.c	the device, how the frontend is, what dom0 does to it
 * vif-rings.c	rings, channels, their keys, waiting
 * vif-out.c	what the frontend sends, and the answers
 * vif-in.c	what it posts, and what arrives
 * vif-host.c	frames, and dom0's end of them
 * vif-ctrl.c	the control ring
 */
#ifndef FRONTEND_PLAY_VIF_H
#define FRONTEND_PLAY_VIF_H

#include "play.h"

#include <net/if.h>
#include <xen/io/netif.h>

#define VIF_SLOTS 256
#define VIF_NUMBERS 65536
#define VIF_OUT_PAGES 40
#define VIF_IN_PAGES 64
#define VIF_FRAME 65536
#define VIF_TAG 4 /* bytes of a VLAN's tag */
#define VIF_ETHERTYPE 0x88b5 /* for experiments: no host answers it */
#define VIF_WAIT_MS 10000

enum vif_ids { VIF_IDS_ZERO, VIF_IDS_ONE, VIF_IDS_SAME, VIF_IDS_HIGH };

enum vif_slots { VIF_SLOTS_PLACE, VIF_SLOTS_COUNT, VIF_SLOTS_BUFFER };

enum vif_asks { VIF_ASKS_EVENT, VIF_ASKS_HALF, VIF_ASKS_POLL };

struct vif_queue {
	struct share share[2]; /* of both rings, or of tx and of rx */
	netif_tx_front_ring_t tx;
	netif_rx_front_ring_t rx;
	void *tx_ring;
	void *rx_ring;
	uint32_t tx_ref;
	uint32_t rx_ref;
	uint8_t *out;
	uint32_t out_refs[VIF_OUT_PAGES];
	unsigned int used; /* bytes of @out */
	uint8_t *in;
	uint32_t in_refs[VIF_IN_PAGES];
	uint16_t sent[VIF_SLOTS]; /* numbers, by place */
	uint8_t owed[VIF_NUMBERS]; /* answers to a number */
	uint8_t extras[VIF_NUMBERS]; /* extras behind its slot */
	unsigned int pending; /* slots that are not answered */
	unsigned int nulls; /* of them, extras to be answered next */
	unsigned int next_id;
	uint16_t posted[VIF_SLOTS]; /* numbers, by place */
	uint16_t next_post;
};

struct vif_ctrl {
	struct share share;
	xen_netif_ctrl_front_ring_t front;
	void *ring;
	uint32_t ring_ref;
	void *page; /* of keys and mappings */
	uint32_t ref;
	uint16_t next_id;
};

struct play_vif {
	enum vif_ids ids;
	enum vif_slots slots;
	enum vif_asks answers;
	bool polls; /* for what arrives */
	bool in_order;
	bool repost_rest;
	bool split;
	bool any_status; /* an answer need not be that it was sent */
	unsigned int target; /* slots that it keeps posted */
	char name[IFNAMSIZ];
	struct vif_queue *queue[PLAY_QUEUES];
	struct vif_ctrl *ctrl;
	unsigned int next_flow;
	int fd; /* a packet socket that dom0 sends by */
};

/* A frame, either way. */
struct vif_frame {
	unsigned long size;
	unsigned long tcp; /* over IPv6 if it is 6 */
	unsigned long gso; /* bytes of a segment */
	unsigned long blank; /* a checksum to be filled in */
	unsigned long valid; /* one that is said to be right */
	unsigned long group;
	unsigned long vlan; /* what it is sent with, besides its bytes */
	unsigned int flow;
	uint8_t bytes[VIF_FRAME];
};

/* play-vif.c */
int play_vif(struct xs_handle *store, unsigned int number, char **scripts);

/* vif-rings.c */
extern const struct play_command vif_rings[];
bool vif_ring_key(const char *key);
int vif_write_ring(struct play *play, const char *key);
void vif_unring(struct play *play);
struct vif_queue *vif_find_queue(struct play *play, unsigned long number);
/* What rx has its events by. */
struct share *vif_rx_share(struct play *play, struct vif_queue *queue);
/* An event of any queue, or some time; -ETIMEDOUT when none comes. */
int vif_wait(struct play *play, bool polls);
void vif_notify(struct share *share);

/* vif-out.c */
extern const struct play_command vif_out[];

/* vif-in.c */
extern const struct play_command vif_in[];

/* vif-host.c */
int vif_frame_fill(struct vif_frame *frame);
/* Whether bytes are that frame's; a checksum that dom0 has made is not looked at. */
bool vif_frame_is(const struct vif_frame *frame, const uint8_t *bytes,
		  unsigned long size);
/* Whether the checksum of TCP is right. */
bool vif_frame_summed(const struct vif_frame *frame, const uint8_t *bytes,
		      unsigned long size);
/* Bytes before the payload of TCP. */
unsigned int vif_frame_headers(const struct vif_frame *frame);
int vif_host_open(void);
int vif_host_listen(struct play *play);
int vif_host_expect(int fd, const struct vif_frame *frame);
int vif_host_send(struct play *play, const struct vif_frame *frame);

/* vif-ctrl.c */
extern const struct play_command vif_ctrl[];
int vif_write_ctrl(struct play *play, const char *key);
void vif_unctrl(struct play *play);

#endif
