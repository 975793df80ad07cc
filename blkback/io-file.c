// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Requests against a file: asynchronous, without waiting where the file system
 * can promise that. What would have to wait (for a block to be allocated, a
 * lock, a frozen file system) goes to a worker, so that the ring goes on.
 */

#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/ioprio.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/uio.h>

#include "blkback.h"

static struct blkback_file *file_of(const struct blkback_io *io)
{
	return io->ring->vbd->store->file;
}

static size_t bytes_of(const struct blkback_io *io)
{
	return (size_t)io->req.nr_sectors << SECTOR_SHIFT;
}

static bool is_write(const struct blkback_io *io)
{
	return io->req.op != BLKBACK_READ;
}

static s16 status_of(long err)
{
	if (!err)
		return BLKIF_RSP_OKAY;
	return err == -EOPNOTSUPP ? BLKIF_RSP_EOPNOTSUPP : BLKIF_RSP_ERROR;
}

static void file_work(struct work_struct *work);

static void hand_to_worker(struct blkback_io *io)
{
	INIT_WORK(&io->file.work, file_work);
	queue_work(io->ring->vbd->store->wq, &io->file.work);
}

/*
 * An attempt to transfer what is left has ended. One that stopped short, or
 * would have had to wait, goes on in a worker; each that does moved something
 * or may wait now, so that is not for ever.
 */
static void transferred(struct blkback_io *io, long ret)
{
	bool waited = !(io->file.kiocb.ki_flags & IOCB_NOWAIT);

	if (ret > 0)
		io->file.done += ret;
	if (io->file.done == bytes_of(io))
		blkback_done(io, BLKIF_RSP_OKAY);
	else if (ret > 0 || (!waited && (ret == -EAGAIN || ret == -EOPNOTSUPP)))
		hand_to_worker(io);
	else
		/* A file that has shrunk ends early: 0. */
		blkback_done(io, BLKIF_RSP_ERROR);
}

/*
 * A file system may look at the kiocb after the transfer was completed: who
 * submitted it and who completed it both have to be done before it is used for
 * something else.
 */
static void put_attempt(struct blkback_io *io)
{
	if (atomic_dec_and_test(&io->file.refs))
		transferred(io, io->file.ret);
}

static void kiocb_done(struct kiocb *kiocb, long ret)
{
	struct blkback_io *io =
		container_of(kiocb, struct blkback_io, file.kiocb);

	if (is_write(io))
		kiocb_end_write(kiocb);
	io->file.ret = ret;
	put_attempt(io);
}

/* Keeps the file system from being frozen until the write has ended. */
static bool start_write(struct kiocb *kiocb)
{
	struct super_block *sb = file_inode(kiocb->ki_filp)->i_sb;

	if (!(kiocb->ki_flags & IOCB_NOWAIT)) {
		kiocb_start_write(kiocb);
		return true;
	}
	if (!sb_start_write_trylock(sb))
		return false;
	/* It is given back in another context. */
	__sb_writers_release(sb, SB_FREEZE_WRITE);
	return true;
}

/* A write does not make the file longer, which can be shorter by now. */
static bool beyond_the_end(const struct blkback_io *io)
{
	loff_t end = (io->req.sector << SECTOR_SHIFT) + bytes_of(io);

	return end > i_size_read(file_inode(file_of(io)->filp));
}

/*
 * -EIOCBQUEUED: @complete is called, or has been, and the request may be gone.
 * Anything else is the result.
 */
