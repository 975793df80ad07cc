// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What dom0 is shown of packets: histograms and tracepoints, off and on, against the
 * packets that went through.
 */

#include "watched.h"
#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEBUG "/sys/kernel/debug/xen-backends"
#define SWITCH DEBUG "/netback-latency"
#define TRACING "/sys/kernel/tracing"
#define ENABLE TRACING "/events/xen_netback/enable"
#define SENT 30
#define RECEIVED 20
#define BURST 64
#define HELD_MS 80
#define SETTLE_US 100000

struct watched {
	struct wire wire;
	struct frames frames;
};

/* Status of a write to a file; -1 when it cannot be opened. */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	int status;

	if (fd < 0)
		return -1;
	status = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return status;
}

/* Of all lines of the vif's file that begin so: the sum of their numbers. */
static long sum(struct watched *watched, const char *prefix)
{
	char path[128], line[1024];
	long found = 0;
	FILE *file;

	snprintf(path, sizeof(path), DEBUG "/vif-0-%u",
		 watched->wire.net.dev.number);
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, prefix, strlen(prefix)))
			found += atol(strchr(line, ':') + 1);
	fclose(file);
	return found;
}

static void expect_sum(struct watched *watched, const char *prefix, long want)
{
	wire_expect(&watched->wire, prefix, sum(watched, prefix), want);
}

/* Packets out of the guest, one after the other. */
static void send_out(struct watched *watched, unsigned int count)
{
	struct wire *wire = &watched->wire;

	while (count--)
		wire_expect(wire, "sent", wire_one(wire, wire->ref, 0, FRAME),
			    0);
	/* an answer is there before it is counted */
	usleep(SETTLE_US);
}

static void send_burst(struct watched *watched)
{
	struct wire *wire = &watched->wire;
	unsigned int i;

	for (i = 0; i < BURST; i++)
		wire_put(wire, wire->ref, 0, FRAME, 0);
	wire_push(wire);
	for (i = 0; i < BURST; i++)
		wire_expect(wire, "of a burst", wire_answer(wire), 0);
	usleep(SETTLE_US);
}

static void expect_frame(struct watched *watched)
{
	static struct frame frame;

	wire_expect(&watched->wire, "arrived",
		    frames_wait(&watched->frames, PATIENCE_MS, &frame) &&
			    frames_is_sent(&frame, FRAME),
		    true);
}

static void receive_in(struct watched *watched, unsigned int count)
{
	while (count--) {
		frames_post(&watched->frames, 8);
		wire_expect(&watched->wire, "sent out of dom0",
			    frames_send(&watched->frames, FRAME), 0);
		expect_frame(watched);
	}
	usleep(SETTLE_US);
}

/* One for which there is no slot for some time. */
static void receive_late(struct watched *watched)
{
	netif_rx_front_ring_t *ring = &watched->wire.rx;

	while (ring->req_prod_pvt != ring->rsp_cons) {
		frames_send(&watched->frames, FRAME);
		expect_frame(watched);
	}
	frames_send(&watched->frames, FRAME);
	usleep(HELD_MS * 1000);
	frames_post(&watched->frames, 1);
	expect_frame(watched);
	usleep(SETTLE_US);
}

static void test_switch(struct watched *watched)
{
	struct wire *wire = &watched->wire;
	static const char *const bad[] = { "2", "-1", "x",
					   "10000000000000000" };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		wire_expect(wire, bad[i], put(SWITCH, bad[i]) > 0, true);
	send_out(watched, SENT);
	receive_in(watched, RECEIVED);
	expect_sum(watched, "tx_latency_", 0);
	expect_sum(watched, "rx_latency_", 0);
	expect_sum(watched, "tx_batch_", 0);
	expect_sum(watched, "rx_batch_", 0);
}

