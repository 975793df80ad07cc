// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Frames out of dom0 into an interface, and where they are in its pages. */

#include "frames.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 14
#define UNTOUCHED 0xa5

static unsigned char *page_of(struct frames *frames, unsigned int index)
{
	return frames->pages + (size_t)(index % FRAMES_PAGES) * PAGE_BYTES;
}

int frames_open(struct frames *frames, struct wire *wire)
{
	void *pages;
	int err;

	memset(frames, 0, sizeof(*frames));
	frames->wire = wire;
	err = share_pages(wire->net.share, FRAMES_PAGES, true, &pages,
			  frames->refs);
	if (!err)
		frames->pages = pages;
	return err;
}

void frames_close(struct frames *frames)
{
	share_free_pages(frames->wire->net.share, frames->pages, FRAMES_PAGES);
}

void frames_post(struct frames *frames, unsigned int slots)
{
	netif_rx_front_ring_t *ring = &frames->wire->rx;

	while (ring->req_prod_pvt - ring->rsp_cons < slots) {
		unsigned int index = ring->req_prod_pvt++;

		memset(page_of(frames, index), UNTOUCHED, PAGE_BYTES);
		*RING_GET_REQUEST(ring, index) = (netif_rx_request_t){
			.id = index & 0xffff,
			.gref = frames->refs[index % FRAMES_PAGES],
		};
	}
	RING_PUSH_REQUESTS(ring);
	wire_notify(frames->wire);
}

/* So that no byte is the one a page before or behind it. */
void frames_fill(unsigned char *data, unsigned int length)
{
	unsigned int i;

	for (i = HEADER; i < length; i++)
		data[i] = i * 31 + i / 251;
	memset(data, 0xff, 6);
	memset(data + 6, 2, 6);
	data[12] = ETHERTYPE >> 8;
	data[13] = ETHERTYPE & 255;
}

int frames_send(struct frames *frames, unsigned int length)
{
	return frames_send_head(frames, length, 0);
}

int frames_send_head(struct frames *frames, unsigned int length,
		     unsigned int head)
{
	static struct {
		struct virtio_net_hdr about;
		unsigned char data[FRAMES_LARGEST];
	} packet;
	int one = 1, all = sizeof(packet.about) + length;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(frames->wire->name),
		.sll_halen = 6,
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	ssize_t sent;

	memset(to.sll_addr, 0xff, 6);
	setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one));
	packet.about.hdr_len = head;
	frames_fill(packet.data, length);
	sent = sendto(fd, &packet, all, 0, (void *)&to, sizeof(to));
	close(fd);
	if (sent == all)
		return 0;
	fprintf(stderr, "%u bytes: cannot send\n", length);
	return -EIO;
}

static bool untouched(const unsigned char *from, unsigned int length)
{
	while (length && *from == UNTOUCHED) {
		from++;
		length--;
	}
	return !length;
}

/* The data of a slot; how much of its page is something else is looked at too. */
static void take_data(struct frames *frames, struct frame *frame,
		      unsigned int index, const netif_rx_response_t *rsp)
{
	unsigned char *page = page_of(frames, index);
	unsigned int end = rsp->offset + (unsigned int)rsp->status;

	frame->slots++;
	if (rsp->status < 0 || end > PAGE_BYTES ||
	    frame->length + rsp->status > FRAMES_LARGEST) {
		fprintf(stderr, "offset %u, status %d\n", rsp->offset,
			rsp->status);
		frame->strayed = true;
		return;
	}
	if (!frame->nr_data++)
		frame->offset = rsp->offset;
	memcpy(frame->data + frame->length, page + rsp->offset, rsp->status);
	frame->length += rsp->status;
	frame->strayed |= !untouched(page, rsp->offset) ||
			  !untouched(page + end, PAGE_BYTES - end);
}

/* All slots of a packet are answered by one push. */
static void take(struct frames *frames, struct frame *frame)
{
	netif_rx_front_ring_t *ring = &frames->wire->rx;
	unsigned int index = ring->rsp_cons++;
	netif_rx_response_t rsp = *RING_GET_RESPONSE(ring, index);
	bool extras = rsp.flags & NETRXF_extra_info;

	memset(frame, 0, sizeof(*frame));
	take_data(frames, frame, index, &rsp);
	while (extras && frame->nr_extras < FRAMES_EXTRAS) {
		struct netif_extra_info *extra =
			&frame->extra[frame->nr_extras++];

		index = ring->rsp_cons++;
		memcpy(extra, RING_GET_RESPONSE(ring, index), sizeof(rsp));
		extras = extra->flags & XEN_NETIF_EXTRA_FLAG_MORE;
		frame->slots++;
		frame->strayed |=
			!untouched(page_of(frames, index), PAGE_BYTES);
	}
	while (rsp.flags & NETRXF_more_data) {
		index = ring->rsp_cons++;
		rsp = *RING_GET_RESPONSE(ring, index);
		take_data(frames, frame, index, &rsp);
	}
}

static bool is_ours(const struct frame *frame)
{
	return frame->length > HEADER && frame->data[12] == ETHERTYPE >> 8 &&
	       frame->data[13] == (ETHERTYPE & 255);
}

/* A bridge sends some of its own. */
bool frames_wait(struct frames *frames, unsigned int milliseconds,
		 struct frame *frame)
{
	netif_rx_front_ring_t *ring = &frames->wire->rx;
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(ring, more);
		if (!more && share_wait(frames->wire->net.share, milliseconds))
			return false;
		if (!more)
			continue;
		take(frames, frame);
		if (is_ours(frame))
			return true;
	}
}

bool frames_is_sent(const struct frame *frame, unsigned int length)
{
	static unsigned char data[FRAMES_LARGEST];

	frames_fill(data, length);
	if (frame->length != length)
		fprintf(stderr, "%u bytes came, not %u\n", frame->length,
			length);
	return frame->length == length && !frame->strayed &&
	       !memcmp(frame->data, data, length);
}
