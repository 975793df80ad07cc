// SPDX-License-Identifier: GPL-2.0 OR MIT
/* TCP over IPv4 as a frontend sends it. */

#include "frontend.h"
/* behind what xen/io/ring.h builds on */
#include "segment.h"

#include <arpa/inet.h>
#include <string.h>

static void fill_in_ip(struct iphdr *ip)
{
	const uint16_t *word = (void *)ip;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~(sum + (sum >> 16));
}

void segment_write(unsigned char *at, unsigned int flow, unsigned int offset,
		   unsigned int payload)
{
	struct ether_header *eth = (void *)at;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);

	memset(at, 0, HEADERS);
	/* of nobody: a bridge sends it to all */
	eth->ether_dhost[0] = 2;
	eth->ether_shost[0] = 6;
	eth->ether_type = htons(ETHERTYPE_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(sizeof(*ip) + sizeof(*tcp) + payload);
	/* one more each time: a host that cuts them anew would do the same */
	ip->id = htons(1 + offset / payload);
	ip->frag_off = htons(IP_DF);
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->saddr = htonl(0x0a4d6301);
	ip->daddr = htonl(0x0a4d6302);
	tcp->source = htons(1000 + flow);
	tcp->dest = htons(9);
	tcp->seq = htonl(1 + offset);
	tcp->ack_seq = htonl(1);
	tcp->doff = 5;
	tcp->ack = 1;
	tcp->window = htons(1000);
	fill_in_ip(ip);
}
