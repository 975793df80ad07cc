// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What a frontend is told of its disk, and what its requests are checked against. */

#include "blkback.h"

static u32 info_of(const struct blkback_vbd *vbd,
		   const struct blkback_geometry *is)
{
	return vbd->info | (is->cdrom ? VDISK_CDROM : 0) |
	       (vbd->limits.readonly ? VDISK_READONLY : 0) |
	       (is->removable ? VDISK_REMOVABLE : 0);
}

/* The toolstack may forbid discards with "discard-enable" = 0. */
static bool may_discard(const struct blkback_vbd *vbd)
{
	return !vbd->limits.readonly &&
	       xenbus_read_unsigned(vbd->xbe->xdev->nodename, "discard-enable",
				    1);
}

static int publish(struct blkback_vbd *vbd, const struct blkback_geometry *is,
		   int (*write)(struct xbe_device *xbe,
				const struct xbe_node *nodes, unsigned int nr))
{
	const struct xbe_node nodes[] = {
		{ "sectors", vbd->limits.sectors },
		{ "info", info_of(vbd, is) },
		{ "sector-size", vbd->limits.block << SECTOR_SHIFT },
		{ "physical-sector-size", is->physical },
		{ "feature-flush-cache", vbd->flush.heard },
		{ "feature-barrier", vbd->flush.heard },
		{ "feature-persistent", vbd->persistent },
		{ "feature-max-indirect-segments", BLKBACK_MAX_SEGS },
		/* Again: of another disk it is news. */
		{ "opened", 1 },
		{ "feature-discard", vbd->limits.discard },
		{ "discard-granularity", is->discard_granularity },
		{ "discard-alignment", is->discard_alignment },
		{ "discard-secure", vbd->limits.secure },
	};

	return write(vbd->xbe, nodes,
		     ARRAY_SIZE(nodes) - (vbd->limits.discard ? 0 : 3));
}

/**
 * blkback_vbd_set_limits() - have requests checked against a disk
 * @vbd: a vbd none of whose rings takes requests
 * @is: what the disk is like, its blocks no larger than the frontend was told
 *
 * Context: the device's work; may sleep.
 */
void blkback_vbd_set_limits(struct blkback_vbd *vbd,
			    const struct blkback_geometry *is)
{
	struct blkback_limits *limits = &vbd->limits;

	limits->sectors = round_down(is->sectors, (u64)limits->block);
	limits->readonly = vbd->readonly || is->readonly;
	limits->discard = is->discard && may_discard(vbd);
	limits->secure = is->secure && limits->discard;
	vbd->stable = is->stable;
}

/*
 * A frontend that is connected already, as when this module was loaded again
 * under it, knows what an earlier one has written.
 */
static bool is_told_of_flush(const struct blkback_vbd *vbd,
			     const struct blkback_geometry *is)
{
	if (vbd->xbe->seen != XenbusStateConnected)
		return is->flush;
	return xenbus_read_unsigned(vbd->xbe->xdev->nodename,
				    "feature-flush-cache", is->flush);
}

/**
 * blkback_vbd_publish() - describe the disk to a frontend that connects
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
	struct blkback_geometry is;

	vbd->store->ops->describe(vbd->store, &is);
	vbd->limits.block = is.block >> SECTOR_SHIFT;
	blkback_flush_begin(vbd, is_told_of_flush(vbd, &is), is.flush);
	blkback_vbd_set_limits(vbd, &is);
	return publish(vbd, &is, xbe_advertise);
}

/**
 * blkback_vbd_republish() - describe a changed disk to a connected frontend
 * @vbd: the vbd, its limits those of the disk
 * @is: what the disk is like
 *
 * The sector size is what the frontend was told: it reads it only once.
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno and nothing is written.
 */
int blkback_vbd_republish(struct blkback_vbd *vbd,
			  const struct blkback_geometry *is)
{
	return publish(vbd, is, xbe_publish);
}
