// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An interface as toolstacks set it up: its MTU, which Xen's own script gives it, by
 * frontends that can take it and others; what it says of its link; and keys that are
 * for others and must not disturb it.
 */

#include "settings.h"
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define JUMBO 9000
#define LARGE (JUMBO + 14)
#define LARGEST_MTU 65521

static const struct net_ways can = { 1, 1, 1, 0, 0, .mtu = JUMBO };
static const struct net_ways cannot = { 1, 1, 0, 0, 0, .mtu = JUMBO };

static char *read_key(struct wire *wire, const char *folder, const char *key)
{
	char path[PATH_SIZE + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, key);
	return xs_read(wire->net.dev.store, XBT_NULL, path, NULL);
}

static int number_of(struct wire *wire, const char *folder, const char *key)
{
	char *text = read_key(wire, folder, key);
	int value = text ? atoi(text) : -1;

	free(text);
	return value;
}

/* It is written some time after the interface has changed. */
static void expect_link(struct wire *wire, const char *what, int want)
{
	const char *back = wire->net.dev.back;
	int tries = PATIENCE_MS / POLL_MS;

	while (number_of(wire, back, "carrier") != want && tries-- > 0)
		usleep(POLL_MS * 1000);
	wire_expect(wire, what, number_of(wire, back, "carrier"), want);
}

static void expect_mtu(struct wire *wire, const char *what, int want)
{
	wire_expect(wire, what, wire_statistic(wire, "mtu"), want);
}

/* Into the guest: as many slots as it needs, each byte where it was. */
static void receive_frame(struct wire *wire, struct frames *frames,
			  unsigned int length)
{
	static struct frame frame;

	frames_post(frames, FRAMES_PAGES);
	if (frames_send(frames, length) ||
	    !frames_wait(frames, PATIENCE_MS, &frame)) {
		fprintf(stderr, "%u bytes do not arrive\n", length);
		wire->failures++;
		return;
	}
	wire_expect(wire, "bytes that arrive", frames_is_sent(&frame, length),
		    true);
	wire_expect(wire, "slots for them", frame.slots,
		    (length + PAGE_BYTES - 1) / PAGE_BYTES);
}

static int listen_to(const struct wire *wire)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
		.sll_ifindex = if_nametoindex(wire->name),
	};
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(fd, (void *)&at, sizeof(at)))
		perror("cannot listen");
	return fd;
}

/* Out of the guest: from pages that are posted for nothing meanwhile. */
static void send_frame(struct wire *wire, struct frames *frames)
{
	static unsigned char sent[LARGE], got[FRAMES_LARGEST];
	int fd = listen_to(wire), length;
	unsigned int at, pieces = 0;

	frames_fill(sent, LARGE);
	memcpy(frames->pages, sent, LARGE);
	for (at = 0; at < LARGE; at += PAGE_BYTES) {
		bool more = at + PAGE_BYTES < LARGE;

		wire_put(wire, frames->refs[pieces++], 0,
			 !at  ? LARGE :
			 more ? PAGE_BYTES :
				LARGE - at,
			 more ? NETTXF_more_data : 0);
	}
	wire_push(wire);
	while (pieces--)
		wire_expect(wire, "a piece", wire_answer(wire), 0);
	length = recv(fd, got, sizeof(got), 0);
	wire_expect(wire, "bytes that dom0 gets", length, LARGE);
	wire_expect(wire, "as they were sent", !memcmp(sent, got, LARGE), true);
	close(fd);
}

static void test_script(struct wire *wire)
{
	struct device *dev = &wire->net.dev;
	char *status = read_key(wire, dev->back, "hotplug-status");

	wire_expect(wire, "the script is done",
		    status && !strcmp(status, "connected"), true);
	free(status);
	expect_mtu(wire, "the script's MTU", JUMBO);
	wire_expect(wire, "what it tells the frontend",
		    number_of(wire, dev->front, "mtu"), JUMBO);
}

static void test_frames(struct wire *wire)
{
	struct frames frames;

	if (frames_open(&frames, wire)) {
		wire->failures++;
		return;
	}
	send_frame(wire, &frames);
	receive_frame(wire, &frames, FRAME);
	receive_frame(wire, &frames, LARGE);
	wire_expect(wire, "a small MTU", wire_set(wire, "mtu 1400"), 0);
	receive_frame(wire, &frames, 1414);
	wire_expect(wire, "the largest MTU", wire_set(wire, "mtu 65521"), 0);
	receive_frame(wire, &frames, LARGEST_MTU + 14);
	wire_expect(wire, "a larger one",
		    !wire_set(wire, "mtu 65522 2> /dev/null"), false);
	expect_mtu(wire, "the MTU stays", LARGEST_MTU);
	wire_expect(wire, "the MTU of before", wire_set(wire, "mtu 9000"), 0);
	frames_close(&frames);
}

