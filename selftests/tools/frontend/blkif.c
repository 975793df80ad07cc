// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A block ring of one page, and one request at a time on it. */

#include "blkif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define SECTORS_A_PAGE (PAGE_BYTES / 512)
#define ANSWER_SECONDS 20

static int name_backing(struct blk *blk, const char *node)
{
	struct stat status;

	if (stat(node, &status)) {
		fprintf(stderr, "%s: %s\n", node, strerror(errno));
		return -errno;
	}
	if (S_ISREG(status.st_mode))
		return device_write(&blk->dev, blk->dev.back,
				    "physical-device-path", "%s", node);
	return device_write(&blk->dev, blk->dev.back, "physical-device",
			    "%x:%x", major(status.st_rdev),
			    minor(status.st_rdev));
}

static int offer_backing(struct blk *blk, const char *node)
{
	int err = name_backing(blk, node);

	return err   ?:
		       device_write(&blk->dev, blk->dev.back, "hotplug-status",
				    "connected");
}

static bool is_opened(struct blk *blk, const char *node)
{
	char path[PATH_SIZE];
	char text[PATH_SIZE] = "";
	struct stat status;
	FILE *file;

	snprintf(path, sizeof(path),
		 "/sys/bus/xen-backend/devices/vbd-0-%u/physical_device",
		 blk->dev.number);
	file = fopen(path, "r");
	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = 0;
		fclose(file);
	}
	snprintf(path, sizeof(path), "%x:%x\n", 0, 0);
	if (!stat(node, &status) && S_ISBLK(status.st_mode))
		snprintf(path, sizeof(path), "%x:%x\n", major(status.st_rdev),
			 minor(status.st_rdev));
	return !strcmp(text, path);
}

/* Put another disk below, as the toolstack does; wait until it is there. */
int blk_swap(struct blk *blk, const char *node)
{
	char key[PATH_SIZE + 32];
	int tries = WAIT_SECONDS * 1000 / POLL_MS;
	int err = name_backing(blk, node);
	struct stat status;

	if (!err && !stat(node, &status) && S_ISREG(status.st_mode)) {
		snprintf(key, sizeof(key), "%s/physical-device", blk->dev.back);
		xs_rm(blk->dev.store, XBT_NULL, key);
	}
	while (!err && !is_opened(blk, node)) {
		usleep(POLL_MS * 1000);
		if (!tries--) {
			fprintf(stderr, "%s is not put below\n", node);
			err = -ETIMEDOUT;
		}
	}
	return err;
}

/*
 * Make a ring, the page of its requests and its channel, and write where they
 * are into a folder of the device's frontend.
 */
int blk_make_ring(struct blk *blk, struct device *dev, const char *folder)
{
	int err;

	err = share_page(blk->share, (void **)&blk->sring, &blk->ring_ref);
	err = err ?: share_page(blk->share, &blk->page, &blk->page_ref);
	err = err ?: share_bind(blk->share);
	if (err)
		return err;
	SHARED_RING_INIT(blk->sring);
	FRONT_RING_INIT(&blk->ring, blk->sring, PAGE_BYTES);
	err = device_write(dev, folder, "ring-ref", "%u", blk->ring_ref);
	return err   ?:
		       device_write(dev, folder, "event-channel", "%d",
				    blk->share->port);
}

static int offer_ring(struct blk *blk)
{
	struct device *dev = &blk->dev;
	int err = blk_make_ring(blk, dev, dev->front);

	err = err ?: device_write(dev, dev->front, "protocol", "x86_64-abi");
	return err ?: device_set_state(dev, XenbusStateInitialised);
}

/* Create a device and say what is below it. */
int blk_create(struct blk *blk, struct xs_handle *store, const char *node,
	       unsigned int number)
{
	int err = device_create(&blk->dev, store, "vbd", number);

	return err ?: offer_backing(blk, node);
}

/*
 * Bring a device up to Connected on both sides, as a frontend that promises to
 * use its grants again or as one that does not.
 */
int blk_connect_as(struct blk *blk, struct share *share,
		   struct xs_handle *store, const char *node,
		   unsigned int number, bool persistent)
{
	int err;

	memset(blk, 0, sizeof(*blk));
	blk->share = share;
	err = blk_create(blk, store, node, number);
	err = err   ?:
		      device_write(&blk->dev, blk->dev.front,
				   "feature-persistent", "%u", persistent);
	err = err ?: offer_ring(blk);
	err = err ?: device_wait_state(&blk->dev, XenbusStateConnected);
	return err ?: device_set_state(&blk->dev, XenbusStateConnected);
}

int blk_connect(struct blk *blk, struct share *share, struct xs_handle *store,
		const char *node, unsigned int number)
{
	return blk_connect_as(blk, share, store, node, number, false);
}

static int wait_restart(struct device *dev)
{
	int tries = WAIT_SECONDS * 1000 / POLL_MS;

	while (device_read_state(dev, dev->back) == XenbusStateClosed &&
	       tries-- > 0)
		usleep(POLL_MS * 1000);
	return device_wait_state(dev, XenbusStateInitWait);
}

