// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Slots of an interface's two rings, as the tests of netback put and take them. */

#include "wire.h"

#include <errno.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void wire_expect(struct wire *wire, const char *what, int got, int want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s: %d, not %d\n", what, got, want);
	wire->failures++;
}

/* Without IPv6, which would send by itself. */
int wire_up(struct wire *wire)
{
	char command[160];

	snprintf(command, sizeof(command),
		 "echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6; "
		 "ip link set dev %s up",
		 wire->name, wire->name);
	return system(command) ? -EIO : 0;
}

int wire_set(const struct wire *wire, const char *what)
{
	char command[160];

	snprintf(command, sizeof(command), "ip link set dev %s %s", wire->name,
		 what);
	return system(command);
}

static void use_rings(struct wire *wire)
{
	FRONT_RING_INIT(&wire->tx, (netif_tx_sring_t *)wire->net.tx,
			PAGE_BYTES);
	FRONT_RING_INIT(&wire->rx, (netif_rx_sring_t *)wire->net.rx,
			PAGE_BYTES);
}

int wire_again(struct wire *wire, const struct net_ways *ways)
{
	int err = net_again(&wire->net, ways);

	if (!err)
		use_rings(wire);
	return err;
}

static int start(struct wire *wire, struct share *share, unsigned int number)
{
	int err = share_page(share, &wire->page, &wire->ref);

	if (err)
		return err;
	use_rings(wire);
	snprintf(wire->name, sizeof(wire->name), "vif0.%u", number);
	return wire_up(wire);
}

int wire_open(struct wire *wire, struct share *share, struct xs_handle *store,
	      unsigned int number)
{
	memset(wire, 0, sizeof(*wire));
	return net_connect(&wire->net, share, store, number) ?:
		       start(wire, share, number);
}

int wire_open_so(struct wire *wire, struct share *share,
		 struct xs_handle *store, unsigned int number,
		 const struct net_ways *ways)
{
	memset(wire, 0, sizeof(*wire));
	return net_connect_so(&wire->net, share, store, number, ways) ?:
		       start(wire, share, number);
}

void wire_free(struct wire *wire)
{
	net_free(&wire->net);
	share_free(wire->net.share, wire->page);
}

int wire_close(struct wire *wire)
{
	struct share *share = wire->net.share;
	int err = net_disconnect(&wire->net);

	share_free(share, wire->page);
	return err ?: device_wait_gone("vif", wire->net.dev.number);
}

void wire_notify(struct wire *wire)
{
	xen_wmb();
	xenevtchn_notify(wire->net.share->events, wire->net.share->port);
}

void wire_put(struct wire *wire, uint32_t ref, unsigned int offset,
	      unsigned int size, unsigned int flags)
{
	unsigned int index = wire->tx.req_prod_pvt++;

	*RING_GET_REQUEST(&wire->tx, index) = (netif_tx_request_t){
		.gref = ref,
		.offset = offset,
		.flags = flags,
		.id = index,
		.size = size,
	};
}

/* Behind a first slot of NETTXF_extra_info. */
void wire_extra(struct wire *wire, unsigned int type, unsigned int gso_type,
		unsigned int gso_size)
{
	netif_extra_info_t *extra =
		(void *)RING_GET_REQUEST(&wire->tx, wire->tx.req_prod_pvt++);

	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	extra->u.gso.type = gso_type;
	extra->u.gso.size = gso_size;
}

void wire_push(struct wire *wire)
{
	RING_PUSH_REQUESTS(&wire->tx);
	wire_notify(wire);
}

/* The status of the next answer; -99 when none comes. */
int wire_answer(struct wire *wire)
{
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&wire->tx, more);
		if (more)
			break;
		if (share_wait(wire->net.share, PATIENCE_MS))
			return -99;
	}
	return RING_GET_RESPONSE(&wire->tx, wire->tx.rsp_cons++)->status;
}

int wire_one(struct wire *wire, uint32_t ref, unsigned int offset,
	     unsigned int size)
{
	wire_put(wire, ref, offset, size, 0);
	wire_push(wire);
	return wire_answer(wire);
}

int wire_statistic(const struct wire *wire, const char *what)
{
	char path[128];
	FILE *file;
	int value = -1;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", wire->name, what);
	file = fopen(path, "r");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

/* Sends a frame out of dom0, to the frontend. */
int wire_send_to(struct wire *wire, const unsigned char *to_whom)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(wire->name),
		.sll_halen = 6,
	};
	unsigned char frame[FRAME];
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	ssize_t sent;

	memset(frame, 0xff, sizeof(frame));
	memcpy(frame, to_whom, 6);
	frame[12] = ETHERTYPE >> 8;
	frame[13] = ETHERTYPE & 255;
	sent = sendto(fd, frame, sizeof(frame), 0, (void *)&to, sizeof(to));
	close(fd);
	return sent == sizeof(frame) ? 0 : -EIO;
}

int wire_send(struct wire *wire)
{
	static const unsigned char all[] = { 255, 255, 255, 255, 255, 255 };

	return wire_send_to(wire, all);
}

/* A slot, of which nobody is told. */
void wire_post_unsaid(struct wire *wire, uint32_t ref)
{
	unsigned int index = wire->rx.req_prod_pvt++;

	*RING_GET_REQUEST(&wire->rx, index) =
		(netif_rx_request_t){ .id = index, .gref = ref };
	RING_PUSH_REQUESTS(&wire->rx);
}

/* The poll that the event starts is over by the time that this returns. */
void wire_post(struct wire *wire, uint32_t ref)
{
	wire_post_unsaid(wire, ref);
	wire_notify(wire);
	usleep(POLL_MS * 10000);
}

/* The status of the next slot that is answered; -99 when none is by then. */
int wire_arrived(struct wire *wire, int milliseconds)
{
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&wire->rx, more);
		if (more)
			break;
		if (share_wait(wire->net.share, milliseconds))
			return -99;
	}
	return RING_GET_RESPONSE(&wire->rx, wire->rx.rsp_cons++)->status;
}

/* A frame that comes into a slot; the status of the slot's answer. */
int wire_receive(struct wire *wire, uint32_t ref)
{
	wire_post(wire, ref);
	return wire_send(wire) ? -98 : wire_arrived(wire, PATIENCE_MS);
}
