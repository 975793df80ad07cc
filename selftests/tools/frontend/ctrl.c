// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Messages of the control ring, each with the answer that it must get, and
 * packets that go by what was set. Key and hashes are what Microsoft published
 * to verify the hash by.
 */

#include "ctrl.h"
#include "hashed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK XEN_NETIF_CTRL_STATUS_SUCCESS
#define NOT_SUPPORTED XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define OVERFLOW XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW
#define GET_FLAGS XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS
#define SET_FLAGS XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS
#define SET_KEY XEN_NETIF_CTRL_TYPE_SET_HASH_KEY
#define GET_SIZE XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE
#define SET_SIZE XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE
#define SET_MAPPING XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING
#define SET_ALGORITHM XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM
#define NONE XEN_NETIF_CTRL_HASH_ALGORITHM_NONE
#define TOEPLITZ XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ
#define ALL_TYPES 15
#define NO_GRANT 0x00ffffff
#define FAR_AWAY 100000
#define KEY_SIZE 40
#define ENTRIES 128
#define NO_HASH (-1)

static const uint8_t key[KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const uint8_t src4[] = { 66, 9, 149, 187 };
static const uint8_t dst4[] = { 161, 142, 100, 80 };
static const uint8_t src6[] = { 0x3f, 0xfe, 0x25, 1, 2, 0, 0x1f, 0xff,
				0,    0,    0,	  0, 0, 0, 0,	 7 };
static const uint8_t dst6[] = { 0x3f, 0xfe, 0x25, 1, 2, 0, 0, 3,
				0,    0,    0,	  0, 0, 0, 0, 1 };

#define PORTS .sport = 2794, .dport = 1766, .payload = 10
#define V4 .src = src4, .dst = dst4, PORTS
#define V6 .src = src6, .dst = dst6, .v6 = true, PORTS

static const struct packet tcp4 = { V4 };
static const struct packet udp4 = { V4, .udp = true };
static const struct packet tcp6 = { V6 };
static const struct packet udp6 = { V6, .udp = true };
static const struct packet large = {
	.src = src4,
	.dst = dst4,
	.sport = 2794,
	.dport = 1766,
	.payload = 5000,
	.gso = 1000,
};

#define HASH_TCP4 0x51ccc178
#define HASH_UDP4 0x323e8fc2
#define HASH_TCP6 0x40207d3d
#define HASH_UDP6 0x2cc18cd5

static void ask(struct hashed *h, const char *what, unsigned int want,
		unsigned int type, uint32_t a, uint32_t b, uint32_t c)
{
	hashed_expect(h, what, hashed_ask(h, type, a, b, c), want);
}

static void test_nothing_set(struct hashed *h)
{
	uint32_t data = 0;

	ask(h, "types without an algorithm", NOT_SUPPORTED, GET_FLAGS, 0, 0, 0);
	ask(h, "setting types without one", INVALID, SET_FLAGS, 1, 0, 0);
	ask(h, "no algorithm", OK, SET_ALGORITHM, NONE, 0, 0);
	ask(h, "an unknown algorithm", INVALID, SET_ALGORITHM, 2, 0, 0);
	ask(h, "an unknown message", NOT_SUPPORTED, 0, 0, 0, 0);
	ask(h, "another", NOT_SUPPORTED, SET_ALGORITHM + 1, 0, 0, 0);
	ask(h, "a third", NOT_SUPPORTED, 65535, 0, 0, 0);
	hashed_put(h, GET_SIZE, 0, 0, 0);
	hashed_push(h);
	hashed_expect(h, "asking for the greatest mapping",
		      hashed_answer(h, GET_SIZE, &data), OK);
	hashed_expect(h, "the greatest mapping", data, ENTRIES);
}

static void test_bad(struct hashed *h)
{
	ask(h, "a key too long", OVERFLOW, SET_KEY, h->ref, KEY_SIZE + 1, 0);
	ask(h, "a key much too long", OVERFLOW, SET_KEY, h->ref, ~0u, 0);
	ask(h, "a key not granted", INVALID, SET_KEY, NO_GRANT, KEY_SIZE, 0);
	ask(h, "no key", OK, SET_KEY, NO_GRANT, 0, 0);
	ask(h, "a mapping too large", INVALID, SET_SIZE, ENTRIES + 1, 0, 0);
	ask(h, "one much too large", INVALID, SET_SIZE, ~0u, 0, 0);
	ask(h, "an entry without a mapping", INVALID, SET_MAPPING, h->ref, 1,
	    0);
	ask(h, "a mapping", OK, SET_SIZE, 8, 0, 0);
	ask(h, "entries past its end", INVALID, SET_MAPPING, h->ref, 5, 4);
	ask(h, "entries whose end wraps", INVALID, SET_MAPPING, h->ref, 8, -4u);
	ask(h, "entries past any end", OVERFLOW, SET_MAPPING, h->ref, 129, 0);
	ask(h, "and far past it", OVERFLOW, SET_MAPPING, h->ref, -1u, 1);
	ask(h, "entries not granted", INVALID, SET_MAPPING, NO_GRANT, 4, 0);
	ask(h, "no entries", OK, SET_MAPPING, NO_GRANT, 0, 8);
	hashed_expect(h, "refused", hashed_counter(h, "ctrl_refused"), 17);
}

static void set_mapping(struct hashed *h, unsigned int status, uint32_t queue)
{
	uint32_t *entry = h->page;
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		entry[i] = queue;
	/* the last of them decides whether all are taken */
	entry[0] = 0;
	ask(h, "entries", status, SET_MAPPING, h->ref, ENTRIES, 0);
}

static void test_good(struct hashed *h)
{
	uint32_t data = 0;

	ask(h, "an algorithm", OK, SET_ALGORITHM, TOEPLITZ, 0, 0);
	hashed_put(h, GET_FLAGS, 0, 0, 0);
	hashed_push(h);
	hashed_expect(h, "asking for types", hashed_answer(h, GET_FLAGS, &data),
		      OK);
	hashed_expect(h, "the types", data, ALL_TYPES);
	ask(h, "types that are not there", INVALID, SET_FLAGS, 16, 0, 0);
	ask(h, "types", OK, SET_FLAGS, ALL_TYPES, 0, 0);
	memcpy(h->page, key, KEY_SIZE);
	ask(h, "a key", OK, SET_KEY, h->ref, KEY_SIZE, 0);
	ask(h, "the greatest mapping", OK, SET_SIZE, ENTRIES, 0, 0);
	set_mapping(h, OK, 1);
	hashed_expect(h, "algorithm in debugfs",
		      hashed_counter(h, "hash_algorithm"), TOEPLITZ);
	hashed_expect(h, "size in debugfs",
		      hashed_counter(h, "hash_mapping_size"), ENTRIES);
}

/* The last extra of a packet is its hash. */
static void expect_packet(struct hashed *h, const char *what,
			  const struct packet *packet, int type, uint32_t value)
{
	const struct netif_extra_info *extra;
	struct arrived arrived;
	uint32_t got;

	if (arrived_send(h, packet, &arrived))
		return;
	hashed_expect(h, what, arrived.nr_extras,
		      (type != NO_HASH) + !!packet->gso);
	if (type == NO_HASH || !arrived.nr_extras)
		return;
	extra = &arrived.extra[arrived.nr_extras - 1];
	memcpy(&got, extra->u.hash.value, sizeof(got));
	hashed_expect(h, "the extra", extra->type, XEN_NETIF_EXTRA_TYPE_HASH);
	hashed_expect(h, "algorithm", extra->u.hash.algorithm, TOEPLITZ);
	hashed_expect(h, "type", extra->u.hash.type, type);
	hashed_expect(h, what, got, value);
}

static void test_packets(struct hashed *h)
{
	expect_packet(h, "TCP4", &tcp4, 1, HASH_TCP4);
	expect_packet(h, "UDP4", &udp4, 0, HASH_UDP4);
	expect_packet(h, "TCP6", &tcp6, 3, HASH_TCP6);
	expect_packet(h, "UDP6", &udp6, 2, HASH_UDP6);
	ask(h, "IPv4 only", OK, SET_FLAGS, 1, 0, 0);
	expect_packet(h, "TCP4 by addresses", &tcp4, 0, HASH_UDP4);
	expect_packet(h, "TCP6 not wanted", &tcp6, NO_HASH, 0);
	ask(h, "no types", OK, SET_FLAGS, 0, 0, 0);
	expect_packet(h, "UDP4 without types", &udp4, NO_HASH, 0);
	ask(h, "types", OK, SET_FLAGS, ALL_TYPES, 0, 0);
	ask(h, "no algorithm", OK, SET_ALGORITHM, NONE, 0, 0);
	expect_packet(h, "TCP4 without an algorithm", &tcp4, NO_HASH, 0);
	ask(h, "an algorithm", OK, SET_ALGORITHM, TOEPLITZ, 0, 0);
	expect_packet(h, "TCP4 again", &tcp4, 1, HASH_TCP4);
}

static void test_segments(struct hashed *h)
{
	struct arrived arrived;

	expect_packet(h, "segments", &large, 1, HASH_TCP4);
	if (arrived_send(h, &large, &arrived))
		return;
	hashed_expect(h, "extra of segments", arrived.extra[0].type,
		      XEN_NETIF_EXTRA_TYPE_GSO);
	hashed_expect(h, "their size", arrived.extra[0].u.gso.size, 1000);
	hashed_expect(h, "bytes", arrived.bytes, 14 + 40 + 5000);
	hashed_expect(h, "slots", arrived.slots, 4);
}

static void expect_queue(struct hashed *h, const char *what,
			 const struct packet *packet, unsigned int queue)
{
	struct arrived arrived;

	if (!arrived_send(h, packet, &arrived))
		hashed_expect(h, what, arrived.queue, queue);
}

static void test_queues(struct hashed *h)
{
	uint32_t *entry = h->page;

	expect_queue(h, "by a mapping of ones", &tcp4, 1);
	expect_queue(h, "UDP by it", &udp4, 1);
	/* One queue that is not there: what was before holds. */
	set_mapping(h, INVALID, HASHED_QUEUES);
	expect_queue(h, "by the mapping before", &tcp4, 1);
	set_mapping(h, INVALID, ~0u);
	set_mapping(h, OK, 0);
	expect_queue(h, "by a mapping of zeros", &tcp4, 0);
	/* One entry of many, and only that. */
	entry[0] = 1;
	ask(h, "one entry", OK, SET_MAPPING, h->ref, 1, HASH_TCP4 % ENTRIES);
	expect_queue(h, "by one entry", &tcp4, 1);
	expect_queue(h, "by the others", &udp4, 0);
	/* Without a mapping: 0x...78 is even, 0x...c2 is, 0x...3d is not. */
	ask(h, "no mapping", OK, SET_SIZE, 0, 0, 0);
	expect_queue(h, "an even hash", &tcp4, 0);
	expect_queue(h, "an odd hash", &tcp6, 1);
	ask(h, "a mapping again", OK, SET_SIZE, ENTRIES, 0, 0);
	expect_queue(h, "a new mapping is of zeros", &tcp6, 0);
	set_mapping(h, OK, 1);
}

/* A hash is a slot more than the packet: with one slot left it has to wait. */
static void test_few_slots(struct hashed *h)
{
	struct arrived arrived;

	hashed_expect(h, "slots left", arrived_hold(h, 1, &tcp4), 1);
	hashed_expect(h, "sending", arrived_only_send(h, &tcp4), 0);
	hashed_expect(h, "into one slot where two are wanted",
		      arrived_wait(h, 300, &arrived), false);
	ask(h, "meanwhile", OK, SET_FLAGS, ALL_TYPES, 0, 0);
	hashed_expect(h, "once there are slots",
		      arrived_release(h, 1, &arrived), true);
	hashed_expect(h, "slots of it", arrived.slots, 2);
}

/* A ring of requests at once: each is answered, all by one event. */
static void test_full_ring(struct hashed *h)
{
	unsigned int size = RING_SIZE(&h->front), i;
	int requests = hashed_counter(h, "ctrl_requests");
	int notifies = hashed_counter(h, "ctrl_notifies");

	for (i = 0; i < size; i++)
		hashed_put(h, i & 1 ? SET_FLAGS : SET_ALGORITHM,
			   i & 1 ? ALL_TYPES : TOEPLITZ, 0, 0);
	/* The first answer is to have an event, before it can be there. */
	h->front.sring->rsp_event = h->front.rsp_cons + 1;
	hashed_push(h);
	for (i = 0; i < size; i++)
		hashed_expect(h, "of many",
			      hashed_answer(h,
					    i & 1 ? SET_FLAGS : SET_ALGORITHM,
					    NULL),
			      OK);
	hashed_expect(h, "requests counted",
		      hashed_counter(h, "ctrl_requests") - requests, size);
	hashed_expect(h, "events for them",
		      hashed_counter(h, "ctrl_notifies") - notifies, 1);
}

static void test_storm(struct hashed *h)
{
	int spurious = share_storm(h->share, &h->dev, NULL);

	printf("of %d events %d were spurious\n", STORM_EVENTS, spurious);
	hashed_expect(h, "events without a request are spurious",
		      spurious >= STORM_LEAST, 1);
}

static bool says(struct hashed *h, const char *why)
{
	char path[PATH_SIZE + 64];
	char *text;
	bool yes;

	snprintf(path, sizeof(path),
		 "/local/domain/0/error/backend/vif/0/%u/error", h->dev.number);
	text = xs_read(h->dev.store, XBT_NULL, path, NULL);
	yes = text && strstr(text, why);
	free(text);
	return yes;
}

/* It is switched off, and answers nothing any more. */
static void test_far_producer(struct hashed *h)
{
	const char *why = "ctrl: more requests than slots";
	int tries = WAIT_SECONDS * 1000 / POLL_MS;
	char path[64], carrier = '?';
	FILE *file;

	h->front.sring->req_prod += FAR_AWAY;
	xenevtchn_notify(h->share->events, h->share->port);
	while (!says(h, why) && tries-- > 0)
		usleep(POLL_MS * 1000);
	hashed_expect(h, why, says(h, why), 1);
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", h->name);
	for (tries = 100; tries > 0 && carrier != '0'; tries--) {
		usleep(POLL_MS * 1000);
		file = fopen(path, "r");
		if (file && fread(&carrier, 1, 1, file) != 1)
			carrier = '?';
		if (file)
			fclose(file);
	}
	hashed_expect(h, "carrier", carrier, '0');
	ask(h, "a request afterwards", HASHED_NO_ANSWER, SET_ALGORITHM, NONE, 0,
	    0);
}

static int end(struct hashed *h, int err)
{
	int ended = hashed_close(h);

	return err ?: ended ?: h->failures ? -EPROTO : 0;
}

int ctrl_all(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number)
{
	struct hashed h;
	int err = hashed_open(&h, share, store, number);

	(void)node;
	if (!err) {
		test_nothing_set(&h);
		expect_packet(&h, "nothing is set", &tcp4, NO_HASH, 0);
		test_bad(&h);
		test_good(&h);
		test_packets(&h);
		test_segments(&h);
		test_queues(&h);
		test_few_slots(&h);
		test_full_ring(&h);
		expect_packet(&h, "after all that", &tcp4, 1, HASH_TCP4);
		test_storm(&h);
		test_far_producer(&h);
	}
	return end(&h, err);
}

int ctrl_reload(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	struct hashed h;
	int err = hashed_open(&h, share, store, number);

	(void)node;
	if (!err) {
		test_good(&h);
		expect_packet(&h, "before", &tcp4, 1, HASH_TCP4);
		err = system("/etc/xen/scripts/reload-backend netback");
		err = err ? -EIO : hashed_up(&h);
	}
	if (!err) {
		expect_packet(&h, "afterwards", &tcp4, 1, HASH_TCP4);
		expect_queue(&h, "by the mapping", &udp4, 1);
		test_full_ring(&h);
		test_queues(&h);
	}
	return end(&h, err);
}