/* Closed and connected again, with other pages; the disk stays open. */
int blk_reconnect(struct blk *blk)
{
	struct device *dev = &blk->dev;
	int err = device_set_state(dev, XenbusStateClosed);

	err = err ?: device_wait_state(dev, XenbusStateClosed);
	err = err ?: device_set_state(dev, XenbusStateInitialising);
	err = err ?: wait_restart(dev);
	if (err)
		return err;
	share_unbind(blk->share);
	share_free(blk->share, blk->page);
	share_free(blk->share, blk->sring);
	err = offer_ring(blk);
	err = err ?: device_wait_state(dev, XenbusStateConnected);
	return err ?: device_set_state(dev, XenbusStateConnected);
}

void blk_push(struct blk *blk)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&blk->ring, notify);
	if (notify)
		xenevtchn_notify(blk->share->events, blk->share->port);
}

/* A request to be filled in; blk_push() offers all of them. */
blkif_request_t *blk_next_request(struct blk *blk, uint8_t op)
{
	blkif_request_t *request;

	request = RING_GET_REQUEST(&blk->ring, blk->ring.req_prod_pvt);
	memset(request, 0, sizeof(*request));
	request->operation = op;
	request->id = blk->ring.req_prod_pvt++;
	return request;
}

/* A read or a write of blk->page. */
void blk_put_transfer(struct blk *blk, uint8_t op, uint64_t sector)
{
	blkif_request_t *request = blk_next_request(blk, op);

	request->nr_segments = 1;
	request->sector_number = sector;
	request->seg[0].gref = blk->page_ref;
	request->seg[0].last_sect = SECTORS_A_PAGE - 1;
}

/* Wait for an answer, to whatever request. */
int blk_next_answer(struct blk *blk, blkif_response_t *answer)
{
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&blk->ring, more);
		if (more)
			break;
		if (share_wait(blk->share, ANSWER_SECONDS * 1000)) {
			fprintf(stderr, "no answer\n");
			return -ETIMEDOUT;
		}
	}
	*answer = *RING_GET_RESPONSE(&blk->ring, blk->ring.rsp_cons);
	blk->ring.rsp_cons++;
	return 0;
}

/* Wait for the answer to a request; it must be the next one, and good. */
int blk_take_answer(struct blk *blk, uint64_t id)
{
	blkif_response_t answer;
	int err = blk_next_answer(blk, &answer);

	if (err)
		return err;
	if (answer.id != id || answer.status != BLKIF_RSP_OKAY) {
		fprintf(stderr, "answer %d to request %llu\n", answer.status,
			(unsigned long long)answer.id);
		return -EIO;
	}
	return 0;
}

/* Read one page's worth of sectors into blk->page. */
int blk_read(struct blk *blk, uint64_t sector)
{
	uint64_t id = blk->ring.req_prod_pvt;

	blk_put_transfer(blk, BLKIF_OP_READ, sector);
	blk_push(blk);
	return blk_take_answer(blk, id);
}

/* Write a page that holds nothing but that byte. */
int blk_write_byte(struct blk *blk, uint64_t sector, int byte)
{
	uint64_t id = blk->ring.req_prod_pvt;

	memset(blk->page, byte, PAGE_BYTES);
	blk_put_transfer(blk, BLKIF_OP_WRITE, sector);
	blk_push(blk);
	return blk_take_answer(blk, id);
}

/* Read a page and find nothing but that byte. */
int blk_page_is(struct blk *blk, uint64_t sector, int byte)
{
	const uint8_t *page = blk->page;
	unsigned int at;
	int err;

	memset(blk->page, ~byte, PAGE_BYTES);
	err = blk_read(blk, sector);
	for (at = 0; !err && at < PAGE_BYTES; at++)
		if (page[at] != (uint8_t)byte) {
			fprintf(stderr, "sector %llu holds %u, not %d\n",
				(unsigned long long)sector, page[at], byte);
			err = -EILSEQ;
		}
	return err;
}

/* Offer what was put; the answer must have that status. */
int blk_refused(struct blk *blk, const char *what, int status)
{
	blkif_response_t answer;
	int err;

	blk_push(blk);
	err = blk_next_answer(blk, &answer);
	if (!err && answer.status != status) {
		fprintf(stderr, "%s: %d, not %d\n", what, answer.status,
			status);
		err = -EPROTO;
	}
	return err;
}

/* Whether a key of the backend has that value. */
int blk_is_told(struct blk *blk, const char *key, const char *wanted)
{
	char path[PATH_SIZE + 32];
	char *value;
	int err;

	snprintf(path, sizeof(path), "%s/%s", blk->dev.back, key);
	value = xs_read(blk->dev.store, XBT_NULL, path, NULL);
	err = value && !strcmp(value, wanted) ? 0 : -EPROTO;
	if (err)
		fprintf(stderr, "%s is %s, not %s\n", path, value ?: "missing",
			wanted);
	free(value);
	return err;
}

/* End the device; pages are given back after the backend let go of them. */
int blk_disconnect(struct blk *blk)
{
	int err = device_end(&blk->dev);

	share_unbind(blk->share);
	share_free(blk->share, blk->page);
	share_free(blk->share, blk->sring);
	return err;
}

/* A device for as long as that takes. */
int blk_with(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number, bool persistent, int (*play)(struct blk *blk))
{
	struct blk blk;
	int err, ended;

	err = blk_connect_as(&blk, share, store, node, number, persistent);
	err = err ?: play(&blk);
	ended = blk_disconnect(&blk);
	return err ?: ended;
}
