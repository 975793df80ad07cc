// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Packets that no stock frontend sends, and slots for packets that it never
 * posts, each with the answer it must get; then what nobody can believe, each on
 * an interface of its own, which must be switched off.
 */

#include "netif.h"
#include "packets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xen/io/netif.h>

#define PAGE_BYTES 4096
#define NO_GRANT 0x00ffffff
#define FAR_AWAY 100000
#define FRAME 60
#define ETHERTYPE 0x88b5 /* for experiments: no host answers it */
#define PATIENCE_MS 10000
#define SILENCE_MS 300
#define DROPPED "statistics/tx_dropped"

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

static void expect(struct wire *wire, const char *what, int got, int want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s: %d, not %d\n", what, got, want);
	wire->failures++;
}

/* Without IPv6, which would send by itself. */
static int wire_open(struct wire *wire, struct share *share,
		     struct xs_handle *store, unsigned int number)
{
	char command[160];
	int err;

	memset(wire, 0, sizeof(*wire));
	err = net_connect(&wire->net, share, store, number);
	err = err ?: share_page(share, &wire->page, &wire->ref);
	if (err)
		return err;
	FRONT_RING_INIT(&wire->tx, (netif_tx_sring_t *)wire->net.tx,
			PAGE_BYTES);
	FRONT_RING_INIT(&wire->rx, (netif_rx_sring_t *)wire->net.rx,
			PAGE_BYTES);
	snprintf(wire->name, sizeof(wire->name), "vif0.%u", number);
	snprintf(command, sizeof(command),
		 "echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6; "
		 "ip link set dev %s up",
		 wire->name, wire->name);
	return system(command) ? -EIO : 0;
}

static int wire_close(struct wire *wire)
{
	struct share *share = wire->net.share;
	int err = net_disconnect(&wire->net);

	share_free(share, wire->page);
	return err ?: device_wait_gone("vif", wire->net.dev.number);
}

static void notify(struct wire *wire)
{
	xen_wmb();
	xenevtchn_notify(wire->net.share->events, wire->net.share->port);
}