static long transfer(struct blkback_io *io, int flags,
		     void (*complete)(struct kiocb *kiocb, long ret))
{
	struct file *filp = file_of(io)->filp;
	struct kiocb *kiocb = &io->file.kiocb;
	struct iov_iter iter;
	bool write = is_write(io);
	long ret;

	*kiocb = (struct kiocb){
		.ki_filp = filp,
		.ki_pos = (io->req.sector << SECTOR_SHIFT) + io->file.done,
		.ki_flags = filp->f_iocb_flags | flags |
			    (write ? IOCB_WRITE : 0),
		.ki_ioprio = get_current_ioprio(),
		.ki_complete = complete,
	};
	iov_iter_bvec(&iter, write ? ITER_SOURCE : ITER_DEST, io->vec,
		      io->nr_vecs, bytes_of(io));
	iov_iter_advance(&iter, io->file.done);
	if (write && unlikely(beyond_the_end(io)))
		return -EIO;
	if (write && !start_write(kiocb))
		return -EAGAIN;
	if (write && !io->file.done)
		io->file.since = READ_ONCE(filp->f_wb_err);
	if (write)
		ret = filp->f_op->write_iter(kiocb, &iter);
	else
		ret = filp->f_op->read_iter(kiocb, &iter);
	if (write && ret != -EIOCBQUEUED)
		kiocb_end_write(kiocb);
	return ret;
}

static void start_transfer(struct blkback_io *io, int flags)
{
	long ret;

	atomic_set(&io->file.refs, 2);
	ret = transfer(io, flags, kiocb_done);
	if (ret == -EIOCBQUEUED)
		put_attempt(io);
	else
		transferred(io, ret);
}

/* Waits for the end. */
static int write_all(struct blkback_io *io)
{
	while (io->file.done < bytes_of(io)) {
		long ret = transfer(io, 0, NULL);

		if (ret <= 0)
			return ret ?: -EIO;
		io->file.done += ret;
	}
	return 0;
}

/**
 * blkback_file_check() - whether anything was lost that may be a request's
 * @io: a write or a flush that was submitted
 *
 * Behind the page cache an error is told to the first who syncs the file, and
 * requests sync it side by side. So each looks for itself, from its submission on.
 *
 * Context: any.
 * Return: 0 or a negative errno.
 */
int blkback_file_check(const struct blkback_io *io)
{
	return filemap_check_wb_err(file_of(io)->filp->f_mapping,
				    io->file.since);
}

static int sync_file(const struct blkback_io *io)
{
	return vfs_fsync(file_of(io)->filp, 1) ?: blkback_file_check(io);
}

/*
 * What was answered before it is durable before its own data is written: a
 * journal's last block must not be there without the ones it speaks of.
 */
static int flush(struct blkback_io *io)
{
	int err = sync_file(io);

	if (err || !io->req.nr_sectors)
		return err;
	return write_all(io) ?: sync_file(io);
}

static int punch(struct blkback_io *io)
{
	loff_t start = io->req.sector << SECTOR_SHIFT;
	loff_t len = (loff_t)io->req.nr_sectors << SECTOR_SHIFT;

	if (!len)
		return 0;
	return vfs_fallocate(file_of(io)->filp,
			     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start,
			     len);
}

/*
 * Memory is got without writing out anything: that might come back to this
 * very file, through a disk that dom0 itself has attached.
 */
static void file_work(struct work_struct *work)
{
	struct blkback_io *io =
		container_of(work, struct blkback_io, file.work);
	unsigned int noio = memalloc_noio_save();

	switch (io->req.op) {
	case BLKBACK_READ:
	case BLKBACK_WRITE:
		start_transfer(io, 0);
		break;
	case BLKBACK_DISCARD:
		blkback_done(io, status_of(punch(io)));
		break;
	default:
		blkback_done(io, status_of(flush(io)));
	}
	memalloc_noio_restore(noio);
}

/**
 * blkback_file_submit() - execute a request on the vbd's file
 * @io: the request, its data in place if it is a write
 *
 * blkback_done() is called when it has ended, perhaps before this returns.
 *
 * Context: the ring's thread, under a plug, or a worker.
 */
void blkback_file_submit(struct blkback_io *io)
{
	unsigned int noio;

	io->file.done = 0;
	if (!file_of(io)->nowait ||
	    (io->req.op != BLKBACK_READ && io->req.op != BLKBACK_WRITE)) {
		io->file.since = READ_ONCE(file_of(io)->filp->f_wb_err);
		hand_to_worker(io);
		return;
	}
	noio = memalloc_noio_save();
	start_transfer(io, IOCB_NOWAIT);
	memalloc_noio_restore(noio);
}
