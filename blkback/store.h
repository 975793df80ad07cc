/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What is below a vbd: a block device, a file, or nothing.
 *
 * where.c:    blkback_where_device() blkback_where_diskseq()
 *             blkback_where_path()
 * store.c:    blkback_store_open() blkback_store_close()
 *             blkback_store_settle() blkback_store_flush()
 *             blkback_store_is()
 * bdev.c:     blkback_bdev_ops blkback_bdev_errors()
 * io-bdev.c:  blkback_bdev_submit()
 * cached.c:   blkback_cached_use()
 * file.c:     blkback_file_ops
 * io-file.c:  blkback_file_submit() blkback_file_check()
 * watch.c:    blkback_watch_init() blkback_watch_exit() blkback_watch_add()
 *             blkback_watch_remove() blkback_watch_file()
 *             blkback_unwatch_file()
 */
#ifndef XEN_BACKENDS_BLKBACK_STORE_H
#define XEN_BACKENDS_BLKBACK_STORE_H

#include <linux/errseq.h>
#include <linux/fs.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct blkback_file;
struct blkback_io;
struct blkback_store;
struct blkback_vbd;
struct blkback_watch;

/**
 * enum blkback_kind - what the keys of a vbd name
 * @BLKBACK_DEVICE: a block device by its number
 * @BLKBACK_PATH: a file, or a block device, by its path
 * @BLKBACK_EMPTY: a drive without a medium
 */
enum blkback_kind { BLKBACK_DEVICE, BLKBACK_PATH, BLKBACK_EMPTY };

/**
 * enum blkback_blocks - what a guest is to see of blocks larger than 512 bytes
 * @BLKBACK_DEFAULT: those of a block device, but none of a file, as of a file
 *	below a loop device
 * @BLKBACK_AS_THEY_ARE: those
 * @BLKBACK_SMALL: blocks of 512 bytes
 */
enum blkback_blocks { BLKBACK_DEFAULT, BLKBACK_AS_THEY_ARE, BLKBACK_SMALL };

/**
 * struct blkback_where - where a vbd's data is, as the keys have it
 * @kind: what is named
 * @device: of a device
 * @diskseq: sequence number of the block device; 0 for any
 * @path: of a path, absolute; else NULL
 */
struct blkback_where {
	enum blkback_kind kind;
	dev_t device;
	u64 diskseq;
	char *path;
};

/**
 * struct blkback_geometry - what a store is like
 * @sectors: size in units of 512 bytes, a multiple of @block
 * @block: bytes of a logical block, a power of two from 512 to 4096
 * @physical: bytes of a physical block
 * @discard_granularity: bytes, a multiple of @block
 * @discard_alignment: bytes
 * @flush: whether a flush does anything
 * @stable: whether data must not change while it is under way, because it is
 *	checked: what a guest can change at that time must not get there
 * @discard: whether it can discard
 * @secure: whether it can discard so that nothing can be read any more
 * @readonly: whether it takes no writes, whatever mode it was opened in
 * @removable: whether its medium can be taken out
 * @cdrom: whether it is a CD-ROM drive
 */
struct blkback_geometry {
	u64 sectors;
	u32 block;
	u32 physical;
	u32 discard_granularity;
	u32 discard_alignment;
	bool flush;
	bool stable;
	bool discard;
	bool secure;
	bool readonly;
	bool removable;
	bool cdrom;
};

/**
 * struct blkback_store_ops - a kind of store
 * @name: of the kind
 * @waits: requests may have to wait: it has a queue of work
 * @open: open it; reports what fails by xbe_error() and unwinds
 * @close: close it; no request is in flight
 * @settle: write out and forget what this domain has cached of it and @submit
 *	passes by, as far as nobody holds on to it; or NULL. A negative errno
 *	when something cannot be written
 * @flush: have what was ended before be durable. A negative errno when not:
 *	-EOPNOTSUPP of one that knows no flush
 * @check: for a write that @flush was called for since it ended: a negative errno
 *	when it may have been lost, whoever else was told of that; in any context;
 *	or NULL
 * @describe: say what it is like now
 * @submit: execute a request whose data io->vec describes; blkback_done() is
 *	called when it has ended, perhaps before this returns, in any context.
 *	Called by ring threads, under a plug, and by workers. Data of a flush or
 *	barrier is durable when that is done, and so is all that was done before it
 *
 * All but @submit, @flush and @check are called from the device's work and may sleep.
 */
