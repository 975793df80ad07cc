// SPDX-License-Identifier: GPL-2.0 OR MIT
/* An interface of two queues with a control ring. */

#include "hashed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xen/io/netif.h>

#define PAGE_BYTES 4096
#define SECOND_MS 1000

void hashed_expect(struct hashed *hashed, const char *what, unsigned int got,
		   unsigned int want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s: %u (%#x), not %u (%#x)\n", what, got, got, want,
		want);
	hashed->failures++;
}

static int offer_queue(struct hashed *hashed, unsigned int number)
{
	struct hashed_queue *queue = &hashed->queue[number];
	struct device *dev = &hashed->dev;
	char folder[PATH_SIZE + 16];
	netif_tx_sring_t *tx;
	int err;

	snprintf(folder, sizeof(folder), "%s/queue-%u", dev->front, number);
	err = share_page(&queue->own, &queue->tx, &queue->tx_ref);
	err = err ?: share_page(&queue->own, &queue->rx, &queue->rx_ref);
	err = err   ?:
		      share_pages(&queue->own, HASHED_PAGES, true,
				  &queue->pages, queue->refs);
	err = err ?: share_bind(&queue->own);
	if (err)
		return err;
	tx = queue->tx;
	SHARED_RING_INIT(tx);
	err = arrived_start(queue);
	err = err   ?:
		      device_write(dev, folder, "tx-ring-ref", "%u",
				   queue->tx_ref);
	err = err   ?:
		      device_write(dev, folder, "rx-ring-ref", "%u",
				   queue->rx_ref);
	return err   ?:
		       device_write(dev, folder, "event-channel", "%d",
				    queue->own.port);
}

static int offer_ctrl(struct hashed *hashed)
{
	struct device *dev = &hashed->dev;
	xen_netif_ctrl_sring_t *ring;
	int err;

	err = share_page(hashed->share, &hashed->ctrl, &hashed->ctrl_ref);
	err = err ?: share_page(hashed->share, &hashed->page, &hashed->ref);
	err = err ?: share_bind(hashed->share);
	if (err)
		return err;
	ring = hashed->ctrl;
	SHARED_RING_INIT(ring);
	FRONT_RING_INIT(&hashed->front, ring, PAGE_BYTES);
	err = device_write(dev, dev->front, "ctrl-ring-ref", "%u",
			   hashed->ctrl_ref);
	return err   ?:
		       device_write(dev, dev->front, "event-channel-ctrl", "%d",
				    hashed->share->port);
}

static int offer_features(struct device *dev)
{
	static const char *const yes[] = { "request-rx-copy",
					   "feature-rx-notify", "feature-sg",
					   "feature-gso-tcpv4", NULL };
	const char *const *key;
	int err;

	err = device_write(dev, dev->front, "multi-queue-num-queues", "%u",
			   HASHED_QUEUES);
	for (key = yes; *key && !err; key++)
		err = device_write(dev, dev->front, *key, "1");
	return err;
}

/* Without IPv6, which would send by itself. */
int hashed_up(struct hashed *hashed)
{
	char command[160];

	snprintf(command, sizeof(command),
		 "echo 1 > /proc/sys/net/ipv6/conf/%s/disable_ipv6; "
		 "ip link set dev %s up",
		 hashed->name, hashed->name);
	return system(command) ? -EIO : 0;
}

int hashed_open(struct hashed *hashed, struct share *share,
		struct xs_handle *store, unsigned int number)
{
	struct device *dev = &hashed->dev;
	unsigned int i;
	int err = 0;

	memset(hashed, 0, sizeof(*hashed));
	hashed->share = share;
	snprintf(hashed->name, sizeof(hashed->name), "vif0.%u", number);
	for (i = 0; i < HASHED_QUEUES && !err; i++)
		err = share_open(&hashed->queue[i].own);
	err = err ?: device_create(dev, store, "vif", number);
	for (i = 0; i < HASHED_QUEUES && !err; i++)
		err = offer_queue(hashed, i);
	err = err ?: offer_ctrl(hashed);
	err = err ?: offer_features(dev);
	err = err ?: device_set_state(dev, XenbusStateConnected);
	err = err   ?:
		      device_write(dev, dev->back, "hotplug-status",
				   "connected");
	err = err ?: device_wait_state(dev, XenbusStateConnected);
	return err ?: hashed_up(hashed);
}

int hashed_close(struct hashed *hashed)
{
	int err = device_end(&hashed->dev);
	unsigned int i;

	share_unbind(hashed->share);
	share_free(hashed->share, hashed->ctrl);
	share_free(hashed->share, hashed->page);
	for (i = 0; i < HASHED_QUEUES; i++) {
		struct hashed_queue *queue = &hashed->queue[i];

		if (!queue->own.grants)
			continue;
		share_unbind(&queue->own);
		share_free(&queue->own, queue->tx);
		share_free(&queue->own, queue->rx);
		share_free_pages(&queue->own, queue->pages, HASHED_PAGES);
		share_close(&queue->own);
	}
	return err ?: device_wait_gone("vif", hashed->dev.number);
}

void hashed_put(struct hashed *hashed, unsigned int type, uint32_t a,
		uint32_t b, uint32_t c)
{
	*RING_GET_REQUEST(&hashed->front, hashed->front.req_prod_pvt) =
		(struct xen_netif_ctrl_request){
			.id = 0x8000 ^ hashed->next_id++,
			.type = type,
			.data = { a, b, c },
		};
	hashed->front.req_prod_pvt++;
}

void hashed_push(struct hashed *hashed)
{
	RING_PUSH_REQUESTS(&hashed->front);
	xenevtchn_notify(hashed->share->events, hashed->share->port);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

unsigned int hashed_answer(struct hashed *hashed, unsigned int type,
			   uint32_t *data)
{
	uint16_t id = 0x8000 ^ (hashed->front.rsp_cons & 0xffff);
	struct xen_netif_ctrl_response *rsp;
	long until = now_ms() + SECOND_MS;
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&hashed->front, more);
		if (more)
			break;
		if (now_ms() > until)
			return HASHED_NO_ANSWER;
		share_wait(hashed->share, POLL_MS);
	}
	rsp = RING_GET_RESPONSE(&hashed->front, hashed->front.rsp_cons++);
	hashed_expect(hashed, "id of an answer", rsp->id, id);
	hashed_expect(hashed, "type of an answer", rsp->type, type);
	if (data)
		*data = rsp->data;
	return rsp->status;
}

unsigned int hashed_ask(struct hashed *hashed, unsigned int type, uint32_t a,
			uint32_t b, uint32_t c)
{
	hashed_put(hashed, type, a, b, c);
	hashed_push(hashed);
	return hashed_answer(hashed, type, NULL);
}

int hashed_counter(struct hashed *hashed, const char *what)
{
	size_t length = strlen(what);
	char path[128], line[1024];
	int value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/debug/xen-backends/vif-0-%u",
		 hashed->dev.number);
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, what, length) && line[length] == ':')
			value = atoi(line + length + 1);
	fclose(file);
	return value;
}
