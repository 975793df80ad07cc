// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Room in front of packets for XDP: a frontend asks for it as Linux' netfront does
 * when it is given a program, and gets each packet that far in, behind an extra that
 * says so; asks for more than there is, for none, late, and over a reload.
 */

#include "headroom.h"
#include "frames.h"
#include "hashed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Xen's own netif.h does not have it: Linux' does. */
#define EXTRA_XDP 5
#define LINUX 256
#define MOST 2048
#define A_WHILE_MS 300
#define LARGE 9014
#define HEAD 64
#define EIGHT_PAGES (8 * PAGE_BYTES - 10) /* with less than HEAD left */
#define HASHED_PAYLOAD 5000

struct test {
	struct wire wire;
	struct frames frames;
};

static unsigned int room_of(const struct netif_extra_info *extra)
{
	uint16_t room;

	memcpy(&room, &extra->u, sizeof(room));
	return room;
}

static int say(struct device *dev, int state, int answer)
{
	int err = device_set_state(dev, state);

	return err ?: device_wait_state(dev, answer);
}

/* As netfront does it: the state first, and the key then. */
static void ask_for(struct device *dev, int *failures, const char *room)
{
	int err = device_set_state(dev, XenbusStateReconfiguring);

	err = err ?: device_write(dev, dev->front, "xdp-headroom", "%s", room);
	err = err ?: device_wait_state(dev, XenbusStateReconfigured);
	err = err ?: say(dev, XenbusStateConnected, XenbusStateConnected);
	if (err) {
		fprintf(stderr, "asked for %s: not answered\n", room);
		(*failures)++;
	}
}

static void ask(struct test *test, const char *room)
{
	ask_for(&test->wire.net.dev, &test->wire.failures, room);
}

static bool says(struct test *test, const char *what)
{
	char path[PATH_SIZE + 64];
	char *text;
	bool yes;

	snprintf(path, sizeof(path),
		 "/local/domain/0/error/backend/vif/0/%u/error",
		 test->wire.net.dev.number);
	text = xs_read(test->wire.net.dev.store, XBT_NULL, path, NULL);
	yes = text && strstr(text, what);
	free(text);
	return yes;
}

/* One that has arrived: with room in front, or without. */
static void expect_frame(struct test *test, const struct frame *frame,
			 unsigned int length, unsigned int room)
{
	struct wire *wire = &test->wire;
	unsigned int data = (length + room + PAGE_BYTES - 1) / PAGE_BYTES;

	printf("%u bytes, room %u: %u slots\n", length, room, frame->slots);
	wire_expect(wire, "as it was sent", frames_is_sent(frame, length), 1);
	wire_expect(wire, "where it begins", frame->offset, room);
	wire_expect(wire, "slots with data", frame->nr_data, data);
	wire_expect(wire, "extras", frame->nr_extras, room != 0);
	wire_expect(wire, "slots", frame->slots, data + (room != 0));
	if (!frame->nr_extras)
		return;
	wire_expect(wire, "the extra", frame->extra[0].type, EXTRA_XDP);
	wire_expect(wire, "the room in it", room_of(&frame->extra[0]), room);
	wire_expect(wire, "another extra", frame->extra[0].flags, 0);
}

static void receive(struct test *test, unsigned int length, unsigned int room)
{
	static struct frame frame;

	frames_post(&test->frames, FRAMES_PAGES);
	if (frames_send(&test->frames, length) ||
	    !frames_wait(&test->frames, PATIENCE_MS, &frame)) {
		fprintf(stderr, "%u bytes do not arrive\n", length);
		test->wire.failures++;
		return;
	}
	expect_frame(test, &frame, length, room);
}

static void test_rooms(struct test *test)
{
	receive(test, FRAME, 0);
	ask(test, "256");
	receive(test, FRAME, LINUX);
	/* as much as the first slot holds, and a byte more */
	receive(test, PAGE_BYTES - LINUX, LINUX);
	receive(test, PAGE_BYTES - LINUX + 1, LINUX);
	receive(test, LARGE, LINUX);
	ask(test, "2048");
	receive(test, 1514, MOST);
	receive(test, LARGE, MOST);
	ask(test, "1");
	receive(test, FRAME, 1);
	ask(test, "0");
	receive(test, FRAME, 0);
	receive(test, LARGE, 0);
}

/* What is posted from before is used up one by one. */
static bool post_exactly(struct test *test, unsigned int slots)
{
	netif_rx_front_ring_t *ring = &test->wire.rx;
	static struct frame frame;

	while (ring->req_prod_pvt - ring->rsp_cons > slots) {
		if (frames_send(&test->frames, FRAME) ||
		    !frames_wait(&test->frames, PATIENCE_MS, &frame)) {
			test->wire.failures++;
			return false;
		}
	}
	frames_post(&test->frames, slots);
	return true;
}

