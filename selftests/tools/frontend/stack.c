// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What dom0's network stack gets of packets: how much memory they are charged
 * for, what is said of their segments, and what GRO makes of many flows. A packet
 * socket on the interface tells.
 */

#include "stack.h"
#include "wire.h"
/* behind what xen/io/ring.h builds on */
#include "segment.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the in-tree driver's packets of FRAME bytes are charged with. */
#define INTREE_CHARGE 768
#define BURST 64
#define PAYLOAD 10
#define FLOWS 15
#define SEGMENTS 4
#define ORDER 60 /* of one poll */

struct seen {
	struct virtio_net_hdr about;
	unsigned char bytes[65536];
};

static int listen_to(const struct wire *wire, unsigned int type, bool about)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(type),
		.sll_ifindex = if_nametoindex(wire->name),
	};
	/* slots are answered before their packet is with the stack */
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (about &&
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)))
		return -errno;
	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		return -errno;
	return fd;
}

/* Frames that wait in a socket. */
static int waiting(int fd)
{
	char byte;
	int nr = 0;

	while (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) > 0)
		nr++;
	return nr;
}

/* A receive buffer holds as many small packets as it does of in-tree's. */
static void test_charge(struct wire *wire)
{
	unsigned char *page = wire->page;
	int fd = listen_to(wire, ETHERTYPE, false);
	int size = 0, held;
	socklen_t len = sizeof(size);
	unsigned int i, sent;

	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len);
	page[12] = ETHERTYPE >> 8;
	page[13] = ETHERTYPE & 255;
	for (sent = 0; sent < (unsigned int)size / 256; sent += BURST) {
		for (i = 0; i < BURST; i++)
			wire_put(wire, wire->ref, 0, FRAME, 0);
		wire_push(wire);
		for (i = 0; i < BURST; i++)
			wire_expect(wire, "taken", wire_answer(wire), 0);
	}
	usleep(POLL_MS * 10000);
	held = waiting(fd);
	close(fd);
	printf("a receive buffer of %d bytes holds %d frames\n", size, held);
	wire_expect(wire, "as many as in-tree's", held >= size / INTREE_CHARGE,
		    1);
}

