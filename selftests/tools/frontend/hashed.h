/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * An interface of two queues with a control ring.
 *
 * hashed.c   connect, end, the control ring, its counters
 * arrived.c  packets out of dom0, and what of them arrived where
 */
#ifndef FRONTEND_HASHED_H
#define FRONTEND_HASHED_H

#include "frontend.h"

#include <net/if.h>
#include <xen/io/netif.h>

#define HASHED_QUEUES 2
/* of a queue, which its slots share: more than a packet takes */
#define HASHED_PAGES 8
#define HASHED_NO_ANSWER 99u

struct hashed_queue {
	struct share own; /* a share has one port */
	void *tx;
	void *rx;
	uint32_t tx_ref;
	uint32_t rx_ref;
	netif_rx_front_ring_t front;
	bool held; /* slots that are used are not posted again */
	void *pages;
	uint32_t refs[HASHED_PAGES];
};

struct hashed {
	struct device dev;
	struct share *share; /* of the control ring */
	void *ctrl;
	uint32_t ctrl_ref;
	xen_netif_ctrl_front_ring_t front;
	void *page; /* for keys and mappings */
	uint32_t ref;
	struct hashed_queue queue[HASHED_QUEUES];
	char name[IFNAMSIZ];
	uint16_t next_id;
	int failures;
};

/* What came of a packet. */
struct arrived {
	int queue; /* -1: nowhere */
	unsigned int slots;
	unsigned int bytes;
	unsigned int nr_extras;
	struct netif_extra_info extra[4];
};

struct packet {
	const uint8_t *src;
	const uint8_t *dst;
	uint16_t sport;
	uint16_t dport;
	bool v6;
	bool udp;
	unsigned int payload;
	unsigned int gso; /* bytes of a segment, or 0 */
};

/* hashed.c */
int hashed_open(struct hashed *hashed, struct share *share,
		struct xs_handle *store, unsigned int number);
int hashed_close(struct hashed *hashed);
int hashed_up(struct hashed *hashed);
void hashed_expect(struct hashed *hashed, const char *what, unsigned int got,
		   unsigned int want);
void hashed_put(struct hashed *hashed, unsigned int type, uint32_t a,
		uint32_t b, uint32_t c);
void hashed_push(struct hashed *hashed);
/* The status of the next answer; HASHED_NO_ANSWER when none comes in a second. */
unsigned int hashed_answer(struct hashed *hashed, unsigned int type,
			   uint32_t *data);
unsigned int hashed_ask(struct hashed *hashed, unsigned int type, uint32_t a,
			uint32_t b, uint32_t c);
/* A line of the vif's file in debugfs; -1 when there is none. */
int hashed_counter(struct hashed *hashed, const char *what);

/* arrived.c */
int arrived_start(struct hashed_queue *queue);
int arrived_send(struct hashed *hashed, const struct packet *packet,
		 struct arrived *arrived);
/* Use up a queue's slots by packets of two, to the last one; how many are left. */
unsigned int arrived_hold(struct hashed *hashed, unsigned int queue,
			  const struct packet *packet);
/* Post slots again: whether a packet that waits for them arrives. */
bool arrived_release(struct hashed *hashed, unsigned int queue,
		     struct arrived *arrived);
/* Whether a packet arrives within a time. */
bool arrived_wait(struct hashed *hashed, unsigned int milliseconds,
		  struct arrived *arrived);
int arrived_only_send(struct hashed *hashed, const struct packet *packet);

#endif
