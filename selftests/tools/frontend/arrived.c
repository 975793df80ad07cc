// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Packets out of dom0 to an interface of two queues, and what arrived where. */

#include "hashed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define SLOTS 33 /* that a queue has posted; odd, see arrived_hold() */
#define ETHER 14
#define SOURCE 6 /* where a frame has its source's address */
#define TCP 6
#define UDP 17
#define LARGEST 8192
#define PATIENCE_MS 5000

static const uint8_t sender[6] = { 2, 0, 0, 0, 0, 0x77 };

static void post(struct hashed_queue *queue)
{
	unsigned int index = queue->front.req_prod_pvt++;

	*RING_GET_REQUEST(&queue->front, index) = (netif_rx_request_t){
		.id = index & 0xffff,
		.gref = queue->refs[index % HASHED_PAGES],
	};
}

int arrived_start(struct hashed_queue *queue)
{
	netif_rx_sring_t *ring = queue->rx;
	unsigned int i;

	SHARED_RING_INIT(ring);
	FRONT_RING_INIT(&queue->front, ring, PAGE_BYTES);
	for (i = 0; i < SLOTS; i++)
		post(queue);
	RING_PUSH_REQUESTS(&queue->front);
	return 0;
}

static unsigned int put_ip(uint8_t *at, const struct packet *packet,
			   unsigned int length)
{
	if (packet->v6) {
		memcpy(at, "\x60\0\0\0\0\0\0\x40", 8);
		at[4] = length >> 8;
		at[5] = length & 255;
		at[6] = packet->udp ? UDP : TCP;
		memcpy(at + 8, packet->src, 16);
		memcpy(at + 24, packet->dst, 16);
		return 40;
	}
	length += 20;
	memcpy(at, "\x45\0\0\0\0\0\0\0\x40", 9);
	at[2] = length >> 8;
	at[3] = length & 255;
	at[9] = packet->udp ? UDP : TCP;
	memcpy(at + 12, packet->src, 4);
	memcpy(at + 16, packet->dst, 4);
	return 20;
}

/* The headers; nobody looks at their checksums. */
static unsigned int make_frame(uint8_t *frame, const struct packet *packet)
{
	unsigned int transport = packet->udp ? 8 : 20;
	unsigned int at = ETHER;

	memset(frame, 0, LARGEST);
	memset(frame, 0xff, SOURCE);
	memcpy(frame + SOURCE, sender, sizeof(sender));
	memcpy(frame + 12, packet->v6 ? "\x86\xdd" : "\x08\x00", 2);
	at += put_ip(frame + at, packet, transport + packet->payload);
	frame[at] = packet->sport >> 8;
	frame[at + 1] = packet->sport & 255;
	frame[at + 2] = packet->dport >> 8;
	frame[at + 3] = packet->dport & 255;
	if (!packet->udp) {
		frame[at + 12] = 0x50; /* its header has 20 bytes */
		frame[at + 13] = 0x10; /* ACK */
	}
	return at + transport + packet->payload;
}

/* Behind what the kernel wants to know of segments, if there are some. */
static int send_frame(struct hashed *hashed, const struct packet *packet)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(packet->v6 ? 0x86dd : 0x0800),
		.sll_ifindex = if_nametoindex(hashed->name),
		.sll_halen = 6,
	};
	static struct {
		struct virtio_net_hdr segments;
		uint8_t frame[LARGEST];
	} all;
	unsigned int length = make_frame(all.frame, packet);
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	int one = 1, err;

	memset(&all.segments, 0, sizeof(all.segments));
	if (packet->gso)
		all.segments = (struct virtio_net_hdr){
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
			.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
			.hdr_len = ETHER + 40,
			.gso_size = packet->gso,
			.csum_start = ETHER + 20,
			.csum_offset = 16,
		};
	length += sizeof(all.segments);
	err = setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) ||
	      sendto(fd, &all, length, 0, (void *)&to, sizeof(to)) !=
		      (ssize_t)length;
	if (err)
		fprintf(stderr, "cannot send: %s\n", strerror(errno));
	close(fd);
	return err ? -EIO : 0;
}

