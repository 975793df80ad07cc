// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A frontend that reads and takes the time, and one that is in its way. Where time
 * is counted in instructions, the times can be compared.
 */

#include "fairness.h"
#include "rings.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEPTH 8
#define PAGE_SECTORS 8
#define SLOTS 32
#define SEGS 128
#define STORMS 200
#define STORM_GAP_US 200
#define IDLE_US 100000
#define LIMIT 50 /* requests a second */

static volatile sig_atomic_t over;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

static long long now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000ll + time.tv_nsec / 1000;
}

/* So many reads, with so many of them under way. */
static int read_many(struct blk *blk, unsigned int count, unsigned int depth)
{
	unsigned int put = 0, taken = 0;
	blkif_response_t answer;
	int err = 0;

	while (taken < count && !err) {
		while (put < count && put - taken < depth) {
			blk_put_transfer(blk, BLKIF_OP_READ,
					 put % 1024 * PAGE_SECTORS);
			put++;
		}
		blk_push(blk);
		err = blk_next_answer(blk, &answer);
		if (!err && answer.status != BLKIF_RSP_OKAY)
			err = -EIO;
		taken++;
	}
	return err;
}

static int timed(struct blk *blk, unsigned int count, unsigned int depth,
		 const char *name)
{
	long long begin = now_us();
	int err = read_many(blk, count, depth);

	printf("%s %lld\n", name, (now_us() - begin) / count);
	return err;
}

/* Microseconds a request: alone under way, and with others. */
int honest_reader(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number, unsigned int count)
{
	struct blk blk;
	int err, ended;

	err = blk_connect(&blk, share, store, node, number);
	err = err ?: read_many(&blk, DEPTH, 1);
	err = err ?: timed(&blk, count, 1, "alone");
	err = err ?: timed(&blk, count * DEPTH, DEPTH, "together");
	ended = blk_disconnect(&blk);
	return err ?: ended;
}

/* Writes with more data than a disk may have memory for, and then nothing. */
static int hoard(struct blk *blk)
{
	struct blkif_request_segment *desc;
	uint32_t desc_ref;
	unsigned int i;
	void *page;
	int err = share_page(blk->share, &page, &desc_ref);

	if (err)
		return err;
	desc = page;
	for (i = 0; i < SEGS; i++) {
		desc[i].gref = blk->page_ref;
		desc[i].last_sect = PAGE_SECTORS - 1;
	}
	for (i = 0; i < SLOTS; i++) {
		blkif_request_indirect_t *request =
			(void *)blk_next_request(blk, BLKIF_OP_INDIRECT);

		request->indirect_op = BLKIF_OP_WRITE;
		request->nr_segments = SEGS;
		request->indirect_grefs[0] = desc_ref;
	}
	blk_push(blk);
	for (i = 0; i < STORMS && !over; i++) {
		xenevtchn_notify(blk->share->events, blk->share->port);
		usleep(STORM_GAP_US);
	}
	share_free(blk->share, page);
	return 0;
}

/*
 * Two rings of a limited disk: one with more than it may do and events that bring
 * nothing, the other with discards; then the directory is gone, and so again.
 */
static int be_in_the_way(struct share *share, struct xs_handle *store,
			 const char *node, unsigned int number)
{
	struct rings rings;
	unsigned int i;
	int err, ended;

	err = rings_connect(&rings, share, store, node, number, LIMIT);
	if (!err) {
		for (i = 0; i < SLOTS; i++) {
			blkif_request_discard_t *request =
				(void *)blk_next_request(&rings.blk[1],
							 BLKIF_OP_DISCARD);

			request->nr_sectors = 65536;
		}
		blk_push(&rings.blk[1]);
		err = hoard(&rings.blk[0]);
	}
	device_erase(&rings.blk[0].dev);
	ended = device_wait_gone("vbd", number);
	rings_free(&rings);
	return err ?: ended;
}

/* Until SIGTERM. */
int nuisance_disk(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number, bool hostile)
{
	struct blk blk;
	unsigned int rounds = 0;
	int err = 0, ended = 0;

	signal(SIGTERM, end);
	/* A guest's own work takes no processor from dom0. */
	if (nice(19) < 0)
		return -errno;
	if (!hostile) {
		err = blk_connect(&blk, share, store, node, number);
		printf("idle\n");
		fflush(stdout);
		while (!err && !over)
			usleep(IDLE_US);
		ended = blk_disconnect(&blk);
	}
	while (hostile && !over && !err) {
		err = be_in_the_way(share, store, node, number);
		if (!rounds++) {
			printf("hostile\n");
			fflush(stdout);
		}
	}
	printf("%u rounds\n", rounds);
	return err ?: ended;
}