/* One that can take less comes, and goes. */
static int test_frontends(struct wire *wire)
{
	int err = wire_again(wire, &cannot);

	if (err)
		return err;
	expect_mtu(wire, "MTU of one that can take less", 1500);
	wire_expect(wire, "more than it can take",
		    !wire_set(wire, "mtu 1501 2> /dev/null"), false);
	err = wire_again(wire, &can);
	if (err)
		return err;
	expect_mtu(wire, "MTU of one that can take it again", JUMBO);
	/* what somebody says meanwhile holds */
	err = wire_again(wire, &cannot);
	if (err)
		return err;
	wire_expect(wire, "a smaller one", wire_set(wire, "mtu 1300"), 0);
	err = wire_again(wire, &can);
	expect_mtu(wire, "MTU that was set meanwhile", 1300);
	return err;
}

static void test_link(struct wire *wire)
{
	expect_link(wire, "link of one that is up", 1);
	wire_expect(wire, "down", wire_set(wire, "down"), 0);
	expect_link(wire, "link of one that is down", 0);
	wire_expect(wire, "up", wire_set(wire, "up"), 0);
	expect_link(wire, "link of one that is up again", 1);
}

/*
 * Its net device is made anew, and is not up at once: the guest's link was not down.
 * A watch fires once by itself, and once where the node is written as it was.
 */
static int test_reload(struct wire *wire)
{
	struct device *dev = &wire->net.dev;
	char path[PATH_SIZE + 64];
	unsigned int fired = 0;
	char **event;

	snprintf(path, sizeof(path), "%s/carrier", dev->back);
	if (!xs_watch(dev->store, path, "carrier") ||
	    system("/etc/xen/scripts/reload-backend netback"))
		return -EIO;
	expect_link(wire, "link after a reload", 1);
	usleep(POLL_MS * 50000);
	while ((event = xs_check_watch(dev->store))) {
		free(event);
		fired++;
	}
	xs_unwatch(dev->store, path, "carrier");
	wire_expect(wire, "link down meanwhile", fired > 2, false);
	expect_mtu(wire, "MTU after a reload", 1300);
	return 0;
}

/* Of xapi and libxl: for the guest's driver, or for scripts. */
static void test_others(struct wire *wire)
{
	struct device *dev = &wire->net.dev;
	char error[PATH_SIZE + 64];
	char *text;

	device_write(dev, dev->front, "disconnect", "1");
	device_write(dev, dev->front, "speed", "what");
	device_write(dev, dev->front, "mtu", "none");
	device_write(dev, dev->back, "mtu", "-5");
	device_write(dev, dev->back, "static-ip-setting/enabled", "1");
	device_write(dev, dev->back, "carrier-of-another", "0");
	wire_post(wire, wire->ref);
	wire_expect(wire, "sent", wire_send(wire), 0);
	wire_expect(wire, "a packet beside them",
		    wire_arrived(wire, PATIENCE_MS), FRAME);
	wire_expect(wire, "state", device_read_state(dev, dev->back),
		    XenbusStateConnected);
	snprintf(error, sizeof(error),
		 "/local/domain/0/error/backend/vif/0/%u/error", dev->number);
	text = xs_read(dev->store, XBT_NULL, error, NULL);
	if (text) {
		fprintf(stderr, "an error: %s\n", text);
		wire->failures++;
	}
	free(text);
}

int settings_all(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number)
{
	struct wire wire;
	int err, ended;

	(void)node;
	err = wire_open_so(&wire, share, store, number, &can);
	if (!err) {
		test_script(&wire);
		/* what the bridge sends by itself would take slots */
		wire_expect(&wire, "out of the bridge",
			    wire_set(&wire, "nomaster"), 0);
		test_frames(&wire);
		err = test_frontends(&wire);
	}
	if (!err) {
		test_link(&wire);
		test_others(&wire);
		err = test_reload(&wire);
	}
	ended = wire_close(&wire);
	return err ?: ended ?: wire.failures ? -EPROTO : 0;
}
