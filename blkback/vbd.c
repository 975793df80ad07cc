// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What keys say is below a vbd; open it; have its rings take requests or not. */

#include <linux/slab.h>

#include "blkback.h"

#define RANGE "0:0 to fff:fffff in hexadecimal"
#define PATH_RANGE "allowed is an absolute path"
#define SEQ_RANGE "1 to ffffffffffffffff in hexadecimal"

/**
 * struct names - what the hotplug script wrote, as it wrote it
 * @xbe: of which device
 * @device: "physical-device", or NULL
 * @diskseq: "diskseq", or NULL
 * @path: "physical-device-path", or NULL
 * @status: "hotplug-status", or NULL
 */
struct names {
	struct xbe_device *xbe;
	char *device;
	char *diskseq;
	char *path;
	char *status;
};

/* Scripts empty a key to take it away: the same as a missing one. */
static char *read_name(struct xenbus_transaction xbt, const char *dir,
		       const char *key)
{
	char *text = xenbus_read(xbt, dir, key, NULL);

	if (IS_ERR(text))
		return PTR_ERR(text) == -ENOENT ? NULL : text;
	if (*text)
		return text;
	kfree(text);
	return NULL;
}

static void free_names(const struct names *names)
{
	if (!IS_ERR(names->device))
		kfree(names->device);
	if (!IS_ERR(names->diskseq))
		kfree(names->diskseq);
	if (!IS_ERR(names->path))
		kfree(names->path);
	if (!IS_ERR(names->status))
		kfree(names->status);
}

static int try_names(struct xenbus_transaction xbt, void *arg)
{
	struct names *names = arg;
	const char *dir = names->xbe->xdev->nodename;

	/* Of an attempt that another writer came between. */
	free_names(names);
	names->device = read_name(xbt, dir, "physical-device");
	names->diskseq = read_name(xbt, dir, "diskseq");
	names->path = read_name(xbt, dir, "physical-device-path");
	names->status = read_name(xbt, dir, "hotplug-status");
	return IS_ERR(names->device) || IS_ERR(names->diskseq) ||
			       IS_ERR(names->path) || IS_ERR(names->status) ?
		       -EIO :
		       0;
}

/*
 * As they are at one moment: a script writes them together. Some xenstored
 * find out only at the end of a transaction that it was not one moment.
 */
static int read_names(struct xbe_device *xbe, struct names *names)
{
	int err;

	*names = (struct names){ .xbe = xbe };
	err = xbe_transact(try_names, names);
	if (err)
		free_names(names);
	return err;
}

/* Of the disk that the script has looked at, however it names it. */
static int parse_diskseq(struct xbe_device *xbe, const struct names *names,
			 struct blkback_where *where)
{
	if (names->diskseq &&
	    blkback_where_diskseq(names->diskseq, &where->diskseq)) {
		xbe_error(xbe, -EINVAL,
			  "diskseq is \"%.32s\", allowed is " SEQ_RANGE,
			  names->diskseq);
		return -EINVAL;
	}
	return 1;
}

static int parse_device(struct xbe_device *xbe, const struct names *names,
			struct blkback_where *where)
{
	where->kind = BLKBACK_DEVICE;
	if (blkback_where_device(names->device, &where->device)) {
		xbe_error(xbe, -EINVAL,
			  "physical-device is \"%.32s\", allowed is " RANGE,
			  names->device);
		return -EINVAL;
	}
	return parse_diskseq(xbe, names, where);
}

static int parse_path(struct xbe_device *xbe, struct names *names,
		      struct blkback_where *where)
{
	int err;

	if (blkback_where_path(names->path)) {
		xbe_error(xbe, -EINVAL,
			  "physical-device-path is \"%.64s\", " PATH_RANGE,
			  names->path);
		return -EINVAL;
	}
	err = parse_diskseq(xbe, names, where);
	if (err < 0)
		return err;
	where->kind = BLKBACK_PATH;
	where->path = names->path;
	names->path = NULL;
	return 1;
}

/**
 * blkback_vbd_where() - read what the hotplug script says is below a vbd
 * @vbd: the vbd, its info read
 * @where: filled when something is named; its path is the caller's to free
 *
 * "physical-device" wins over "physical-device-path": scripts write the second
 * beside the first for people to read. A CD-ROM drive whose script has ended
 * and named nothing is empty.
 *
 * Context: the device's work; may sleep.
 * Return: 1 when something is named, 0 when not (yet), or a negative errno,
 * reported already.
 */
int blkback_vbd_where(struct blkback_vbd *vbd, struct blkback_where *where)
{
	struct xbe_device *xbe = vbd->xbe;
	struct names names;
	int err;

	*where = (struct blkback_where){};
	err = read_names(xbe, &names);
	if (err) {
		xbe_error(xbe, err, "cannot read physical-device of %s",
			  xbe->xdev->nodename);
		return err;
	}
	if (names.device) {
		err = parse_device(xbe, &names, where);
	} else if (names.path) {
		err = parse_path(xbe, &names, where);
	} else if (vbd->info & VDISK_CDROM && names.status &&
		   !strcmp(names.status, "connected")) {
		where->kind = BLKBACK_EMPTY;
		err = 1;
	}
	free_names(&names);
	return err;
}

/* "w", "w!" and their like are writable, as the toolstack has always had it. */
static int read_mode(struct blkback_vbd *vbd)
{
	struct xbe_device *xbe = vbd->xbe;
	char *mode;

	mode = xenbus_read(XBT_NIL, xbe->xdev->nodename, "mode", NULL);
	if (IS_ERR(mode)) {
		xbe_error(xbe, PTR_ERR(mode),
			  "mode is missing, allowed is r or w");
		return PTR_ERR(mode);
	}
	vbd->readonly = !strchr(mode, 'w');
	kfree(mode);
	return 0;
}

