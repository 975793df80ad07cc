// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Load for a vbd: bursts of requests, each waited for as a whole. */

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "blk.h"

#define SEED 0x10adull
#define MAX_SECONDS 86400
/* How long a run that ends early waits for what is in flight. */
#define DRAIN_SECONDS 5

enum { RANDOM, SEQUENTIAL };

static const char *const op_words[] = { "read", "write", "flush", "discard",
					NULL };
static const char *const offset_words[] = { "random", "sequential", NULL };

/**
 * struct blk_line - what a line says
 * @op: enum lg_blk_op
 * @size: bytes of a request
 * @burst: requests of a burst
 * @count: requests
 * @offset: RANDOM or SEQUENTIAL
 * @seed: of RANDOM
 * @check: fill what is written, compare what is read
 * @timeout: seconds, 0 for never
 */
struct blk_line {
	u64 op;
	u64 size;
	u64 burst;
	u64 count;
	u64 offset;
	u64 seed;
	u64 check;
	u64 timeout;
};

/**
 * struct blk_run - a run
 * @blk: the vbd
 * @line: what it is to do
 * @counts: what it did
 * @places: requests of this size that the disk has room for
 * @next: the next of them, when they are sequential
 * @random: state of the generator
 * @deadline: from lg_run_deadline()
 * @err: what the first response that says error means
 */
struct blk_run {
	struct lg_blk *blk;
	struct blk_line line;
	struct lg_counts *counts;
	u64 places;
	u64 next;
	struct rnd_state random;
	unsigned long deadline;
	int err;
};

static int read_line(struct lg_blk *blk, char *text, struct blk_line *line)
{
	u64 sector = blk->limits.sector_size;
	u64 disk = min(blk->limits.sectors * LG_SECTOR, U32_MAX - sector);
	const struct lg_arg args[] = {
		LG_ARG(struct blk_line, op, .words = op_words,
		       .required = true),
		LG_ARG(struct blk_line, size, .min = sector, .max = disk,
		       .step = sector, .def = max(sector, 4096ull)),
		LG_ARG(struct blk_line, burst, .min = 1,
		       .max = RING_SIZE(&blk->ring), .def = 1, .all = "full"),
		LG_ARG(struct blk_line, count, .min = 1, .max = U32_MAX,
		       .required = true),
		LG_ARG(struct blk_line, offset, .words = offset_words),
		LG_ARG(struct blk_line, seed, .max = U64_MAX, .def = SEED),
		LG_ARG(struct blk_line, check, .max = 1),
		LG_ARG(struct blk_line, timeout, .max = MAX_SECONDS),
	};

	return lg_line_parse(blk->dev, text, args, ARRAY_SIZE(args), line);
}

/* Requests that have no data can be larger. */
static int check_size(struct lg_blk *blk, const struct blk_line *line)
{
	unsigned int largest = blk->limits.max_segments * XEN_PAGE_SIZE;

	if (line->op > LG_BLK_WRITE || line->size <= largest)
		return 0;
	dev_err(&blk->dev->xdev->dev,
		"size is %llu, allowed for data is %u to %u\n", line->size,
		blk->limits.sector_size, largest);
	return -EINVAL;
}

/* Each sector says which one it is, and each word which one in it. */
static u64 pattern(u64 sector, unsigned int word)
{
	return (sector + 1) * 0x9e3779b97f4a7c15ull + word;
}

static u64 *sector_data(struct blk_run *run,
			const struct lg_blk_request *request, unsigned int i)
{
	void *page = lg_blk_page(run->blk, request->place, i / LG_PAGE_SECTORS);

	return page + i % LG_PAGE_SECTORS * LG_SECTOR;
}

/* What is read must come from the disk: no page may have it before. */
static void fill(struct blk_run *run, const struct lg_blk_request *request)
{
	u64 wrong = request->op == LG_BLK_READ;
	unsigned int i, word;

	for (i = 0; i < request->bytes / LG_SECTOR; i++) {
		u64 *data = sector_data(run, request, i);

		for (word = 0; word < LG_SECTOR / sizeof(u64); word++)
			data[word] = pattern(request->sector + i, word) + wrong;
	}
}

static bool sector_agrees(struct blk_run *run, u64 sector, const u64 *data)
{
	struct device *dev = &run->blk->dev->xdev->dev;
	unsigned int word;

	for (word = 0; word < LG_SECTOR / sizeof(u64); word++) {
		u64 want = pattern(sector, word);

		if (data[word] == want)
			continue;
		dev_err_ratelimited(dev,
				    "sector %llu word %u: %#llx not %#llx\n",
				    sector, word, data[word], want);
		return false;
	}
	return true;
}