/* The next response of a queue, an extra or not. */
static const netif_rx_response_t *next(struct hashed_queue *queue,
				       unsigned int *index)
{
	*index = queue->front.rsp_cons++;
	if (!queue->held)
		post(queue);
	return RING_GET_RESPONSE(&queue->front, *index);
}

/* Return: whether the packet was one of ours. */
static bool take(struct hashed_queue *queue, struct arrived *arrived)
{
	const uint8_t *frame = queue->pages;
	const netif_rx_response_t *rsp;
	unsigned int index;
	bool extras, more;

	memset(arrived, 0, sizeof(*arrived));
	rsp = next(queue, &index);
	frame += (size_t)(index % HASHED_PAGES) * PAGE_BYTES + rsp->offset;
	arrived->bytes = rsp->status;
	arrived->slots = 1;
	extras = rsp->flags & NETRXF_extra_info;
	more = rsp->flags & NETRXF_more_data;
	while (extras && arrived->nr_extras < 4) {
		struct netif_extra_info *extra =
			&arrived->extra[arrived->nr_extras++];

		memcpy(extra, next(queue, &index), sizeof(*rsp));
		extras = extra->flags & XEN_NETIF_EXTRA_FLAG_MORE;
		arrived->slots++;
	}
	while (more) {
		rsp = next(queue, &index);
		more = rsp->flags & NETRXF_more_data;
		arrived->bytes += rsp->status;
		arrived->slots++;
	}
	RING_PUSH_REQUESTS(&queue->front);
	return !memcmp(frame + SOURCE, sender, sizeof(sender));
}

/* All slots of a packet are answered by one push. */
static bool look(struct hashed *hashed, struct arrived *arrived)
{
	unsigned int i;

	for (i = 0; i < HASHED_QUEUES; i++) {
		struct hashed_queue *queue = &hashed->queue[i];

		while (RING_HAS_UNCONSUMED_RESPONSES(&queue->front)) {
			bool ours;

			xen_rmb();
			ours = take(queue, arrived);
			xenevtchn_notify(queue->own.events, queue->own.port);
			arrived->queue = i;
			if (ours)
				return true;
		}
	}
	return false;
}

bool arrived_wait(struct hashed *hashed, unsigned int milliseconds,
		  struct arrived *arrived)
{
	int tries = milliseconds / POLL_MS;

	while (!look(hashed, arrived)) {
		if (--tries < 0)
			return false;
		usleep(POLL_MS * 1000);
	}
	return true;
}

int arrived_only_send(struct hashed *hashed, const struct packet *packet)
{
	return send_frame(hashed, packet);
}

int arrived_send(struct hashed *hashed, const struct packet *packet,
		 struct arrived *arrived)
{
	int err = send_frame(hashed, packet);

	if (!err && !arrived_wait(hashed, PATIENCE_MS, arrived)) {
		fprintf(stderr, "a packet does not arrive\n");
		err = -ETIMEDOUT;
	}
	if (err) {
		memset(arrived, 0, sizeof(*arrived));
		arrived->queue = -1;
		hashed->failures++;
	}
	return err;
}

static unsigned int left(const struct hashed_queue *queue)
{
	return queue->front.req_prod_pvt - queue->front.rsp_cons;
}

unsigned int arrived_hold(struct hashed *hashed, unsigned int queue,
			  const struct packet *packet)
{
	struct hashed_queue *of = &hashed->queue[queue];
	struct arrived arrived;

	of->held = true;
	while (left(of) > 1)
		if (arrived_send(hashed, packet, &arrived) ||
		    arrived.queue != (int)queue)
			break;
	return left(of);
}

bool arrived_release(struct hashed *hashed, unsigned int queue,
		     struct arrived *arrived)
{
	struct hashed_queue *of = &hashed->queue[queue];

	of->held = false;
	while (left(of) < SLOTS)
		post(of);
	RING_PUSH_REQUESTS(&of->front);
	xenevtchn_notify(of->own.events, of->own.port);
	return arrived_wait(hashed, PATIENCE_MS, arrived);
}