/* What is said of the segments of one packet that is said to have some. */
static int segments_of(struct wire *wire, unsigned int payload,
		       unsigned int gso_size)
{
	static struct seen seen;
	int fd = listen_to(wire, ETHERTYPE_IP, true);
	int got;

	segment_write(wire->page, 0, 0, payload);
	wire_put(wire, wire->ref, 0, HEADERS + payload,
		 CHECKSUM | NETTXF_extra_info);
	wire_extra(wire, XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_GSO_TYPE_TCPV4,
		   gso_size);
	wire_push(wire);
	wire_expect(wire, "segments", wire_answer(wire), 0);
	wire_expect(wire, "their extra", wire_answer(wire), NETIF_RSP_NULL);
	got = recv(fd, &seen, sizeof(seen), 0);
	close(fd);
	wire_expect(wire, "bytes of them", got,
		    sizeof(seen.about) + HEADERS + payload);
	if (seen.about.gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return 0;
	wire_expect(wire, "type of segments", seen.about.gso_type,
		    VIRTIO_NET_HDR_GSO_TCPV4);
	return seen.about.gso_size;
}

/* More segments than a packet may be cut into. */
static void test_many_segments(struct wire *wire)
{
	unsigned int pieces = 15, size = 4000, i;
	int before = wire_statistic(wire, "statistics/rx_errors");

	segment_write(wire->page, 0, 0, pieces * size - HEADERS);
	for (i = 0; i < pieces; i++) {
		wire_put(wire, wire->ref, 0, i ? size : pieces * size,
			 (i < pieces - 1 ? NETTXF_more_data : 0) |
				 (i ? 0 : CHECKSUM | NETTXF_extra_info));
		if (!i)
			wire_extra(wire, XEN_NETIF_EXTRA_TYPE_GSO,
				   XEN_NETIF_GSO_TYPE_TCPV4, 8);
	}
	wire_push(wire);
	for (i = 0; i <= pieces; i++)
		wire_expect(wire, "a piece of many segments", wire_answer(wire),
			    i == 1 ? NETIF_RSP_NULL : 0);
	usleep(POLL_MS * 10000);
	wire_expect(wire, "refused for its many segments",
		    wire_statistic(wire, "statistics/rx_errors") - before, 1);
}

static void test_segments(struct wire *wire)
{
	wire_expect(wire, "of three segments", segments_of(wire, 300, 100),
		    100);
	wire_expect(wire, "of one segment", segments_of(wire, 100, 100), 0);
	test_many_segments(wire);
}

/* Flows whose segments take turns are merged, each with its own. */
static void test_flows(struct wire *wire)
{
	int fd = listen_to(wire, ETHERTYPE_IP, false);
	unsigned int i, seen;
	unsigned char *at = wire->page;

	for (i = 0; i < FLOWS * SEGMENTS; i++) {
		memset(at + HEADERS, 'x', PAYLOAD);
		segment_write(at, i % FLOWS, i / FLOWS * PAYLOAD, PAYLOAD);
		wire_put(wire, wire->ref, at - (unsigned char *)wire->page,
			 HEADERS + PAYLOAD, CHECKSUM);
		at += HEADERS + PAYLOAD;
	}
	wire_push(wire);
	for (i = 0; i < FLOWS * SEGMENTS; i++)
		wire_expect(wire, "of a flow", wire_answer(wire), 0);
	usleep(POLL_MS * 10000);
	seen = waiting(fd);
	close(fd);
	printf("%u segments of %u flows arrived as %u packets\n",
	       FLOWS * SEGMENTS, FLOWS, seen);
	wire_expect(wire, "merged", seen <= FLOWS + SEGMENTS, 1);
}

/*
 * The segments of one flow, some of which GRO holds for others to come and some not: those
 * do not overtake each other.
 */
static void test_order(struct wire *wire)
{
	int fd = listen_to(wire, ETHERTYPE_IP, false);
	unsigned char *at = wire->page, seen[HEADERS + ORDER * PAYLOAD];
	const struct tcphdr *tcp =
		(const void *)(seen + HEADERS - sizeof(struct tcphdr));
	unsigned int i, packets = 0, wrong = 0, next = 1;
	int got;

	for (i = 0; i < ORDER; i++) {
		segment_write(at, 0, i * PAYLOAD, PAYLOAD);
		if (i % 3 != 1)
			at[HEADERS - sizeof(*tcp) + 13] |= TH_PUSH;
		wire_put(wire, wire->ref, at - (unsigned char *)wire->page,
			 HEADERS + PAYLOAD, CHECKSUM);
		at += HEADERS + PAYLOAD;
	}
	wire_push(wire);
	for (i = 0; i < ORDER; i++)
		wire_expect(wire, "of one flow", wire_answer(wire), 0);
	usleep(POLL_MS * 10000);
	while ((got = recv(fd, seen, sizeof(seen), MSG_DONTWAIT)) > 0) {
		wrong += ntohl(tcp->seq) != next;
		next = ntohl(tcp->seq) + got - HEADERS;
		packets++;
	}
	close(fd);
	printf("%u segments of one flow arrived as %u packets\n", ORDER,
	       packets);
	wire_expect(wire, "packets out of their order", wrong, 0);
	wire_expect(wire, "bytes of all", next, 1 + ORDER * PAYLOAD);
	wire_expect(wire, "merged two by two", packets, ORDER * 2 / 3);
}

int stack_all(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number)
{
	struct wire wire;
	int err, ended;

	(void)node;
	err = wire_open(&wire, share, store, number);
	if (!err) {
		test_charge(&wire);
		test_segments(&wire);
		test_flows(&wire);
		test_order(&wire);
	}
	ended = wire_close(&wire);
	return err ?: ended ?: wire.failures ? -EPROTO : 0;
}
