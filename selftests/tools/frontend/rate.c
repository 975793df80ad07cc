// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An interface of two queues that send as much as they can, and the toolstack's
 * limit: of both together, also when it is changed, wrong, or taken away.
 */

#include "rate.h"
#include "hashed.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME 1000
#define RING 256
#define SETTLE_US 1200000 /* a full bucket is used up by then */
#define WINDOW_US 2000000
#define PAUSE_US 2000

struct pump {
	struct hashed *hashed;
	struct hashed_queue *queue;
	netif_tx_front_ring_t front;
	atomic_bool over;
	atomic_ulong answered;
	pthread_t thread;
};

static void fill(struct pump *pump)
{
	netif_tx_front_ring_t *front = &pump->front;
	int notify;

	while (front->req_prod_pvt - front->rsp_cons < RING) {
		unsigned int index = front->req_prod_pvt++;

		*RING_GET_REQUEST(front, index) = (netif_tx_request_t){
			.gref = pump->queue->refs[0],
			.id = index,
			.size = FRAME,
		};
	}
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(front, notify);
	if (notify)
		xenevtchn_notify(pump->queue->own.events,
				 pump->queue->own.port);
}

static void *run(void *arg)
{
	struct pump *pump = arg;
	netif_tx_sring_t *shared = pump->front.sring;

	while (!atomic_load(&pump->over)) {
		uint32_t now =
			__atomic_load_n(&shared->rsp_prod, __ATOMIC_ACQUIRE);

		atomic_fetch_add(&pump->answered, now - pump->front.rsp_cons);
		pump->front.rsp_cons = now;
		fill(pump);
		usleep(PAUSE_US);
	}
	return NULL;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static unsigned long answered(struct pump *pump)
{
	return atomic_load(&pump[0].answered) + atomic_load(&pump[1].answered);
}

/* Bytes a second of both queues. */
static double measure(struct pump *pump)
{
	unsigned long before = answered(pump);
	double begin = seconds();

	usleep(WINDOW_US);
	return (answered(pump) - before) * FRAME / (seconds() - begin);
}

static void expect_rate(struct pump *pump, const char *text, double want)
{
	struct device *dev = &pump->hashed->dev;
	double got;

	if (text && device_write(dev, dev->back, "rate", "%s", text))
		pump->hashed->failures++;
	usleep(SETTLE_US);
	got = measure(pump);
	printf("rate %s: %.0f bytes a second, %.1f%% of it\n",
	       text ?: "as before", got, 100 * got / want);
	hashed_expect(pump->hashed, "within 5 percent of it",
		      got > want * 0.95 && got < want * 1.05, 1);
	/* neither of the two keeps the other from sending */
	hashed_expect(pump->hashed, "both send",
		      atomic_load(&pump[0].answered) &&
			      atomic_load(&pump[1].answered),
		      1);
}

static int says(struct hashed *hashed, const char *what)
{
	char path[PATH_SIZE + 64];
	char *text;
	int yes;

	snprintf(path, sizeof(path),
		 "/local/domain/0/error/backend/vif/0/%u/error",
		 hashed->dev.number);
	text = xs_read(hashed->dev.store, XBT_NULL, path, NULL);
	yes = text && strstr(text, what);
	free(text);
	return yes;
}

static void test_limits(struct pump *pump)
{
	struct hashed *hashed = pump->hashed;
	struct device *dev = &hashed->dev;
	char path[PATH_SIZE + 8];
	double got;

	expect_rate(pump, "10000,50000", 200000);
	expect_rate(pump, "400000,1000000", 400000);
	device_write(dev, dev->back, "rate", "400000");
	expect_rate(pump, NULL, 400000);
	hashed_expect(hashed, "a wrong rate is named",
		      says(hashed, "rate is \"400000\", allowed is"), 1);
	snprintf(path, sizeof(path), "%s/rate", dev->back);
	xs_rm(dev->store, XBT_NULL, path);
	usleep(SETTLE_US);
	got = measure(pump);
	printf("without a limit: %.0f bytes a second\n", got);
	hashed_expect(hashed, "no limit", got > 800000, 1);
	hashed_expect(hashed, "no complaint any more", says(hashed, "rate"), 0);
}

static int start(struct hashed *hashed, struct pump *pump)
{
	unsigned int i;

	for (i = 0; i < HASHED_QUEUES; i++) {
		pump[i].hashed = hashed;
		pump[i].queue = &hashed->queue[i];
		FRONT_RING_INIT(&pump[i].front,
				(netif_tx_sring_t *)hashed->queue[i].tx, 4096);
		if (pthread_create(&pump[i].thread, NULL, run, &pump[i]))
			return -EAGAIN;
	}
	return 0;
}

int rate_all(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number)
{
	static struct pump pump[HASHED_QUEUES];
	struct hashed hashed;
	int err, ended;
	unsigned int i;

	(void)node;
	err = hashed_open(&hashed, share, store, number);
	err = err ?: start(&hashed, pump);
	if (!err)
		test_limits(pump);
	for (i = 0; i < HASHED_QUEUES; i++) {
		atomic_store(&pump[i].over, true);
		if (pump[i].hashed)
			pthread_join(pump[i].thread, NULL);
	}
	ended = hashed_close(&hashed);
	return err ?: ended ?: hashed.failures ? -EPROTO : 0;
}