static const struct xbe_choice emulations[] = {
	{ "0", BLKBACK_AS_THEY_ARE },
	{ "1", BLKBACK_SMALL },
	{},
};

/*
 * Whoever administers this host knows the guest; a frontend cannot say. One that
 * is connected has read sector-size and does not again: it sends blocks of 512
 * bytes, whatever key and parameter say by now.
 */
static int read_blocks(struct blkback_vbd *vbd)
{
	const struct xbe_key key = {
		.name = "emulate-512",
		.choices = emulations,
		.def = READ_ONCE(blkback_emulate_512) ? BLKBACK_SMALL :
							BLKBACK_DEFAULT,
	};
	char why[128];
	char *text =
		xenbus_read(XBT_NIL, vbd->xbe->xdev->nodename, key.name, NULL);
	u32 blocks;
	int err;

	err = xbe_key_parse(&key, IS_ERR(text) ? NULL : text, &blocks, why,
			    sizeof(why));
	if (!IS_ERR(text))
		kfree(text);
	if (err)
		xbe_error(vbd->xbe, err, "%s", why);
	else
		vbd->blocks = vbd->told_512 ? BLKBACK_SMALL : blocks;
	return err;
}

/* The toolstack's word: "cdrom"; anything else, or nothing, is a disk. */
static u32 read_info(struct blkback_vbd *vbd)
{
	char *type = xenbus_read(XBT_NIL, vbd->xbe->frontend_dir, "device-type",
				 NULL);
	u32 info;

	if (IS_ERR(type))
		return 0;
	info = strcmp(type, "cdrom") ? 0 : VDISK_CDROM;
	kfree(type);
	return info;
}

/**
 * blkback_vbd_use() - put a store below a vbd, in place of the one it has
 * @vbd: a vbd none of whose rings takes requests
 * @store: the store, or NULL
 *
 * Context: the device's work; may sleep.
 */
void blkback_vbd_use(struct blkback_vbd *vbd, struct blkback_store *store)
{
	struct blkback_store *old = vbd->store;
	struct block_device *bdev = store ? store->bdev : NULL;

	mutex_lock(&vbd->lock);
	vbd->store = store;
	mutex_unlock(&vbd->lock);
	vbd->execute = store ? store->ops->submit : NULL;
	vbd->bdev = bdev;
	WRITE_ONCE(vbd->whole, bdev ? disk_devt(bdev->bd_disk) : 0);
	WRITE_ONCE(vbd->device, bdev ? bdev->bd_dev : 0);
	if (old)
		blkback_store_close(old);
}

/*
 * The script may let go of what it held, such as a device that is removed with
 * its last user.
 */
static int say_opened(struct blkback_vbd *vbd)
{
	const struct xbe_node opened = { "opened", 1 };

	return xbe_advertise(vbd->xbe, &opened, 1);
}

static int open_named(struct blkback_vbd *vbd,
		      const struct blkback_where *where)
{
	struct blkback_store *store;
	int err;

	err = read_mode(vbd) ?: read_blocks(vbd);
	if (err)
		return err;
	store = blkback_store_open(vbd, where);
	if (IS_ERR(store))
		return PTR_ERR(store);
	blkback_vbd_use(vbd, store);
	err = say_opened(vbd);
	if (err) {
		blkback_vbd_close(vbd);
		return err;
	}
	return 1;
}

/**
 * blkback_vbd_open() - open the disk, if it is known by now
 * @vbd: the vbd; one with an open disk gets another if keys name another
 *
 * Context: the device's work; may sleep.
 * Return: 1 when the disk is open, 0 when the hotplug script has not named it
 * yet, or a negative errno, reported already.
 */
int blkback_vbd_open(struct blkback_vbd *vbd)
{
	struct blkback_where where;
	int err;

	if (vbd->store) {
		blkback_vbd_changed(vbd);
		return 1;
	}
	vbd->info = read_info(vbd);
	err = blkback_vbd_where(vbd, &where);
	if (err <= 0)
		return err;
	err = open_named(vbd, &where);
	kfree(where.path);
	return err;
}

/**
 * blkback_vbd_close() - close the disk
 * @vbd: a vbd with no ring connected
 *
 * Context: may sleep.
 */
void blkback_vbd_close(struct blkback_vbd *vbd)
{
	blkback_vbd_use(vbd, NULL);
}

static void kick_rings(struct blkback_vbd *vbd)
{
	unsigned int i;

	for (i = 0; i < vbd->nr_rings; i++) {
		/* Whoever finds it kicked finds it open, or closed, as well. */
		smp_store_release(&vbd->rings[i].kicked, true);
		if (READ_ONCE(vbd->rings[i].serving))
			blkback_ring_wake(&vbd->rings[i]);
	}
}

/**
 * blkback_rings_close() - have all rings of a vbd take no more
 * @vbd: a vbd
 *
 * Before the first is waited for: each of them may be what another waits for.
 *
 * Context: the device's work.
 */
void blkback_rings_close(struct blkback_vbd *vbd)
{
	WRITE_ONCE(vbd->closing, true);
	kick_rings(vbd);
}

/**
 * blkback_rings_take() - have all rings of a vbd take requests
 * @vbd: a vbd whose rings are connected
 *
 * Requests may have come before there was anybody to notify.
 *
 * Context: the device's work.
 */
void blkback_rings_take(struct blkback_vbd *vbd)
{
	unsigned int i;

	/* A barrier of the first one must not run ahead of the last. */
	for (i = 0; i < vbd->nr_rings; i++)
		WRITE_ONCE(vbd->rings[i].serving, true);
	WRITE_ONCE(vbd->closing, false);
	kick_rings(vbd);
}