static void put(struct wire *wire, uint32_t ref, unsigned int offset,
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
static void put_extra(struct wire *wire, unsigned int type,
		      unsigned int gso_type, unsigned int gso_size)
{
	netif_extra_info_t *extra =
		(void *)RING_GET_REQUEST(&wire->tx, wire->tx.req_prod_pvt++);

	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	extra->u.gso.type = gso_type;
	extra->u.gso.size = gso_size;
}

static void push(struct wire *wire)
{
	RING_PUSH_REQUESTS(&wire->tx);
	notify(wire);
}

/* The status of the next answer; -99 when none comes. */
static int answer(struct wire *wire)
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

static int one(struct wire *wire, uint32_t ref, unsigned int offset,
	       unsigned int size)
{
	put(wire, ref, offset, size, 0);
	push(wire);
	return answer(wire);
}

static int statistic(const struct wire *wire, const char *what)
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

static void test_good(struct wire *wire)
{
	expect(wire, "a packet", one(wire, wire->ref, 0, FRAME), 0);
	expect(wire, "at a page's end",
	       one(wire, wire->ref, PAGE_BYTES - FRAME, FRAME), 0);
	put(wire, wire->ref, 0, 2 * FRAME, NETTXF_more_data);
	put(wire, wire->ref, PAGE_BYTES - FRAME, FRAME, 0);
	push(wire);
	expect(wire, "the first of two pieces", answer(wire), 0);
	expect(wire, "the second", answer(wire), 0);
	put(wire, wire->ref, 0, FRAME, NETTXF_extra_info);
	put_extra(wire, XEN_NETIF_EXTRA_TYPE_HASH, 0, 0);
	push(wire);
	expect(wire, "with an extra", answer(wire), 0);
	expect(wire, "the extra", answer(wire), NETIF_RSP_NULL);
	wire->good += 4;
}

static void test_bad(struct wire *wire)
{
	unsigned int i;

	expect(wire, "not granted", one(wire, NO_GRANT, 0, FRAME),
	       NETIF_RSP_ERROR);
	put(wire, wire->ref, 0, 2 * FRAME, NETTXF_more_data);
	put(wire, NO_GRANT, 0, FRAME, 0);
	push(wire);
	expect(wire, "a piece that is granted", answer(wire), 0);
	expect(wire, "one that is not", answer(wire), NETIF_RSP_ERROR);
	expect(wire, "no whole header", one(wire, wire->ref, 0, 13),
	       NETIF_RSP_ERROR);
	put(wire, wire->ref, 0, FRAME, NETTXF_more_data);
	put(wire, wire->ref, 0, FRAME + 1, 0);
	push(wire);
	expect(wire, "more than was said", answer(wire), NETIF_RSP_ERROR);
	expect(wire, "its second piece", answer(wire), NETIF_RSP_ERROR);
	for (i = 0; i < 19; i++)
		put(wire, wire->ref, 0, i ? 10 : 1000,
		    i < 18 ? NETTXF_more_data : 0);
	push(wire);
	for (i = 0; i < 19; i++)
		expect(wire, "of 19 pieces", answer(wire), NETIF_RSP_ERROR);
	put(wire, wire->ref, 0, FRAME, NETTXF_extra_info);
	put_extra(wire, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 0, 0);
	push(wire);
	expect(wire, "with a wish not offered", answer(wire), NETIF_RSP_ERROR);
	expect(wire, "the wish", answer(wire), NETIF_RSP_NULL);
	expect(wire, "a packet after all that", one(wire, wire->ref, 0, FRAME),
	       0);
	wire->good++;
	expect(wire, "packets taken", statistic(wire, "statistics/rx_packets"),
	       wire->good);
	expect(wire, "packets refused", statistic(wire, "statistics/rx_errors"),
	       6);
}

/* Sends a frame out of dom0, to the frontend. */
static int send_frame(struct wire *wire)
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
	frame[12] = ETHERTYPE >> 8;
	frame[13] = ETHERTYPE & 255;
	sent = sendto(fd, frame, sizeof(frame), 0, (void *)&to, sizeof(to));
	close(fd);
	return sent == sizeof(frame) ? 0 : -EIO;
}

/* The poll that the event starts is over by the time that this returns. */
static void post(struct wire *wire, uint32_t ref)
{
	unsigned int index = wire->rx.req_prod_pvt++;

	*RING_GET_REQUEST(&wire->rx, index) =
		(netif_rx_request_t){ .id = index, .gref = ref };
	RING_PUSH_REQUESTS(&wire->rx);
	notify(wire);
	usleep(POLL_MS * 10000);
}

/* A frame that comes into a slot; the status of the slot's answer. */
static int receive(struct wire *wire, uint32_t ref)
{
	int more;

	post(wire, ref);
	if (send_frame(wire))
		return -98;
	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&wire->rx, more);
		if (more)
			break;
		if (share_wait(wire->net.share, PATIENCE_MS))
			return -99;
	}
	return RING_GET_RESPONSE(&wire->rx, wire->rx.rsp_cons++)->status;
}

static void test_receive(struct wire *wire)
{
	const unsigned char *page = wire->page;

	memset(wire->page, 0, PAGE_BYTES);
	expect(wire, "bytes that came", receive(wire, wire->ref), FRAME);
	expect(wire, "what came", page[12] << 8 | page[13], ETHERTYPE);
	expect(wire, "and behind it", page[FRAME], 0);
	expect(wire, "into what is not granted", receive(wire, NO_GRANT),
	       NETIF_RSP_ERROR);
	expect(wire, "after that", receive(wire, wire->ref), FRAME);
}

/*
 * Without slots a packet waits for a second, as the case has it, and those after
 * it not at all, until there are slots again.
 */
