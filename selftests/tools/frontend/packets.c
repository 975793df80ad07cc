// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Packets that no stock frontend sends, and slots for packets that it never
 * posts, each with the answer it must get; then what nobody can believe, each on
 * an interface of its own, which must be switched off.
 */

#include "packets.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NO_GRANT 0x00ffffff
#define FAR_AWAY 100000
#define SILENCE_MS 300
#define DROPPED "statistics/tx_dropped"
#define SENT "statistics/tx_packets"

/* A packet of so many pieces, as a Linux before 3.2 sends up to 19. */
static void put_pieces(struct wire *wire, unsigned int pieces)
{
	unsigned int i;

	for (i = 0; i < pieces; i++)
		wire_put(wire, wire->ref, 0, i ? 10 : 1000,
			 i < pieces - 1 ? NETTXF_more_data : 0);
	wire_push(wire);
}

static void test_good(struct wire *wire)
{
	unsigned int i;

	wire_expect(wire, "a packet", wire_one(wire, wire->ref, 0, FRAME), 0);
	wire_expect(wire, "at a page's end",
		    wire_one(wire, wire->ref, PAGE_BYTES - FRAME, FRAME), 0);
	wire_put(wire, wire->ref, 0, 2 * FRAME, NETTXF_more_data);
	wire_put(wire, wire->ref, PAGE_BYTES - FRAME, FRAME, 0);
	wire_push(wire);
	wire_expect(wire, "the first of two pieces", wire_answer(wire), 0);
	wire_expect(wire, "the second", wire_answer(wire), 0);
	wire_put(wire, wire->ref, 0, FRAME, NETTXF_extra_info);
	wire_extra(wire, XEN_NETIF_EXTRA_TYPE_HASH, 0, 0);
	wire_push(wire);
	wire_expect(wire, "with an extra", wire_answer(wire), 0);
	wire_expect(wire, "the extra", wire_answer(wire), NETIF_RSP_NULL);
	wire_put(wire, wire->ref, 0, 3 * FRAME,
		 NETTXF_extra_info | NETTXF_more_data);
	wire_extra(wire, XEN_NETIF_EXTRA_TYPE_HASH, 0, 0);
	wire_put(wire, wire->ref, 0, FRAME, NETTXF_more_data);
	wire_put(wire, wire->ref, 0, FRAME, 0);
	wire_push(wire);
	wire_expect(wire, "the first of three", wire_answer(wire), 0);
	/* XENVIF stops where it is not behind the first */
	wire_expect(wire, "the extra behind it", wire_answer(wire),
		    NETIF_RSP_NULL);
	wire_expect(wire, "the second of three", wire_answer(wire), 0);
	wire_expect(wire, "the third", wire_answer(wire), 0);
	put_pieces(wire, 19);
	for (i = 0; i < 19; i++)
		wire_expect(wire, "of 19 pieces", wire_answer(wire), 0);
	wire->good += 6;
}

static void test_bad(struct wire *wire)
{
	unsigned int i, pieces;

	wire_expect(wire, "not granted", wire_one(wire, NO_GRANT, 0, FRAME),
		    NETIF_RSP_ERROR);
	wire_put(wire, wire->ref, 0, 2 * FRAME, NETTXF_more_data);
	wire_put(wire, NO_GRANT, 0, FRAME, 0);
	wire_push(wire);
	wire_expect(wire, "a piece that is granted", wire_answer(wire), 0);
	wire_expect(wire, "one that is not", wire_answer(wire),
		    NETIF_RSP_ERROR);
	wire_expect(wire, "no whole header", wire_one(wire, wire->ref, 0, 13),
		    NETIF_RSP_ERROR);
	wire_put(wire, wire->ref, 0, FRAME, NETTXF_more_data);
	wire_put(wire, wire->ref, 0, FRAME + 1, 0);
	wire_push(wire);
	wire_expect(wire, "more than was said", wire_answer(wire),
		    NETIF_RSP_ERROR);
	wire_expect(wire, "its second piece", wire_answer(wire),
		    NETIF_RSP_ERROR);
	for (pieces = 20; pieces <= 21; pieces++) {
		put_pieces(wire, pieces);
		for (i = 0; i < pieces; i++)
			wire_expect(wire, "of too many pieces",
				    wire_answer(wire), NETIF_RSP_ERROR);
	}
	wire_put(wire, wire->ref, 0, 2 * FRAME,
		 NETTXF_extra_info | NETTXF_more_data);
	wire_extra(wire, XEN_NETIF_EXTRA_TYPE_HASH, 0, 0);
	wire_put(wire, wire->ref, 0, 3 * FRAME, 0);
	wire_push(wire);
	wire_expect(wire, "refused with an extra", wire_answer(wire),
		    NETIF_RSP_ERROR);
	wire_expect(wire, "its extra", wire_answer(wire), NETIF_RSP_NULL);
	wire_expect(wire, "what came behind", wire_answer(wire),
		    NETIF_RSP_ERROR);
	wire_put(wire, wire->ref, 0, FRAME, NETTXF_extra_info);
	wire_extra(wire, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 0, 0);
	wire_push(wire);
	wire_expect(wire, "with an address that is no group", wire_answer(wire),
		    NETIF_RSP_ERROR);
	wire_expect(wire, "the extra of that", wire_answer(wire),
		    NETIF_RSP_NULL);
	wire_expect(wire, "a packet after all that",
		    wire_one(wire, wire->ref, 0, FRAME), 0);
	wire->good++;
	/* slots are answered before their packet is counted */
	usleep(POLL_MS * 10000);
	wire_expect(wire, "packets taken",
		    wire_statistic(wire, "statistics/rx_packets"), wire->good);
	wire_expect(wire, "packets refused",
		    wire_statistic(wire, "statistics/rx_errors"), 7);
}

