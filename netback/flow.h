/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What of a frame is hashed.
 *
 * flow.c: netback_flow_read()
 */
#ifndef XEN_BACKENDS_NETBACK_FLOW_H
#define XEN_BACKENDS_NETBACK_FLOW_H

#include <linux/types.h>

#include "toeplitz.h"

/* As far as a frame is looked at: a VLAN tag, the longest IPv4 header, ports. */
#define NETBACK_FLOW_HEAD (14 + 4 + 60 + 4)

/**
 * struct netback_flow - what of a frame is hashed
 * @type: _XEN_NETIF_CTRL_HASH_TYPE_*
 * @len: bytes in @input
 * @input: addresses, perhaps ports, source first
 */
struct netback_flow {
	u8 type;
	u8 len;
	u8 input[NETBACK_HASH_INPUT];
};

bool netback_flow_read(struct netback_flow *flow, const u8 *frame,
		       unsigned int len, u32 flags);

#endif
