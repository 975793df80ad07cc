/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* TCP over IPv4 as a frontend sends it, each checksum of TCP left blank. */
#ifndef FRONTEND_SEGMENT_H
#define FRONTEND_SEGMENT_H

#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <xen/io/netif.h>

#define HEADERS                                               \
	(sizeof(struct ether_header) + sizeof(struct iphdr) + \
	 sizeof(struct tcphdr))
#define CHECKSUM (NETTXF_csum_blank | NETTXF_data_validated)

/* The headers of a segment that begins with byte OFFSET of a flow. */
void segment_write(unsigned char *at, unsigned int flow, unsigned int offset,
		   unsigned int payload);

#endif
