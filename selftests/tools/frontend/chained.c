// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A frontend that cannot segment sends a full packet's worth of segments; GRO in
 * dom0 makes one packet of them, of more pieces than an skb has room for, and
 * chains what is left. Over a bridge it comes to another frontend, which can
 * segment: as one packet, with each byte where it was.
 */

#include "chained.h"
#include "wire.h"
/* behind what xen/io/ring.h builds on */
#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEGMENTS 45
#define PAYLOAD 1400
#define TOTAL (HEADERS + SEGMENTS * PAYLOAD)
#define SLOTS ((TOTAL + PAGE_BYTES - 1) / PAGE_BYTES)
#define POSTED 200
#define BRIDGE "frontendbr"
#define FORWARDING 3 /* as /sys has it */

/* So that no byte is the one a page or a segment before or behind it. */
static unsigned char byte_of(unsigned int at)
{
	return at * 31 + at / 251;
}

struct ends {
	struct wire from;
	struct wire to;
	unsigned char *sent; /* two segments a page */
	uint32_t sent_ref[(SEGMENTS + 1) / 2];
	unsigned char *got;
	uint32_t got_ref[POSTED];
};

static int port_of_bridge(const struct wire *wire)
{
	char command[80];

	snprintf(command, sizeof(command), "ip link set %s master " BRIDGE,
		 wire->name);
	return system(command);
}

/* The stack hears of a carrier some time later, and the bridge from that. */
static bool forwards(const struct wire *wire)
{
	int tries = PATIENCE_MS / POLL_MS;

	while (tries-- > 0) {
		if (wire_statistic(wire, "brport/state") == FORWARDING)
			return true;
		usleep(POLL_MS * 1000);
	}
	fprintf(stderr, "%s does not forward\n", wire->name);
	return false;
}

/* A bridge that looks for members of groups would send a packet of its own. */
static int join(const struct ends *ends)
{
	static const char *const commands[] = {
		"ip link add " BRIDGE " type bridge",
		"echo 0 > /sys/class/net/" BRIDGE "/bridge/multicast_snooping",
		"echo 1 > /proc/sys/net/ipv6/conf/" BRIDGE "/disable_ipv6",
		"ip link set " BRIDGE " up", NULL
	};
	unsigned int i;

	for (i = 0; commands[i]; i++)
		if (system(commands[i]))
			return -EIO;
	if (port_of_bridge(&ends->from) || port_of_bridge(&ends->to))
		return -EIO;
	return forwards(&ends->from) && forwards(&ends->to) ? 0 : -ETIMEDOUT;
}

static void post_all(struct ends *ends)
{
	unsigned int i;

	for (i = 0; i < POSTED; i++)
		wire_post_unsaid(&ends->to, ends->got_ref[i]);
	wire_notify(&ends->to);
}

static void send_all(struct ends *ends)
{
	unsigned int i, k;

	for (i = 0; i < SEGMENTS; i++) {
		unsigned int at = i % 2 * PAGE_BYTES / 2;
		unsigned char *frame = ends->sent + i / 2 * PAGE_BYTES + at;

		segment_write(frame, 0, i * PAYLOAD, PAYLOAD);
		for (k = 0; k < PAYLOAD; k++)
			frame[HEADERS + k] = byte_of(i * PAYLOAD + k);
		wire_put(&ends->from, ends->sent_ref[i / 2], at,
			 HEADERS + PAYLOAD, CHECKSUM);
	}
	wire_push(&ends->from);
	for (i = 0; i < SEGMENTS; i++)
		wire_expect(&ends->from, "a segment", wire_answer(&ends->from),
			    0);
}

static void check_bytes(struct ends *ends, unsigned int packet_at)
{
	const unsigned char *got = ends->got + packet_at * PAGE_BYTES;
	unsigned int i, wrong = 0;

	for (i = HEADERS; i < PAGE_BYTES; i++)
		wrong += got[i] != byte_of(i - HEADERS);
	/* the slot behind the first is the extra's: its page stays empty */
	got += PAGE_BYTES;
	for (; i < TOTAL; i++)
		wrong += got[i] != byte_of(i - HEADERS);
	wire_expect(&ends->to, "wrong bytes", wrong, 0);
}

/* Slots of the packets that come, an extra behind the first of the first. */
static void check_arrival(struct ends *ends)
{
	netif_rx_response_t *rsp = RING_GET_RESPONSE(&ends->to.rx, 0);
	netif_extra_info_t *extra = (void *)RING_GET_RESPONSE(&ends->to.rx, 1);
	unsigned int slots, bytes = 0, i;

	wire_expect(&ends->to, "the first slot",
		    wire_arrived(&ends->to, PATIENCE_MS), PAGE_BYTES);
	usleep(POLL_MS * 20000);
	slots = ends->to.rx.sring->rsp_prod;
	printf("%u segments arrived in %u slots\n", SEGMENTS, slots);
	wire_expect(&ends->to, "slots of one packet", slots, SLOTS + 1);
	wire_expect(&ends->to, "flags", rsp->flags & NETRXF_extra_info,
		    NETRXF_extra_info);
	wire_expect(&ends->to, "bytes of a segment", extra->u.gso.size,
		    PAYLOAD);
	for (i = 0; i < slots; i++)
		if (i != 1)
			bytes += RING_GET_RESPONSE(&ends->to.rx, i)->status;
	wire_expect(&ends->to, "bytes", bytes, TOTAL);
	check_bytes(ends, 0);
}

static int open_ends(struct ends *ends, struct share *from, struct share *to,
		     struct xs_handle *store, unsigned int number)
{
	static const struct net_ways can_segment = { 1, 1, 1, 1, 0, 0 };
	void *pages;
	int err;

	err = wire_open(&ends->from, from, store, number);
	err = err   ?:
		      wire_open_so(&ends->to, to, store, number + 1,
				   &can_segment);
	err = err   ?:
		      share_pages(from, (SEGMENTS + 1) / 2, true, &pages,
				  ends->sent_ref);
	if (err)
		return err;
	ends->sent = pages;
	err = share_pages(to, POSTED, true, &pages, ends->got_ref);
	if (err)
		return err;
	ends->got = pages;
	return join(ends);
}

int chained_all(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	static struct ends ends;
	struct share to;
	int err, ended;

	(void)node;
	err = share_open(&to);
	if (err)
		return err;
	err = open_ends(&ends, share, &to, store, number);
	if (!err) {
		post_all(&ends);
		send_all(&ends);
		check_arrival(&ends);
	}
	if (system("ip link del " BRIDGE))
		err = err ?: -EIO;
	ended = wire_close(&ends.from);
	ended = wire_close(&ends.to) ?: ended;
	share_free_pages(share, ends.sent, (SEGMENTS + 1) / 2);
	share_free_pages(&to, ends.got, POSTED);
	share_close(&to);
	if (ends.from.failures + ends.to.failures)
		err = err ?: -EPROTO;
	return err ?: ended;
}
