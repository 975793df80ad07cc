// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What is below a vbd: open it, describe it to the frontend, close it. */

#include <linux/slab.h>

#include "blkback.h"

#define RANGE "0:0 to fff:fffff in hexadecimal"

/*
 * "physical-device" is what the hotplug script found: two hexadecimal numbers
 * (docs/misc/block-scripts.txt of Xen).
 */
static int read_device(struct blkback_vbd *vbd)
{
	struct xbe_device *xbe = vbd->xbe;
	unsigned int major, minor;
	char *text, end;
	int n;

	text = xenbus_read(XBT_NIL, xbe->xdev->nodename, "physical-device",
			   NULL);
	if (IS_ERR(text))
		return PTR_ERR(text) == -ENOENT ? 0 : PTR_ERR(text);
	if (!*text) {
		kfree(text);
		return 0;
	}
	n = sscanf(text, "%x:%x%c", &major, &minor, &end);
	if (n != 2 || major >= BIT(12) || minor > MINORMASK) {
		xbe_error(xbe, -EINVAL,
			  "physical-device is \"%.32s\", allowed is " RANGE,
			  text);
		kfree(text);
		return -EINVAL;
	}
	kfree(text);
	vbd->device = MKDEV(major, minor);
	return 1;
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
	vbd->limits.readonly = !strchr(mode, 'w');
	kfree(mode);
	return 0;
}

static const struct xbe_choice device_types[] = {
	{ "disk", 0 },
	{ "cdrom", VDISK_CDROM },
	{ "floppy", 0 },
	{},
};

static const struct xbe_key device_type = {
	.name = "device-type",
	.choices = device_types,
};

static int open_disk(struct blkback_vbd *vbd)
{
	bool writable = !vbd->limits.readonly;
	compat_disk_handle *disk = compat_disk_open(vbd->device, writable);

	if (IS_ERR(disk)) {
		xbe_error(vbd->xbe, PTR_ERR(disk),
			  "physical-device %x:%x cannot be opened for %s",
			  MAJOR(vbd->device), MINOR(vbd->device),
			  writable ? "writing" : "reading");
		return PTR_ERR(disk);
	}
	vbd->disk = disk;
	vbd->bdev = compat_disk_bdev(disk);
	if (writable && bdev_read_only(vbd->bdev)) {
		xbe_error(vbd->xbe, -EROFS,
			  "physical-device %x:%x is read-only and mode is w",
			  MAJOR(vbd->device), MINOR(vbd->device));
		blkback_vbd_close(vbd);
		return -EROFS;
	}
	return 0;
}

/**
 * blkback_vbd_open() - open the disk, if it is known by now
 * @vbd: the vbd; one with an open disk is left alone
 *
 * Context: the device's work; may sleep.
 * Return: 1 when the disk is open, 0 when the hotplug script has not named it
 * yet, or a negative errno, reported already.
 */
int blkback_vbd_open(struct blkback_vbd *vbd)
{
	int err;

	if (vbd->disk)
		return 1;
	err = read_device(vbd);
	if (err <= 0)
		return err;
	err = read_mode(vbd);
	if (err)
		return err;
	err = xbe_read_keys(vbd->xbe, NULL, &device_type, 1, &vbd->info);
	if (err)
		return err;
	err = open_disk(vbd);
	if (err)
		return err;
	if (vbd->limits.readonly)
		vbd->info |= VDISK_READONLY;
	if (vbd->bdev->bd_disk->flags & GENHD_FL_REMOVABLE)
		vbd->info |= VDISK_REMOVABLE;
	return 1;
}

/**
 * blkback_vbd_close() - close the disk
 * @vbd: a vbd with no ring connected
 *
 * Context: may sleep.
 */
void blkback_vbd_close(struct blkback_vbd *vbd)
{
	if (!vbd->disk)
		return;
	compat_disk_close(vbd->disk, !vbd->limits.readonly);
	vbd->disk = NULL;
	vbd->bdev = NULL;
}

/* The toolstack may forbid discards with "discard-enable" = 0. */
static int publish_discard(struct blkback_vbd *vbd)
{
	struct block_device *bdev = vbd->bdev;
	bool offered = !vbd->limits.readonly &&
		       bdev_max_discard_sectors(bdev) &&
		       xenbus_read_unsigned(vbd->xbe->xdev->nodename,
					    "discard-enable", 1);
	bool secure = offered && bdev_max_secure_erase_sectors(bdev);
	const struct xbe_node nodes[] = {
		{ "feature-discard", offered },
		{ "discard-granularity", bdev_discard_granularity(bdev) },
		{ "discard-alignment", bdev_discard_alignment(bdev) },
		{ "discard-secure", secure },
	};

	vbd->limits.discard = offered;
	vbd->limits.secure = secure;
	return xbe_advertise(vbd->xbe, nodes, offered ? ARRAY_SIZE(nodes) : 1);
}

/**
 * blkback_vbd_publish() - describe the disk to the frontend
 * @vbd: a vbd with an open disk
 *
 * "sectors" counts units of 512 bytes whatever "sector-size" is: so do all
 * frontends that read it.
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno and nothing is written.
 */
int blkback_vbd_publish(struct blkback_vbd *vbd)
{
	struct block_device *bdev = vbd->bdev;
	bool flush = bdev_write_cache(bdev);
	const struct xbe_node nodes[] = {
		{ "sectors", bdev_nr_sectors(bdev) },
		{ "info", vbd->info },
		{ "sector-size", bdev_logical_block_size(bdev) },
		{ "physical-sector-size", bdev_physical_block_size(bdev) },
		{ "feature-flush-cache", flush },
		{ "feature-barrier", flush },
		{ "feature-persistent", vbd->persistent },
		{ "feature-max-indirect-segments", BLKBACK_MAX_SEGS },
	};
	int err;

	vbd->limits.sectors = bdev_nr_sectors(bdev);
	vbd->limits.block = bdev_logical_block_size(bdev) >> SECTOR_SHIFT;
	err = publish_discard(vbd);
	if (err)
		return err;
	return xbe_advertise(vbd->xbe, nodes, ARRAY_SIZE(nodes));
}