static void test_stalled(struct wire *wire)
{
	int tries = PATIENCE_MS / POLL_MS;

	expect(wire, "sent", send_frame(wire), 0);
	expect(wire, "dropped at once", statistic(wire, DROPPED), 0);
	while (tries-- > 0 && statistic(wire, DROPPED) == 0)
		usleep(POLL_MS * 1000);
	expect(wire, "dropped when it was late", statistic(wire, DROPPED), 1);
	expect(wire, "sent to who does not take it", send_frame(wire), 0);
	expect(wire, "dropped then", statistic(wire, DROPPED), 2);
	expect(wire, "with a slot again", receive(wire, wire->ref), FRAME);
}

/* Linux holds back who sends such events, once it is told (XSA-332). */
static void test_storm(struct wire *wire)
{
	int spurious = share_storm(wire->net.share, &wire->net.dev, NULL);

	printf("of %d events %d were spurious\n", STORM_EVENTS, spurious);
	expect(wire, "events without a packet are spurious",
	       spurious >= STORM_LEAST, 1);
}

static void far_producer(struct wire *wire)
{
	wire->tx.sring->req_prod += FAR_AWAY;
	notify(wire);
}

static void no_end(struct wire *wire)
{
	put(wire, wire->ref, 0, 2 * FRAME, NETTXF_more_data);
	push(wire);
}

static void no_segments(struct wire *wire)
{
	put(wire, wire->ref, 0, FRAME, NETTXF_extra_info);
	put_extra(wire, XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	push(wire);
}

static void past_the_page(struct wire *wire)
{
	put(wire, wire->ref, PAGE_BYTES - FRAME + 1, FRAME, 0);
	push(wire);
}

static void far_slots(struct wire *wire)
{
	wire->rx.sring->req_prod += FAR_AWAY;
	expect(wire, "sent", send_frame(wire), 0);
}

static const struct play {
	const char *why; /* as the backend has to say it */
	void (*play)(struct wire *wire);
} plays[] = {
	{ "tx: more requests than slots", far_producer },
	{ "tx: a packet goes on past the producer", no_end },
	{ "tx: GSO size is 0", no_segments },
	{ "tx: a piece crosses its page", past_the_page },
	{ "rx: more requests than slots", far_slots },
	{ NULL },
};

static int says(struct wire *wire, const char *why)
{
	char path[PATH_SIZE + 64];
	char *text;
	int yes;

	snprintf(path, sizeof(path),
		 "/local/domain/0/error/backend/vif/0/%u/error",
		 wire->net.dev.number);
	text = xs_read(wire->net.dev.store, XBT_NULL, path, NULL);
	yes = text && strstr(text, why);
	free(text);
	return yes;
}

static void expect_off(struct wire *wire, const char *why)
{
	unsigned int before = wire->tx.sring->rsp_prod;
	int tries = PATIENCE_MS / POLL_MS;

	while (tries-- > 0 &&
	       (!says(wire, why) || statistic(wire, "carrier") != 0))
		usleep(POLL_MS * 1000);
	expect(wire, why, says(wire, why), 1);
	expect(wire, "carrier", statistic(wire, "carrier"), 0);
	/* a good one is not taken any more, whatever its producer says */
	wire->tx.sring->req_prod = wire->tx.req_prod_pvt;
	put(wire, wire->ref, 0, FRAME, 0);
	push(wire);
	usleep(SILENCE_MS * 1000);
	expect(wire, "answers afterwards", wire->tx.sring->rsp_prod - before,
	       0);
}

int packets_all(struct share *share, struct xs_handle *store,
		unsigned int number)
{
	const struct play *play;
	struct wire wire;
	int err, ended;

	err = wire_open(&wire, share, store, number);
	if (!err) {
		test_good(&wire);
		test_bad(&wire);
		test_receive(&wire);
		test_stalled(&wire);
		test_storm(&wire);
	}
	ended = wire_close(&wire);
	err = err ?: ended ?: wire.failures ? -EPROTO : 0;
	for (play = plays; play->why && !err; play++) {
		err = wire_open(&wire, share, store, number);
		if (!err) {
			play->play(&wire);
			expect_off(&wire, play->why);
		}
		ended = wire_close(&wire);
		err = err ?: ended ?: wire.failures ? -EPROTO : 0;
		if (!err)
			printf("switched off: %s\n", play->why);
	}
	return err;
}
