/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_NETIF_H
#define FRONTEND_NETIF_H

#include "frontend.h"

struct net {
	struct device dev;
	struct share *share;
	void *tx;
	void *rx;
	uint32_t tx_ref;
	uint32_t rx_ref;
};

/* What a frontend writes besides its rings; 0 is a key that it does not. */
struct net_ways {
	unsigned int rx_copy;
	unsigned int rx_notify;
	unsigned int sg;
	unsigned int gso_tcpv4;
	unsigned int mcast;
	/* what the toolstack writes, and Xen's own script goes by; 0: no script */
	unsigned int mtu;
};

int net_connect(struct net *net, struct share *share, struct xs_handle *store,
		unsigned int number);
int net_connect_so(struct net *net, struct share *share,
		   struct xs_handle *store, unsigned int number,
		   const struct net_ways *ways);
/* Another frontend in the same domain, as behind a boot loader. */
int net_again(struct net *net, const struct net_ways *ways);
int net_disconnect(struct net *net);
void net_free(struct net *net);

#endif