static bool agrees(struct blk_run *run, const struct lg_blk_request *request)
{
	unsigned int i;

	for (i = 0; i < request->bytes / LG_SECTOR; i++)
		if (!sector_agrees(run, request->sector + i,
				   sector_data(run, request, i)))
			return false;
	return true;
}

static u64 next_sector(struct blk_run *run)
{
	u64 place;

	if (run->line.offset == RANDOM) {
		place = mul_u64_u32_shr(run->places,
					prandom_u32_state(&run->random), 32);
	} else {
		place = run->next++;
		if (run->next == run->places)
			run->next = 0;
	}
	return place * run->line.size / LG_SECTOR;
}

static void put_one(struct blk_run *run, unsigned int place)
{
	struct lg_blk_request request = {
		.op = run->line.op,
		.place = place,
	};

	if (request.op != LG_BLK_FLUSH) {
		request.sector = next_sector(run);
		request.bytes = run->line.size;
	}
	if (run->line.check && request.op <= LG_BLK_WRITE)
		fill(run, &request);
	lg_blk_put(run->blk, &request);
	run->counts->requests++;
}

static void judge(struct blk_run *run, const struct lg_blk_request *request,
		  int status)
{
	int err = 0;

	run->counts->responses++;
	if (status == BLKIF_RSP_EOPNOTSUPP)
		err = -EOPNOTSUPP;
	else if (status != BLKIF_RSP_OKAY)
		err = -EIO;
	else if (run->line.check && request->op == LG_BLK_READ &&
		 !agrees(run, request))
		err = -EILSEQ;

	if (err)
		run->counts->errors++;
	else
		run->counts->bytes += request->bytes;
	if (!run->err)
		run->err = err;
}

static int take_all(struct blk_run *run)
{
	struct lg_blk_request request;
	int got, status;

	while ((got = lg_blk_take(run->blk, &request, &status)) > 0)
		judge(run, &request, status);
	return got;
}

static int one_burst(struct blk_run *run, unsigned int nr)
{
	struct lg_blk *blk = run->blk;
	unsigned int place;
	int err;

	for (place = 0; place < nr; place++)
		put_one(run, place);
	lg_blk_push(blk);
	err = lg_run_wait(blk->dev, lg_blk_answered, blk, run->deadline);
	return err ? err : take_all(run);
}

/*
 * A run that ends early leaves nothing in flight for the next one, if the
 * backend answers at all.
 */
static int drain(struct blk_run *run)
{
	struct lg_blk *blk = run->blk;

	if (!blk->inflight)
		return 0;
	wait_event_timeout(blk->dev->wait,
			   READ_ONCE(blk->dev->gone) || lg_blk_answered(blk),
			   DRAIN_SECONDS * HZ);
	if (READ_ONCE(blk->dev->gone))
		return -ENODEV;
	if (take_all(run))
		return -EPROTO;
	if (!blk->inflight)
		return 0;
	dev_err(&blk->dev->xdev->dev, "%u requests are not answered\n",
		blk->inflight);
	return -EBUSY;
}

static int all_bursts(struct blk_run *run)
{
	u64 left = run->line.count;
	int err = 0;

	while (left && !err) {
		unsigned int nr = min(left, run->line.burst);

		err = one_burst(run, nr);
		left -= nr;
		cond_resched();
	}
	if (err == -EINTR || err == -ETIMEDOUT)
		drain(run);
	return err ? err : run->err;
}

/**
 * lg_blk_run() - do what a line says
 * @dev: a connected vbd
 * @text: the line; changed
 *
 * Context: may sleep.
 * Return: 0 when all was done and every response says success and every byte
 * compared was right; -EIO or -EOPNOTSUPP or -EILSEQ for the first that was
 * not; -EPROTO, -ENODEV, -EINTR, -ETIMEDOUT, -EINVAL.
 */
int lg_blk_run(struct lg_device *dev, char *text)
{
	struct lg_blk *blk = dev->priv;
	struct blk_run run = { .blk = blk, .counts = &dev->run.counts };
	unsigned int segments;
	int err;

	err = read_line(blk, text, &run.line);
	if (!err)
		err = check_size(blk, &run.line);
	if (!err)
		err = drain(&run);
	if (err)
		return err;
	segments = DIV_ROUND_UP(run.line.size, XEN_PAGE_SIZE);
	if (run.line.op <= LG_BLK_WRITE)
		err = lg_blk_prepare(blk, run.line.burst, segments);
	if (err)
		return err;
	run.places = div64_u64(blk->limits.sectors * LG_SECTOR, run.line.size);
	prandom_seed_state(&run.random, run.line.seed);
	run.deadline = lg_run_deadline(run.line.timeout);
	run.err = 0;
	lg_run_watch(dev, &blk->chan);
	return all_bursts(&run);
}