static void test_receive(struct wire *wire)
{
	const unsigned char *page = wire->page;

	memset(wire->page, 0, PAGE_BYTES);
	wire_expect(wire, "bytes that came", wire_receive(wire, wire->ref),
		    FRAME);
	wire_expect(wire, "what came", page[12] << 8 | page[13], ETHERTYPE);
	wire_expect(wire, "and behind it", page[FRAME], 0);
	wire_expect(wire, "into what is not granted",
		    wire_receive(wire, NO_GRANT), NETIF_RSP_ERROR);
	wire_expect(wire, "after that", wire_receive(wire, wire->ref), FRAME);
}

/*
 * Without slots a packet waits for a second, as the case has it, and those after
 * it not at all, until there are slots again.
 */
static int carrier(struct wire *wire, int want)
{
	int tries = PATIENCE_MS / POLL_MS;

	while (tries-- > 0 && wire_statistic(wire, "carrier") != want)
		usleep(POLL_MS * 1000);
	return wire_statistic(wire, "carrier");
}

static void test_stalled(struct wire *wire)
{
	int tries = PATIENCE_MS / POLL_MS;
	int sent = wire_statistic(wire, SENT);

	wire_expect(wire, "sent", wire_send(wire), 0);
	wire_expect(wire, "dropped at once", wire_statistic(wire, DROPPED), 0);
	while (tries-- > 0 && wire_statistic(wire, DROPPED) == 0)
		usleep(POLL_MS * 1000);
	wire_expect(wire, "dropped when it was late",
		    wire_statistic(wire, DROPPED), 1);
	wire_expect(wire, "sent to who does not take it", wire_send(wire), 0);
	wire_expect(wire, "dropped then", wire_statistic(wire, DROPPED), 2);
	/* a second later, as the case has it, no more is sent to it */
	wire_expect(wire, "carrier when it is not reading", carrier(wire, 0),
		    0);
	wire_post(wire, wire->ref);
	wire_expect(wire, "carrier with a slot again", carrier(wire, 1), 1);
	/* the stack hears of the carrier some time later */
	for (tries = PATIENCE_MS / POLL_MS;
	     tries-- > 0 && wire_statistic(wire, SENT) == sent;
	     usleep(POLL_MS * 1000))
		wire_send(wire);
	wire_expect(wire, "with a slot again", wire_arrived(wire, PATIENCE_MS),
		    FRAME);
}

/* Linux holds back who sends such events, once it is told (XSA-332). */
static void test_storm(struct wire *wire)
{
	int spurious = share_storm(wire->net.share, &wire->net.dev, NULL);
	unsigned int i;

	printf("of %d events %d were spurious\n", STORM_EVENTS, spurious);
	wire_expect(wire, "events without a packet are spurious",
		    spurious >= STORM_LEAST, 1);
	/* packets that dom0 sends meanwhile are no work of the event's */
	for (i = 0; i < STORM_EVENTS; i++)
		wire_post_unsaid(wire, wire->ref);
	spurious = share_spurious(&wire->net.dev);
	for (i = 0; i < STORM_EVENTS; i++) {
		wire_send(wire);
		wire_notify(wire);
		usleep(STORM_US);
	}
	spurious = share_spurious(&wire->net.dev) - spurious;
	printf("beside packets for it %d\n", spurious);
	wire_expect(wire, "so are those beside packets",
		    spurious >= STORM_LEAST, 1);
}

static void far_producer(struct wire *wire)
{
	wire->tx.sring->req_prod += FAR_AWAY;
	wire_notify(wire);
}

static void no_end(struct wire *wire)
{
	wire_put(wire, wire->ref, 0, 2 * FRAME, NETTXF_more_data);
	wire_push(wire);
}

static void too_many_pieces(struct wire *wire)
{
	put_pieces(wire, 22);
}

static void no_segments(struct wire *wire)
{
	wire_put(wire, wire->ref, 0, FRAME, NETTXF_extra_info);
	wire_extra(wire, XEN_NETIF_EXTRA_TYPE_GSO, XEN_NETIF_GSO_TYPE_TCPV4, 0);
	wire_push(wire);
}

static void past_the_page(struct wire *wire)
{
	wire_put(wire, wire->ref, PAGE_BYTES - FRAME + 1, FRAME, 0);
	wire_push(wire);
}

static void far_slots(struct wire *wire)
{
	wire->rx.sring->req_prod += FAR_AWAY;
	wire_expect(wire, "sent", wire_send(wire), 0);
}

static const struct play {
	const char *why; /* as the backend has to say it */
	void (*play)(struct wire *wire);
} plays[] = {
	{ "tx: more requests than slots", far_producer },
	{ "tx: a packet goes on past the producer", no_end },
	{ "tx: a packet of too many slots", too_many_pieces },
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
	       (!says(wire, why) || wire_statistic(wire, "carrier") != 0))
		usleep(POLL_MS * 1000);
	wire_expect(wire, why, says(wire, why), 1);
	wire_expect(wire, "carrier", wire_statistic(wire, "carrier"), 0);
	/* a good one is not taken any more, whatever its producer says */
	wire->tx.sring->req_prod = wire->tx.req_prod_pvt;
	wire_put(wire, wire->ref, 0, FRAME, 0);
	wire_push(wire);
	usleep(SILENCE_MS * 1000);
	wire_expect(wire, "answers afterwards",
		    wire->tx.sring->rsp_prod - before, 0);
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
		wire_figures(&wire);
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
