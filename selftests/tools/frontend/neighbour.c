// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What one frontend, or one ring, could take from the others. */

#include "neighbour.h"
#include "rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 32
#define PAGE_SECTORS 8
#define HOARD_SEGS 128 /* 32 such requests have all the pages of a vbd */
#define LATER_SEGS 32
#define LATER_LEAST (SLOTS / 2)
#define SETTLE_US 100000
#define HELD 16
#define ERASES 30
#define ERASE_SECTORS 1024 /* the most that testdisk takes at once */
#define UNDER_WAY 8 /* HEAVY_MAX of blkback/pass.c */
#define FLAPS 20
#define FLAP_MS 500 /* no restart takes so long that is not put off */
#define LATER_MS 5000
#define GONE_MS 1000 /* less than what is left of RESTART_PAUSE_MS then */

/* Descriptors that all name the same page, and a request for each slot. */
struct many {
	struct blk *blk;
	struct blkif_request_segment *desc;
	uint32_t desc_ref;
};

static int many_init(struct many *many, struct blk *blk)
{
	void *page;
	unsigned int i;
	int err = share_page(blk->share, &page, &many->desc_ref);

	many->blk = blk;
	many->desc = page;
	for (i = 0; i < HOARD_SEGS && !err; i++) {
		many->desc[i].gref = blk->page_ref;
		many->desc[i].last_sect = PAGE_SECTORS - 1;
	}
	return err;
}

static void put_many(struct many *many, unsigned int segs)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		blkif_request_indirect_t *request =
			(void *)blk_next_request(many->blk, BLKIF_OP_INDIRECT);

		request->indirect_op = BLKIF_OP_WRITE;
		request->nr_segments = segs;
		request->indirect_grefs[0] = many->desc_ref;
	}
	blk_push(many->blk);
}

static int take_many(struct many *many)
{
	blkif_response_t answer;
	unsigned int i;
	int err = 0;

	for (i = 0; i < SLOTS && !err; i++) {
		err = blk_next_answer(many->blk, &answer);
		if (!err && answer.status != BLKIF_RSP_OKAY)
			err = -EIO;
	}
	return err;
}

/* How many of the ring's requests the disk has at once, at the most. */
static int depth(struct many *many, unsigned int number, unsigned int queue)
{
	int most = 0, at;

	put_many(many, LATER_SEGS);
	while (many->blk->sring->rsp_prod - many->blk->ring.rsp_cons < SLOTS) {
		at = ring_figure(number, queue, "inflight");
		most = at > most ? at : most;
		if (at < 0)
			break;
	}
	return most;
}

/* Ring 0 uses all the memory there is and falls idle; ring 1 comes then. */
int hoard_pages(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	struct many many[QUEUES] = { 0 };
	struct rings rings;
	unsigned int i;
	int err, ended, most;

	err = rings_connect(&rings, share, store, node, number, 0);
	for (i = 0; i < QUEUES && !err; i++)
		err = many_init(&many[i], &rings.blk[i]);
	if (!err) {
		put_many(&many[0], HOARD_SEGS);
		err = take_many(&many[0]);
	}
	if (!err) {
		usleep(SETTLE_US);
		most = depth(&many[1], number, 1);
		err = take_many(&many[1]);
		printf("ring 1 has %d requests under way beside an idle ring\n",
		       most);
		if (most < LATER_LEAST)
			err = -EBUSY;
	}
	for (i = 0; i < QUEUES; i++)
		share_free(rings.blk[i].share, many[i].desc);
	ended = rings_end(&rings);
	return err ?: ended;
}

static int storm(struct blk *blk, uint32_t *moved)
{
	int told = share_storm(blk->share, &blk->dev, moved);

	printf("Linux was told of %d events that brought nothing\n", told);
	return told < STORM_LEAST ? -EPROTO : 0;
}

/*
 * A limit holds requests back: events that bring nothing are still nothing, also
 * where the last request is taken back and put again for each.
 */
