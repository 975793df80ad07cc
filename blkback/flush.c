// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Whether the frontend of a vbd flushes, and whether a flush that failed has been
 * made good. Requests that wait for one: flush-work.c.
 */

#include <linux/ratelimit.h>

#include "blkback.h"

#define FAILED "a flush failed"
#define DURABLE "writes are durable from now on\n"
#define REFUSED "the disk takes none, writes are as durable as it has them\n"
#define STUCK "no write until one does not\n"

static const struct xbe_node no_flushes[] = {
	{ "feature-flush-cache", 0 },
	{ "feature-barrier", 0 },
};

/**
 * blkback_flush_failed() - a frontend's flush has failed
 * @vbd: the vbd
 *
 * Linux' frontend and Windows' XENVBD flush no more once a flush has failed, and
 * tell their users from then on that all is durable. So it has to be, before the
 * next write is answered: also what was answered up to now. Linux' gives up for a
 * barrier that was refused as well. It is offered flushes too, and sends those:
 * flushes without data, which nothing but the disk can refuse.
 *
 * Context: any; before that flush is answered.
 */
void blkback_flush_failed(struct blkback_vbd *vbd)
{
	atomic_inc(&vbd->flush.failed);
	/* Pairs with blkback_flush_first(): who finds this finds that. */
	smp_store_release(&vbd->flush.told, false);
}

/**
 * blkback_flush_now() - have all that was answered be durable
 * @vbd: a vbd with an open disk
 *
 * Makes good what failed before. A disk that knows no flush cannot do better, and
 * is asked no more than others are.
 *
 * Context: may sleep for as long as the disk takes.
 * Return: as blkback_store_flush().
 */
int blkback_flush_now(struct blkback_vbd *vbd)
{
	struct blkback_flush *flush = &vbd->flush;
	/* One that fails while this is under way is not made good by it. */
	int failed = atomic_read(&flush->failed);
	int err = blkback_store_flush(vbd->store);
	int good = atomic_read(&flush->good);

	if (err && err != -EOPNOTSUPP)
		return err;
	while (failed - good > 0 &&
	       !atomic_try_cmpxchg(&flush->good, &good, failed))
		;
	return err;
}

/**
 * blkback_flush_wait() - have a request go on behind a flush
 * @io: a write: to be executed, or with io->written to be answered
 *
 * Context: any.
 */
void blkback_flush_wait(struct blkback_io *io)
{
	struct blkback_flush *flush = &io->ring->vbd->flush;

	if (llist_add(&io->next, &flush->waiting))
		queue_work(blkback_flush_wq, &flush->work);
}

/* What the flush came to that follows one that has failed. */
static void say(struct blkback_vbd *vbd, int err)
{
	struct device *dev = &vbd->xbe->xdev->dev;

	if (!__ratelimit(&vbd->xbe->messages))
		return;
	if (!err)
		dev_info(dev, FAILED ", the next did not: " DURABLE);
	else if (err == -EOPNOTSUPP)
		dev_info(dev, FAILED ": " REFUSED);
	else
		dev_warn(dev, FAILED ", and the next with error %d: " STUCK,
			 err);
}

/* The frontend does not look at them again; a module that is loaded later does. */
static void write_word(struct blkback_vbd *vbd)
{
	struct blkback_flush *flush = &vbd->flush;
	int err;

	if (flush->heard || !flush->written)
		return;
	err = xbe_leave_word(vbd->xbe, no_flushes, ARRAY_SIZE(no_flushes));
	if (!err)
		flush->written = false;
	/* The directory is gone when all of the device is about to go. */
	else if (err != -ENOENT && __ratelimit(&vbd->xbe->messages))
		dev_warn(&vbd->xbe->xdev->dev,
			 "cannot write feature-flush-cache: error %d\n", err);
}

/**
 * blkback_flush_begin() - a frontend connects
 * @vbd: a vbd with an open disk, and no ring
 * @told: the frontend knows of a cache, by our keys
 * @cached: there is one
 *
 * One that is connected already may have given up flushing under an earlier module,
 * which did not get to it; or know of another disk.
 *
 * Context: the device's work; may sleep for as long as the disk takes.
 */
void blkback_flush_begin(struct blkback_vbd *vbd, bool told, bool cached)
{
	struct blkback_flush *flush = &vbd->flush;
	int err;

	flush->written = told;
	WRITE_ONCE(flush->heard, told);
	WRITE_ONCE(flush->told, told);
	atomic_set(&flush->failed, cached && !told);
	atomic_set(&flush->good, 0);
	if (!cached || told)
		return;
	err = blkback_flush_now(vbd);
	if (err)
		say(vbd, err);
}

/**
 * blkback_flush_look() - note whether the frontend flushes still
 * @vbd: a vbd with an open disk
 *
 * Our keys say so from then on. What the frontend believes to be durable is, also
 * if it writes nothing any more.
 *
 * Context: the device's work; may sleep for as long as the disk takes.
 */
void blkback_flush_look(struct blkback_vbd *vbd)
{
	if (READ_ONCE(vbd->flush.told) == vbd->flush.heard)
		return;
	WRITE_ONCE(vbd->flush.heard, false);
	write_word(vbd);
	say(vbd, blkback_flush_now(vbd));
}

/**
 * blkback_flush_leave() - the frontend goes, or another module takes it over
 * @vbd: a vbd whose rings are drained
 *
 * Perhaps before blkback_flush_look() has got to a flush that failed, or with that
 * in vain.
 *
 * Context: the device's work, also of one that is being unbound; may sleep for as
 * long as the disk takes.
 */
void blkback_flush_leave(struct blkback_vbd *vbd)
{
	struct blkback_flush *flush = &vbd->flush;

	WRITE_ONCE(flush->heard, READ_ONCE(flush->told));
	write_word(vbd);
	if (vbd->store && blkback_flush_owed(flush))
		say(vbd, blkback_flush_now(vbd));
}

/**
 * blkback_flush_out() - have a disk be durable that is to be replaced
 * @vbd: a vbd whose rings are parked
 *
 * The frontend's next flush goes to the disk that is put in its place.
 *
 * Context: the device's work; may sleep for as long as the disk takes.
 */
void blkback_flush_out(struct blkback_vbd *vbd)
{
	const struct blkback_store *store = vbd->store;
	struct device *dev = &vbd->xbe->xdev->dev;
	int err = blkback_flush_now(vbd);

	/* None of the next one's. */
	atomic_set(&vbd->flush.good, atomic_read(&vbd->flush.failed));
	if (!err || err == -EOPNOTSUPP || !__ratelimit(&vbd->xbe->messages))
		return;
	if (store->bdev)
		dev_err(dev,
			"%pg is replaced, and cannot be flushed: error %d\n",
			store->bdev, err);
	else
		dev_err(dev,
			"%s is replaced, and cannot be flushed: error %d\n",
			store->where.path, err);
}
