// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A block device whose blocks are larger than 512 bytes, below a guest that wants
 * 512: through this domain's page cache, which reads a block before a part of it
 * is written, and has two such writes of one block wait for each other. A block
 * goes to the disk whole: a power failure leaves it old or new, as far as the disk
 * itself promises that.
 *
 * For the rest it is as if there was no cache. A write is answered when the disk
 * has it: an error is that request's, nothing of a guest that goes on at another
 * host comes down later, and no guest fills this domain's memory with what a slow
 * disk has not taken yet. What is read is read from the disk, where others may
 * have written; whole blocks go from there to the guest. Whole blocks are not
 * written so: a part of one that is written at the same time would take the rest
 * of it back.
 *
 * The kernel writes the cache by pages. Where blocks are smaller than a page, its
 * other blocks are written again as they were read.
 */

#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>

#include "blkback.h"

static struct address_space *pages_of(const struct blkback_store *store)
{
	return compat_disk_pages(store->disk);
}

/* One that is written as a whole need not be read before; locked. */
static struct folio *get_whole(struct address_space *pages, pgoff_t index)
{
	gfp_t gfp = mapping_gfp_mask(pages);
	struct folio *folio;

	folio = __filemap_get_folio(pages, index,
				    FGP_LOCK | FGP_CREAT | FGP_WRITE, gfp);
	return folio ?: ERR_PTR(-ENOMEM);
}

/* A page in the cache, locked; somebody may have it dropped while we wait. */
static struct folio *get_read(struct address_space *pages, pgoff_t index)
{
	for (;;) {
		struct folio *folio = read_mapping_folio(pages, index, NULL);

		if (IS_ERR(folio))
			return folio;
		folio_lock(folio);
		if (folio->mapping == pages)
			return folio;
		folio_unlock(folio);
		folio_put(folio);
	}
}

/* What is within one page of the cache, and within one of the request's. */
static int copy_piece(struct address_space *pages, loff_t pos,
		      struct bio_vec *piece, bool write)
{
	bool whole = write && piece->bv_len == PAGE_SIZE;
	pgoff_t index = pos >> PAGE_SHIFT;
	struct folio *folio = whole ? get_whole(pages, index) :
				      get_read(pages, index);
	char *cached, *data;

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	/*
	 * Also for a disk that allows changes under way: it could end with a part
	 * of a sector, and lose its power before it gets the rest.
	 */
	if (write)
		folio_wait_writeback(folio);
	cached = kmap_local_folio(folio, offset_in_folio(folio, pos));
	data = bvec_kmap_local(piece);
	if (write)
		memcpy(cached, data, piece->bv_len);
	else
		memcpy(data, cached, piece->bv_len);
	kunmap_local(data);
	kunmap_local(cached);
	if (whole)
		folio_mark_uptodate(folio);
	if (write)
		folio_mark_dirty(folio);
	folio_unlock(folio);
	folio_put(folio);
	return 0;
}

static int copy_vec(struct address_space *pages, loff_t pos,
		    const struct bio_vec *vec, bool write)
{
	size_t done = 0;
	int err = 0;

	while (done < vec->bv_len && !err) {
		size_t in_cache = PAGE_SIZE - offset_in_page(pos + done);
		size_t in_page =
			PAGE_SIZE - offset_in_page(vec->bv_offset + done);
		size_t len =
			min3(in_cache, in_page, (size_t)vec->bv_len - done);
		struct bio_vec piece = {
			.bv_page = vec->bv_page +
				   ((vec->bv_offset + done) >> PAGE_SHIFT),
			.bv_offset = offset_in_page(vec->bv_offset + done),
			.bv_len = len,
		};

		err = copy_piece(pages, pos + done, &piece, write);
		done += len;
	}
	return err;
}

/* Bytes of the disk: where a request begins, and its last. */
static loff_t start_of(const struct blkback_io *io)
{
	return io->req.sector << SECTOR_SHIFT;
}

static loff_t last_of(const struct blkback_io *io)
{
	return start_of(io) + ((loff_t)io->req.nr_sectors << SECTOR_SHIFT) - 1;
}

/* A disk that has shrunk has no place for what the cache would take. */
static int check_end(const struct blkback_io *io)
{
	return last_of(io) < bdev_nr_bytes(io->ring->vbd->bdev) ? 0 : -EIO;
}

static int copy_all(struct blkback_io *io, bool write)
{
	struct address_space *pages = pages_of(io->ring->vbd->store);
	loff_t pos = start_of(io);
	unsigned int i;
	int err;

	err = check_end(io);
	if (err)
		return err;
	/* As direct I/O does; a page that is to be written to the disk stays. */
	invalidate_inode_pages2_range(pages, pos >> PAGE_SHIFT,
				      last_of(io) >> PAGE_SHIFT);
	for (i = 0; i < io->nr_vecs && !err; i++) {
		err = copy_vec(pages, pos, &io->vec[i], write);
		pos += io->vec[i].bv_len;
	}
	return err;
}