static void test_histograms(struct watched *watched)
{
	struct wire *wire = &watched->wire;
	long late;

	wire_expect(wire, "on", put(SWITCH, "1"), 0);
	send_out(watched, SENT);
	expect_sum(watched, "tx_latency_", SENT);
	expect_sum(watched, "tx_batch_1:", SENT);
	send_burst(watched);
	expect_sum(watched, "tx_latency_", SENT + BURST);
	expect_sum(watched, "tx_batch_64:", 1);
	expect_sum(watched, "tx_batch_", SENT + 1);
	receive_in(watched, RECEIVED);
	expect_sum(watched, "rx_latency_", RECEIVED);
	expect_sum(watched, "rx_batch_1:", RECEIVED);
	late = sum(watched, "rx_latency_65536_us") +
	       sum(watched, "rx_latency_131072_us") +
	       sum(watched, "rx_latency_262144_us");
	receive_late(watched);
	late = sum(watched, "rx_latency_65536_us") +
	       sum(watched, "rx_latency_131072_us") +
	       sum(watched, "rx_latency_262144_us") - late;
	wire_expect(wire, "one that waited for its slot", late >= 1, true);
	wire_expect(wire, "off", put(SWITCH, "0"), 0);
	late = sum(watched, "rx_latency_");
	send_out(watched, SENT);
	receive_in(watched, RECEIVED);
	expect_sum(watched, "tx_latency_", SENT + BURST);
	expect_sum(watched, "rx_latency_", late);
}

/* Lines of the trace with both texts. */
static int traced(const char *event, const char *text)
{
	char line[1024], name[64];
	FILE *file = fopen(TRACING "/trace", "r");
	int found = 0;

	snprintf(name, sizeof(name), " netback_%s: ", event);
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		found += strstr(line, name) && strstr(line, text);
	fclose(file);
	return found;
}

static void expect_traced(struct watched *watched, const char *event,
			  const char *text, int want)
{
	struct wire *wire = &watched->wire;
	char what[128];

	snprintf(what, sizeof(what), "%s-q0 %s", wire->name, text);
	wire_expect(wire, event, traced(event, what), want);
}

static void test_trace(struct watched *watched)
{
	struct wire *wire = &watched->wire;
	int status;

	receive_in(watched, 1);
	put(TRACING "/trace", "");
	wire_expect(wire, "tracepoints", put(ENABLE, "1"), 0);
	send_out(watched, SENT);
	send_burst(watched);
	/* too short to be one */
	status = wire_one(wire, wire->ref, 0, 13);
	wire_expect(wire, "too short", status, NETIF_RSP_ERROR);
	/* of a page that is not there */
	status = wire_one(wire, 0x00ffffff, 0, FRAME);
	wire_expect(wire, "not granted", status, NETIF_RSP_ERROR);
	receive_in(watched, RECEIVED);
	wire_expect(wire, "one of several slots",
		    wire_set(wire, "mtu 9000") ||
			    frames_send(&watched->frames, 5000),
		    0);
	usleep(SETTLE_US);
	put(ENABLE, "0");
	send_out(watched, 1);
	expect_traced(watched, "tx_taken", "packet 60 in 1 ", SENT + BURST + 1);
	expect_traced(watched, "tx_taken", "refused 13 in 1 ", 1);
	expect_traced(watched, "tx_answered", "60 whole 1", SENT + BURST);
	expect_traced(watched, "tx_answered", "60 whole 0", 1);
	expect_traced(watched, "tx_poll", "did 64", 1);
	expect_traced(watched, "rx_queued", "60 in 1 ", RECEIVED);
	expect_traced(watched, "rx_answered", "60 in 1 ", RECEIVED);
	expect_traced(watched, "rx_answered", "5000 in ", 1);
	expect_traced(watched, "rx_poll", "did 1", RECEIVED + 1);
	expect_traced(watched, "rx_dropped", "", 0);
}

/* One that cannot have a packet of several slots, and says nothing of slots. */
static int test_dropped(struct watched *watched)
{
	static const struct net_ways ways = { .rx_copy = 1 };
	struct wire *wire = &watched->wire;
	int err = wire_again(wire, &ways);

	if (err)
		return err;
	put(TRACING "/trace", "");
	put(ENABLE, "1");
	wire_expect(wire, "sent", frames_send(&watched->frames, FRAME), 0);
	usleep(SETTLE_US * 5);
	put(ENABLE, "0");
	expect_traced(watched, "rx_queued", "60 in 1 ", 1);
	expect_traced(watched, "rx_dropped", "60 in 1 ", 1);
	expect_traced(watched, "rx_answered", "", 0);
	return 0;
}

int watched_all(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	static struct watched watched;
	struct wire *wire = &watched.wire;
	int err, ended;

	(void)node;
	err = wire_open(wire, share, store, number);
	err = err ?: frames_open(&watched.frames, wire);
	if (!err) {
		test_switch(&watched);
		test_histograms(&watched);
		test_trace(&watched);
		err = test_dropped(&watched);
	}
	put(SWITCH, "0");
	put(ENABLE, "0");
	frames_close(&watched.frames);
	ended = wire_close(wire);
	return err ?: ended ?: wire->failures ? -EPROTO : 0;
}