struct blkback_store_ops {
	const char *name;
	bool waits;
	int (*open)(struct blkback_store *store);
	void (*close)(struct blkback_store *store);
	int (*settle)(struct blkback_store *store);
	int (*flush)(struct blkback_store *store);
	int (*check)(const struct blkback_io *io);
	void (*describe)(struct blkback_store *store,
			 struct blkback_geometry *geometry);
	void (*submit)(struct blkback_io *io);
};

/**
 * struct blkback_store - what is below a vbd, open
 * @ops: its kind
 * @vbd: whose it is
 * @where: how it was named
 * @writable: how it was opened
 * @disk: of a block device
 * @bdev: of a block device; else NULL
 * @wq: runs what may have to wait, of a kind that @waits; else NULL
 * @file: of a file
 */
struct blkback_store {
	const struct blkback_store_ops *ops;
	struct blkback_vbd *vbd;
	struct blkback_where where;
	bool writable;
	compat_disk_handle *disk;
	struct block_device *bdev;
	struct workqueue_struct *wq;
	struct blkback_file *file;
};

/**
 * struct blkback_file_io - a request under way on a file
 * @kiocb: what the file system has
 * @work: what may have to wait is done in it
 * @done: bytes transferred by earlier attempts
 * @since: errors of the file from here on may be the request's
 * @refs: of an attempt: one for who submitted it, one for who completes it
 * @ret: how it ended
 */
struct blkback_file_io {
	struct kiocb kiocb;
	struct work_struct work;
	size_t done;
	errseq_t since;
	atomic_t refs;
	long ret;
};

/**
 * struct blkback_file - an open file
 * @filp: the file
 * @watch: tells when its size changes
 * @block: bytes of a logical block
 * @direct: whether the page cache is passed by
 * @nowait: whether the file system can be asked not to wait
 * @punch: whether it can punch holes
 */
struct blkback_file {
	struct file *filp;
	struct blkback_watch *watch;
	u32 block;
	bool direct;
	bool nowait;
	bool punch;
};

/* where.c */
int blkback_where_device(const char *text, dev_t *device);
int blkback_where_diskseq(const char *text, u64 *diskseq);
int blkback_where_path(const char *text);

/* store.c */
struct blkback_store *blkback_store_open(struct blkback_vbd *vbd,
					 const struct blkback_where *where);
void blkback_store_close(struct blkback_store *store);
int blkback_store_settle(struct blkback_store *store);
int blkback_store_flush(struct blkback_store *store);
bool blkback_store_is(const struct blkback_store *store,
		      const struct blkback_where *where);

/* bdev.c, io-bdev.c */
extern const struct blkback_store_ops blkback_bdev_ops;
void blkback_bdev_submit(struct blkback_io *io);
errseq_t blkback_bdev_errors(struct address_space *pages);

/* cached.c */
void blkback_cached_use(struct blkback_store *store);

/* file.c, io-file.c */
extern const struct blkback_store_ops blkback_file_ops;
void blkback_file_submit(struct blkback_io *io);
int blkback_file_check(const struct blkback_io *io);

/* watch.c */
int blkback_watch_init(void);
void blkback_watch_exit(void);
void blkback_watch_add(struct blkback_vbd *vbd);
void blkback_watch_remove(struct blkback_vbd *vbd);
struct blkback_watch *blkback_watch_file(struct blkback_vbd *vbd,
					 struct inode *inode);
void blkback_unwatch_file(struct blkback_watch *watch);

#endif
