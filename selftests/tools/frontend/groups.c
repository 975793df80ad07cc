// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Multicast control: a frontend that asks for it gets the groups that it has added,
 * and broadcasts; also after the module was loaded again beneath it.
 */

#include "groups.h"
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 64
#define DROPPED "statistics/tx_dropped"
#define ADD XEN_NETIF_EXTRA_TYPE_MCAST_ADD
#define DEL XEN_NETIF_EXTRA_TYPE_MCAST_DEL

static const unsigned char all[6] = { 255, 255, 255, 255, 255, 255 };
static const unsigned char one[6] = { 1, 0, 0x5e, 0, 0, 1 };
static const unsigned char other[6] = { 1, 0, 0x5e, 0, 0, 2 };
static const unsigned char alone[6] = { 2, 0, 0, 0, 0, 1 };

/* Says something of a group; the status, its extra answered behind it. */
static int say(struct wire *wire, unsigned int type, const unsigned char *group)
{
	netif_extra_info_t *extra;
	int status;

	/* nothing but flags and id counts, and nothing follows */
	wire_put(wire, 0, 5000, 0, NETTXF_extra_info | NETTXF_more_data);
	extra = (void *)RING_GET_REQUEST(&wire->tx, wire->tx.req_prod_pvt++);
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	memcpy(extra->u.mcast.addr, group, 6);
	wire_push(wire);
	status = wire_answer(wire);
	wire_expect(wire, "the extra of a group", wire_answer(wire),
		    NETIF_RSP_NULL);
	return status;
}

/* Whether a packet for a group arrives; it is dropped otherwise. */
static bool arrives(struct wire *wire, const unsigned char *group)
{
	int before = wire_statistic(wire, DROPPED);
	int tries = PATIENCE_MS / POLL_MS;

	if (wire_send_to(wire, group))
		wire->failures++;
	while (tries-- > 0) {
		if (wire->rx.sring->rsp_prod != wire->rx.rsp_cons) {
			wire_expect(wire, "what has come",
				    wire_arrived(wire, PATIENCE_MS), FRAME);
			wire_post(wire, wire->ref);
			return true;
		}
		if (wire_statistic(wire, DROPPED) > before)
			return false;
		usleep(POLL_MS * 1000);
	}
	fprintf(stderr, "a packet has neither come nor been dropped\n");
	wire->failures++;
	return false;
}

static void expect_arrival(struct wire *wire, const char *what,
			   const unsigned char *group, bool want)
{
	wire_expect(wire, what, arrives(wire, group), want);
}

static void test_groups(struct wire *wire)
{
	unsigned char group[6] = { 1, 0, 0x5e, 1, 0, 0 };
	unsigned int i;

	expect_arrival(wire, "a broadcast", all, true);
	expect_arrival(wire, "what is for one", alone, true);
	expect_arrival(wire, "a group not added", one, false);
	wire_expect(wire, "to add it", say(wire, ADD, one), 0);
	expect_arrival(wire, "a group that was added", one, true);
	expect_arrival(wire, "another", other, false);
	wire_expect(wire, "to add it again", say(wire, ADD, one), 0);
	wire_expect(wire, "to remove it", say(wire, DEL, one), 0);
	expect_arrival(wire, "a group that was removed", one, false);
	wire_expect(wire, "to remove it again", say(wire, DEL, one), 0);
	wire_expect(wire, "to add what is no group", say(wire, ADD, alone),
		    NETIF_RSP_ERROR);
	for (i = 0; i < MOST; i++) {
		group[5] = i;
		wire_expect(wire, "to add many", say(wire, ADD, group), 0);
	}
	wire_expect(wire, "to add too many", say(wire, ADD, one),
		    NETIF_RSP_ERROR);
	expect_arrival(wire, "the last of many", group, true);
	wire_expect(wire, "to remove one", say(wire, DEL, group), 0);
	wire_expect(wire, "to add one more", say(wire, ADD, one), 0);
	expect_arrival(wire, "the one more", one, true);
}

/* The frontend asks for it, or does no longer: as soon as that is seen. */
static void ask(struct wire *wire, unsigned int value, bool want)
{
	struct device *dev = &wire->net.dev;
	int tries = PATIENCE_MS / (POLL_MS * 10);
	bool got;

	device_write(dev, dev->front, "request-multicast-control", "%u", value);
	do {
		usleep(POLL_MS * 10000);
		got = arrives(wire, other);
	} while (got != want && tries-- > 0);
	wire_expect(wire, value ? "asked for again" : "asked for no more", got,
		    want);
}

static int anew(struct wire *wire)
{
	if (system("/etc/xen/scripts/reload-backend netback") || wire_up(wire))
		return -EIO;
	return 0;
}

/* What was removed before a second one does not come back. */
static int test_reload(struct wire *wire)
{
	unsigned char group[6] = { 1, 0, 0x5e, 2, 0, 0 };
	unsigned int i;

	if (anew(wire))
		return -EIO;
	expect_arrival(wire, "a group after a reload", one, true);
	expect_arrival(wire, "another after a reload", other, false);
	wire_expect(wire, "to remove it", say(wire, DEL, one), 0);
	for (i = 0; i < MOST - 1; i++) {
		group[3] = 1;
		group[5] = i;
		wire_expect(wire, "to remove many", say(wire, DEL, group), 0);
	}
	if (anew(wire))
		return -EIO;
	expect_arrival(wire, "a group that was removed before", one, false);
	for (i = 0; i < MOST; i++) {
		group[3] = 2;
		group[5] = i;
		wire_expect(wire, "to add many afterwards",
			    say(wire, ADD, group), 0);
	}
	return 0;
}

int groups_all(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number)
{
	static const struct net_ways ways = { 1, 1, 1, 0, 1, 0 };
	struct wire wire;
	int err, ended;

	(void)node;
	err = wire_open_so(&wire, share, store, number, &ways);
	if (!err) {
		wire_post(&wire, wire.ref);
		test_groups(&wire);
		ask(&wire, 0, true);
		ask(&wire, 1, false);
		err = test_reload(&wire);
	}
	ended = wire_close(&wire);
	return err ?: ended ?: wire.failures ? -EPROTO : 0;
}
