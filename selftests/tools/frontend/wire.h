/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_WIRE_H
#define FRONTEND_WIRE_H

#include "netif.h"

#include <net/if.h>
#include <xen/io/netif.h>

#define PAGE_BYTES 4096
#define FRAME 60
#define ETHERTYPE 0x88b5 /* for experiments: no host answers it */
#define PATIENCE_MS 10000

struct wire {
	struct net net;
	netif_tx_front_ring_t tx;
	netif_rx_front_ring_t rx;
	char name[IFNAMSIZ];
	void *page; /* of packets out of this frontend, and into it */
	uint32_t ref;
	unsigned int good; /* packets that the backend must have taken */
	int failures;
};

void wire_expect(struct wire *wire, const char *what, int got, int want);
int wire_open(struct wire *wire, struct share *share, struct xs_handle *store,
	      unsigned int number);
int wire_open_so(struct wire *wire, struct share *share,
		 struct xs_handle *store, unsigned int number,
		 const struct net_ways *ways);
/* Another frontend takes the place of the one that is connected. */
int wire_again(struct wire *wire, const struct net_ways *ways);
int wire_up(struct wire *wire);
/* Does it to the interface with ip(8): its status. */
int wire_set(const struct wire *wire, const char *what);
int wire_close(struct wire *wire);
/* Of one whose device is gone. */
void wire_free(struct wire *wire);
/* What /sys/class/net has of it, a number. */
int wire_statistic(const struct wire *wire, const char *what);

void wire_notify(struct wire *wire);
void wire_put(struct wire *wire, uint32_t ref, unsigned int offset,
	      unsigned int size, unsigned int flags);
void wire_extra(struct wire *wire, unsigned int type, unsigned int gso_type,
		unsigned int gso_size);
void wire_push(struct wire *wire);
int wire_answer(struct wire *wire);
int wire_one(struct wire *wire, uint32_t ref, unsigned int offset,
	     unsigned int size);

int wire_send_to(struct wire *wire, const unsigned char *to_whom);
int wire_send(struct wire *wire); /* to all */
void wire_post_unsaid(struct wire *wire, uint32_t ref);
void wire_post(struct wire *wire, uint32_t ref);
int wire_arrived(struct wire *wire, int milliseconds);
int wire_receive(struct wire *wire, uint32_t ref);

/* figures.c */
void wire_figures(struct wire *wire);

#endif