/* Some bytes are apart, the others in pages: one slot more if none is to be cut. */
static void expect_slots(struct test *test, unsigned int head,
			 unsigned int posted, unsigned int slots)
{
	static struct frame frame;
	struct wire *wire = &test->wire;

	if (!post_exactly(test, posted))
		return;
	wire_expect(wire, "sent",
		    frames_send_head(&test->frames, EIGHT_PAGES, head), 0);
	wire_expect(wire, "arrived",
		    frames_wait(&test->frames, PATIENCE_MS, &frame), true);
	wire_expect(wire, "as it was sent", frames_is_sent(&frame, EIGHT_PAGES),
		    1);
	wire_expect(wire, "slots with data", frame.nr_data, slots);
}

/* It does not wait for the slot more, nor has the first one less than the headers. */
static void test_whole(struct test *test)
{
	ask(test, "0");
	wire_expect(&test->wire, "mtu", wire_set(&test->wire, "mtu 40000"), 0);
	expect_slots(test, HEAD, 9, 9);
	expect_slots(test, HEAD, 8, 8);
	expect_slots(test, 14, 9, 8);
	wire_expect(&test->wire, "mtu", wire_set(&test->wire, "mtu 9000"), 0);
	ask(test, "256");
}

/* All slots that there are, less one than a frame needs: it waits. */
static void expect_wait(struct test *test, const char *what,
			unsigned int length, unsigned int needs)
{
	static struct frame frame;
	struct wire *wire = &test->wire;

	if (!post_exactly(test, needs - 1))
		return;
	wire_expect(wire, "sent", frames_send(&test->frames, length), 0);
	wire_expect(wire, what, frames_wait(&test->frames, A_WHILE_MS, &frame),
		    false);
	frames_post(&test->frames, needs);
	wire_expect(wire, "with one slot more",
		    frames_wait(&test->frames, PATIENCE_MS, &frame), true);
	expect_frame(test, &frame, length, LINUX);
}

static void test_few_slots(struct test *test)
{
	ask(test, "256");
	expect_wait(test, "with no slot for the extra", FRAME, 2);
	expect_wait(test, "with no slot for what the room takes",
		    PAGE_BYTES - LINUX + 1, 3);
}

/* One that waits for slots is put where the frontend wants it by then. */
static void test_waiting(struct test *test)
{
	static struct frame frame;
	struct wire *wire = &test->wire;

	/* two slots are posted, and one more is wanted */
	expect_wait(test, "with two slots for three", PAGE_BYTES, 3);
	frames_post(&test->frames, 2);
	wire_expect(wire, "sent", frames_send(&test->frames, PAGE_BYTES), 0);
	wire_expect(wire, "with two slots for three again",
		    frames_wait(&test->frames, A_WHILE_MS, &frame), false);
	ask(test, "0");
	/* sooner than the time after which it would be dropped */
	wire_expect(wire, "once it wants one only",
		    frames_wait(&test->frames, PATIENCE_MS / 2, &frame), true);
	expect_frame(test, &frame, PAGE_BYTES, 0);
}

static void test_bad(struct test *test)
{
	static const char *const bad[] = { "2049",  "32767",
					   "65536", "-1",
					   "x",	    "256 ",
					   "0x100", "99999999999999999999" };
	struct wire *wire = &test->wire;
	unsigned int i;

	ask(test, "256");
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		/* answered, as the guest's kernel would wait for ever */
		ask(test, bad[i]);
		receive(test, FRAME, LINUX);
		wire_expect(wire, bad[i],
			    says(test, "xdp-headroom is \"") &&
				    says(test, "allowed is 0 to 2048"),
			    true);
	}
	ask(test, "512");
	receive(test, FRAME, 512);
	wire_expect(wire, "no complaint any more", says(test, "xdp"), false);
}

/* Written when it has been read already: it counts once the frontend goes on. */
static void test_late(struct test *test)
{
	struct device *dev = &test->wire.net.dev;
	int err = say(dev, XenbusStateReconfiguring, XenbusStateReconfigured);

	receive(test, FRAME, 512);
	err = err ?: device_write(dev, dev->front, "xdp-headroom", "256");
	err = err ?: say(dev, XenbusStateConnected, XenbusStateConnected);
	wire_expect(&test->wire, "reconfigured, and on", err, 0);
	receive(test, FRAME, LINUX);
	/* and not before it says that there is something to be read */
	device_write(dev, dev->front, "xdp-headroom", "128");
	usleep(POLL_MS * 50000);
	receive(test, FRAME, LINUX);
	device_write(dev, dev->front, "xdp-headroom", "256");
}