/* Whether the disk has it all now. */
static int write_once(struct blkback_io *io)
{
	struct address_space *pages = pages_of(io->ring->vbd->store);
	errseq_t since = blkback_bdev_errors(pages);
	int err = copy_all(io, true);
	int written;

	/* Also what was copied before that failed: nothing may come down later. */
	written = filemap_fdatawrite_range(pages, start_of(io), last_of(io));
	/* Errors that others wait for stay, and are counted. */
	filemap_fdatawait_range_keep_errors(pages, start_of(io), last_of(io));
	err = err ?: written;
	err = err ?: filemap_check_wb_err(pages, since);
	return err ?: check_end(io);
}

/*
 * An error does not say which pages it is of: with several requests under way, each
 * of them finds out by trying again.
 */
static int write_through(struct blkback_io *io)
{
	return write_once(io) ? write_once(io) : 0;
}

static int flush(const struct blkback_io *io)
{
	return blkdev_issue_flush(io->ring->vbd->bdev);
}

static int flush_and_write(struct blkback_io *io)
{
	int err = flush(io);

	if (err || !io->req.nr_sectors)
		return err;
	return write_through(io) ?: flush(io);
}

static int execute(struct blkback_io *io)
{
	switch (io->req.op) {
	case BLKBACK_READ:
		return copy_all(io, false);
	case BLKBACK_WRITE:
		return write_through(io);
	case BLKBACK_FLUSH:
	case BLKBACK_BARRIER:
		return flush_and_write(io);
	case BLKBACK_DISCARD:
		break;
	}
	return -EOPNOTSUPP;
}

/*
 * Memory is got without waiting for what is above: this domain may have attached
 * the disk itself.
 */
static void cached_work(struct work_struct *work)
{
	struct blkback_io *io =
		container_of(work, struct blkback_io, file.work);
	unsigned int noio = memalloc_noio_save();
	int err;

	err = execute(io);
	memalloc_noio_restore(noio);
	if (err == -EOPNOTSUPP)
		blkback_done(io, BLKIF_RSP_EOPNOTSUPP);
	else
		blkback_done(io, err ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
}

/* Of whole blocks, each of them in one piece of memory. */
static bool is_whole(const struct blkback_io *io)
{
	u32 block = bdev_logical_block_size(io->ring->vbd->bdev);
	unsigned int i;

	if ((start_of(io) | (last_of(io) + 1)) & (block - 1))
		return false;
	for (i = 0; i < io->nr_vecs; i++)
		if ((io->vec[i].bv_offset | io->vec[i].bv_len) & (block - 1))
			return false;
	return true;
}

/* What need not be copied is not: most reads. */
static void cached_submit(struct blkback_io *io)
{
	if (io->req.op == BLKBACK_READ && is_whole(io)) {
		blkback_bdev_submit(io);
		return;
	}
	INIT_WORK(&io->file.work, cached_work);
	queue_work(io->ring->vbd->store->wq, &io->file.work);
}

static void cached_close(struct blkback_store *store)
{
	blkback_bdev_ops.close(store);
}

static int cached_settle(struct blkback_store *store)
{
	return blkback_bdev_ops.settle(store);
}

static int cached_flush(struct blkback_store *store)
{
	return blkback_bdev_ops.flush(store);
}

static void cached_describe(struct blkback_store *store,
			    struct blkback_geometry *geometry)
{
	blkback_bdev_ops.describe(store, geometry);
	geometry->physical = geometry->block;
	geometry->block = SECTOR_SIZE;
	geometry->stable = false;
	geometry->discard = false;
	geometry->secure = false;
}

static const struct blkback_store_ops cached_ops = {
	.name = "block device of larger blocks",
	.waits = true,
	.close = cached_close,
	.settle = cached_settle,
	.flush = cached_flush,
	.describe = cached_describe,
	.submit = cached_submit,
};

/**
 * blkback_cached_use() - have a store serve blocks of 512 bytes
 * @store: a block device, open; left alone if its blocks are not larger
 *
 * Context: the device's work.
 */
void blkback_cached_use(struct blkback_store *store)
{
	if (bdev_logical_block_size(store->bdev) == SECTOR_SIZE)
		return;
	store->ops = &cached_ops;
	dev_info(&store->vbd->xbe->xdev->dev,
		 "blocks of 512 bytes: through the page cache\n");
}
