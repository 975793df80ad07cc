/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What is below a vbd: a block device, a file, or nothing.
 *
 * where.c:    blkback_where_device() blkback_where_diskseq()
 *             blkback_where_path()
 * store.c:    blkback_store_open() blkback_store_close() blkback_store_is()
 * bdev.c:     blkback_bdev_ops
 * io-bdev.c:  blkback_bdev_submit()
 * file.c:     blkback_file_ops
 * io-file.c:  blkback_file_submit()
 * watch.c:    blkback_watch_init() blkback_watch_exit() blkback_watch_add()
 *             blkback_watch_remove() blkback_watch_file()
 *             blkback_unwatch_file()
 */
#ifndef XEN_BACKENDS_BLKBACK_STORE_H
#define XEN_BACKENDS_BLKBACK_STORE_H

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
 * struct blkback_where - where a vbd's data is, as the keys have it
 * @kind: what is named
 * @device: of a device
 * @diskseq: of a device: its sequence number; 0 for any
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
 * @discard: whether it can discard
 * @secure: whether it can discard so that nothing can be read any more
 * @removable: whether its medium can be taken out
 */
struct blkback_geometry {
	u64 sectors;
	u32 block;
	u32 physical;
	u32 discard_granularity;
	u32 discard_alignment;
	bool flush;
	bool discard;
	bool secure;
	bool removable;
};

/**
 * struct blkback_store_ops - a kind of store
 * @name: of the kind
 * @open: open it; reports what fails by xbe_error() and unwinds
 * @close: close it; no request is in flight
 * @describe: say what it is like now
 * @submit: execute a request whose data io->vec describes; blkback_done() is
 *	called when it has ended, perhaps before this returns, in any context.
 *	Called by ring threads, under a plug. Data of a flush or barrier is
 *	durable when that is done, and so is all that was done before it
 *
 * All but @submit are called from the device's work and may sleep.
 */
struct blkback_store_ops {
	const char *name;
	int (*open)(struct blkback_store *store);
	void (*close)(struct blkback_store *store);
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
 * @file: of a file
 */
struct blkback_store {
	const struct blkback_store_ops *ops;
	struct blkback_vbd *vbd;
	struct blkback_where where;
	bool writable;
	compat_disk_handle *disk;
	struct block_device *bdev;
	struct blkback_file *file;
};

/**
 * struct blkback_file_io - a request under way on a file
 * @kiocb: what the file system has
 * @work: what may have to wait is done in it
 * @done: bytes transferred by earlier attempts
 * @refs: of an attempt: one for who submitted it, one for who completes it
 * @ret: how it ended
 */
struct blkback_file_io {
	struct kiocb kiocb;
	struct work_struct work;
	size_t done;
	atomic_t refs;
	long ret;
};

/**
 * struct blkback_file - an open file
 * @filp: the file
 * @wq: runs what may have to wait
 * @watch: tells when its size changes
 * @block: bytes of a logical block
 * @direct: whether the page cache is passed by
 * @nowait: whether the file system can be asked not to wait
 * @punch: whether it can punch holes
 */
struct blkback_file {
	struct file *filp;
	struct workqueue_struct *wq;
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
bool blkback_store_is(const struct blkback_store *store,
		      const struct blkback_where *where);

/* bdev.c, io-bdev.c */
extern const struct blkback_store_ops blkback_bdev_ops;
void blkback_bdev_submit(struct blkback_io *io);

/* file.c, io-file.c */
extern const struct blkback_store_ops blkback_file_ops;
void blkback_file_submit(struct blkback_io *io);

/* watch.c */
int blkback_watch_init(void);
void blkback_watch_exit(void);
void blkback_watch_add(struct blkback_vbd *vbd);
void blkback_watch_remove(struct blkback_vbd *vbd);
struct blkback_watch *blkback_watch_file(struct blkback_vbd *vbd,
					 struct inode *inode);
void blkback_unwatch_file(struct blkback_watch *watch);

#endif