static int anew(struct wire *wire)
{
	if (system("/etc/xen/scripts/reload-backend netback") ||
	    wire_up(wire) || wire_set(wire, "mtu 9000"))
		return -EIO;
	return 0;
}

/* Also under a frontend that waits for an answer, or has just got it. */
static int test_reload(struct test *test)
{
	struct device *dev = &test->wire.net.dev;
	int err = anew(&test->wire);

	if (err)
		return err;
	receive(test, LARGE, LINUX);
	err = say(dev, XenbusStateReconfiguring, XenbusStateReconfigured);
	err = err ?: device_write(dev, dev->front, "xdp-headroom", "128");
	err = err ?: anew(&test->wire);
	err = err ?: device_wait_state(dev, XenbusStateReconfigured);
	if (err)
		return err;
	receive(test, FRAME, 128);
	err = say(dev, XenbusStateConnected, XenbusStateConnected);
	receive(test, FRAME, 128);
	return err;
}

static int start(struct test *test, struct share *share,
		 struct xs_handle *store, unsigned int number)
{
	int err = wire_open(&test->wire, share, store, number);

	err = err ?: wire_set(&test->wire, "mtu 9000") ? -EIO : 0;
	return err ?: frames_open(&test->frames, &test->wire);
}

static int end(struct test *test, int err)
{
	int ended;

	/* from Reconfigured as from Connected */
	err = err   ?:
		      say(&test->wire.net.dev, XenbusStateReconfiguring,
			  XenbusStateReconfigured);
	frames_close(&test->frames);
	ended = wire_close(&test->wire);
	return err ?: ended ?: test->wire.failures ? -EPROTO : 0;
}

static int offered(struct test *test)
{
	char path[PATH_SIZE + 64];
	char *text;
	int value;

	snprintf(path, sizeof(path), "%s/feature-xdp-headroom",
		 test->wire.net.dev.back);
	text = xs_read(test->wire.net.dev.store, XBT_NULL, path, NULL);
	value = text ? atoi(text) : -1;
	free(text);
	return value;
}

/* Behind the extras for segments and for the hash. */
static int beside_others(struct share *share, struct xs_handle *store,
			 unsigned int number)
{
	static const uint8_t from[] = { 66, 9, 149, 187 };
	static const uint8_t to[] = { 161, 142, 100, 80 };
	const struct packet packet = { .src = from,
				       .dst = to,
				       .sport = 2794,
				       .dport = 1766,
				       .payload = HASHED_PAYLOAD,
				       .gso = 1000 };
	struct hashed h;
	struct arrived got;
	int err = hashed_open(&h, share, store, number), ended;

	if (!err) {
		hashed_ask(&h, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
			   XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0, 0);
		hashed_ask(&h, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, 15, 0, 0);
		ask_for(&h.dev, &h.failures, "256");
		err = arrived_send(&h, &packet, &got);
	}
	if (!err) {
		hashed_expect(&h, "extras", got.nr_extras, 3);
		hashed_expect(&h, "first", got.extra[0].type,
			      XEN_NETIF_EXTRA_TYPE_GSO);
		hashed_expect(&h, "second", got.extra[1].type,
			      XEN_NETIF_EXTRA_TYPE_HASH);
		hashed_expect(&h, "third", got.extra[2].type, EXTRA_XDP);
		hashed_expect(&h, "its room", room_of(&got.extra[2]), LINUX);
		hashed_expect(&h, "slots", got.slots, 5);
		hashed_expect(&h, "bytes", got.bytes, 54 + HASHED_PAYLOAD);
	}
	ended = hashed_close(&h);
	return err ?: ended ?: h.failures ? -EPROTO : 0;
}

int headroom_all(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	static struct test test;
	int err = start(&test, share, store, number);

	(void)node;
	if (!err) {
		wire_expect(&test.wire, "offered", offered(&test), 1);
		test_rooms(&test);
		test_few_slots(&test);
		test_whole(&test);
		test_waiting(&test);
		test_bad(&test);
		test_late(&test);
		err = test_reload(&test);
	}
	return end(&test, err) ?: beside_others(share, store, number + 1);
}

int headroom_none(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number)
{
	static struct test test;
	int err = start(&test, share, store, number);

	(void)node;
	if (!err) {
		wire_expect(&test.wire, "offered", offered(&test), 0);
		ask(&test, "256");
		receive(&test, FRAME, 0);
	}
	return end(&test, err);
}

int headroom_told(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number)
{
	static struct test test;
	int err = start(&test, share, store, number);

	(void)node;
	if (!err) {
		ask(&test, "256");
		err = anew(&test.wire);
	}
	if (!err) {
		wire_expect(&test.wire, "told", offered(&test), 1);
		receive(&test, FRAME, LINUX);
	}
	return end(&test, err);
}
