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

int net_connect(struct net *net, struct share *share, struct xs_handle *store,
		unsigned int number);
int net_disconnect(struct net *net);

#endif