int storm_while_held(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number)
{
	struct rings rings;
	unsigned int i;
	int err, ended;

	err = rings_connect(&rings, share, store, node, number, 1);
	for (i = 0; i < HELD && !err; i++)
		blk_put_transfer(&rings.blk[0], BLKIF_OP_READ, 0);
	if (!err) {
		blk_push(&rings.blk[0]);
		usleep(SETTLE_US);
		err = storm(&rings.blk[0], NULL);
		err = err   ?:
			      storm(&rings.blk[0],
				    &rings.blk[0].sring->req_prod);
	}
	ended = rings_end(&rings);
	return err ?: ended;
}

static int erases_of_the_disk(void)
{
	FILE *file = fopen("/sys/module/testdisk/parameters/erases", "r");
	int value = -1;

	if (file && fscanf(file, "%d", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	return value;
}

static void put_erases(struct blk *blk)
{
	unsigned int i;

	for (i = 0; i < ERASES; i++) {
		blkif_request_discard_t *request =
			(void *)blk_next_request(blk, BLKIF_OP_DISCARD);

		request->flag = BLKIF_DISCARD_SECURE;
		request->nr_sectors = ERASE_SECTORS;
	}
	blk_push(blk);
}

/* More of them than are under way at once; the device ends meanwhile. */
int many_erases(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number)
{
	int before = erases_of_the_disk(), done, ended;
	struct blk blk;
	int err;

	err = blk_connect(&blk, share, store, node, number);
	if (!err) {
		put_erases(&blk);
		usleep(SETTLE_US);
	}
	ended = blk_disconnect(&blk) ?: device_wait_gone("vbd", number);
	done = erases_of_the_disk() - before;
	printf("the end waited for %d of %d secure discards\n", done, ERASES);
	if (!err && (done < 1 || done > UNDER_WAY))
		err = -EBUSY;
	return err ?: ended;
}

static long long now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ll + time.tv_nsec / 1000000;
}

/* By the clock: to ask takes longer than to sleep. */
static bool comes_to(struct device *dev, int state, unsigned int ms)
{
	long long end = now_ms() + ms;

	while (device_read_state(dev, dev->back) != state) {
		if (now_ms() > end)
			return false;
		usleep(POLL_MS * 1000);
	}
	return true;
}

/* Close and begin anew until that is put off. */
static int flap(struct device *dev)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < FLAPS && !err; i++) {
		err = device_set_state(dev, XenbusStateClosed);
		err = err ?: device_wait_state(dev, XenbusStateClosed);
		err = err ?: device_set_state(dev, XenbusStateInitialising);
		if (!err && !comes_to(dev, XenbusStateInitWait, FLAP_MS)) {
			printf("restart %u is put off\n", i);
			return 0;
		}
	}
	fprintf(stderr, "%u restarts, none of them was put off\n", i);
	return err ?: -EPROTO;
}

/*
 * A frontend that starts again and again is made to wait, but nobody of the
 * backend's waits with it: that it is gone is seen at once. And it is not forgotten
 * if it stays.
 */
int flap_disk(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number)
{
	struct blk blk = { .share = share };
	struct device *dev = &blk.dev;
	long long begin;
	int err = blk_create(&blk, store, node, number);

	err = err ?: flap(dev);
	if (!err && !comes_to(dev, XenbusStateInitWait, LATER_MS)) {
		fprintf(stderr, "the restart is forgotten\n");
		err = -ETIMEDOUT;
	}
	err = err ?: flap(dev);
	/* The toolstack has done with it as well. */
	err = err ?: device_write(dev, dev->back, "online", "0");
	begin = now_ms();
	xs_rm(store, XBT_NULL, dev->front);
	err = err ?: device_wait_gone("vbd", number);
	begin = now_ms() - begin;
	device_erase(dev);
	printf("gone after %lld ms\n", begin);
	if (!err && begin > GONE_MS) {
		fprintf(stderr, "the device waits for its pause\n");
		err = -ETIMEDOUT;
	}
	return err;
}
