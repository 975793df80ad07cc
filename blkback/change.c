// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What changes below a vbd that is in service: its size, whether it can be written
 * or wants stable data, or all of it. Rings are parked meanwhile: each request is
 * checked against, and executed on, what was there when it was taken, and none is
 * under way when that goes.
 */

#include <linux/ratelimit.h>
#include <linux/slab.h>

#include "blkback.h"

#define WHILE " while the frontend is connected"
#define LESS " is %u, allowed is %u or less"
#define WRITABLE ", allowed is one to write to"

static void park_all(struct blkback_vbd *vbd)
{
	unsigned int i;

	blkback_rings_close(vbd);
	for (i = 0; i < vbd->nr_rings; i++)
		blkback_ring_park(&vbd->rings[i]);
}

static void unpark_all(struct blkback_vbd *vbd)
{
	unsigned int i;

	blkback_rings_take(vbd);
	for (i = 0; i < vbd->nr_rings; i++)
		blkback_ring_unpark(&vbd->rings[i]);
}

/* What a connected frontend cannot be told: it has read that already. */
static int check_fits(struct blkback_vbd *vbd,
		      const struct blkback_geometry *is)
{
	u32 told = vbd->limits.block << SECTOR_SHIFT;

	if (!vbd->nr_rings)
		return 0;
	if (is->block > told) {
		xbe_error(vbd->xbe, -EINVAL, "new disk: sector-size" LESS WHILE,
			  is->block, told);
		return -EINVAL;
	}
	if (is->readonly && !vbd->limits.readonly) {
		xbe_error(vbd->xbe, -EROFS,
			  "new disk: read-only" WRITABLE WHILE);
		return -EROFS;
	}
	return 0;
}

static void tell_frontend(struct blkback_vbd *vbd,
			  const struct blkback_geometry *is)
{
	int err;

	if (!vbd->nr_rings)
		return;
	err = blkback_vbd_republish(vbd, is);
	/* The directory is gone when all of the device is about to go. */
	if (err && err != -ENOENT)
		xbe_error(vbd->xbe, err, "cannot write sectors of %s",
			  vbd->xbe->xdev->nodename);
}

/*
 * The old one stays in service until the new one is open, and is closed when
 * nothing is under way on it.
 */
static void swap_store(struct blkback_vbd *vbd,
		       const struct blkback_where *where)
{
	struct blkback_store *store = blkback_store_open(vbd, where);
	struct blkback_geometry is;

	/* Reported already. */
	if (IS_ERR(store))
		return;
	store->ops->describe(store, &is);
	/* The first of the two takes long, while the frontend is served. */
	if (check_fits(vbd, &is) || blkback_store_settle(store)) {
		blkback_store_close(store);
		return;
	}
	park_all(vbd);
	if (blkback_store_settle(store)) {
		unpark_all(vbd);
		blkback_store_close(store);
		return;
	}
	if (vbd->nr_rings)
		blkback_flush_out(vbd);
	blkback_vbd_use(vbd, store);
	if (vbd->nr_rings)
		blkback_vbd_set_limits(vbd, &is);
	unpark_all(vbd);
	xbe_error_clear(vbd->xbe);
	if (__ratelimit(&vbd->xbe->messages))
		dev_info(&vbd->xbe->xdev->dev,
			 "another disk: %s, %llu sectors\n", store->ops->name,
			 is.sectors);
	tell_frontend(vbd, &is);
}

static bool is_changed(const struct blkback_vbd *vbd,
		       const struct blkback_geometry *is)
{
	const struct blkback_limits *was = &vbd->limits;

	return round_down(is->sectors, (u64)was->block) != was->sectors ||
	       (vbd->readonly || is->readonly) != was->readonly ||
	       is->stable != vbd->stable;
}

static void say_changed(struct blkback_vbd *vbd,
			const struct blkback_limits *was)
{
	const struct blkback_limits *is = &vbd->limits;
	struct device *dev = &vbd->xbe->xdev->dev;

	if (!__ratelimit(&vbd->xbe->messages))
		return;
	if (is->sectors != was->sectors)
		dev_info(dev, "resized from %llu to %llu sectors\n",
			 was->sectors, is->sectors);
	if (is->readonly != was->readonly)
		dev_info(dev, "the disk is %s now\n",
			 is->readonly ? "read-only" : "writable");
}

/*
 * A table of the device mapper, loaded again, may change more than the size. To a
 * disk that is read-only the block layer writes nevertheless: it is for us not to.
 */
static void resize(struct blkback_vbd *vbd)
{
	struct blkback_limits was = vbd->limits;
	struct blkback_geometry is;

	/* A frontend that connects later is told what is so at that time. */
	if (!vbd->nr_rings)
		return;
	vbd->store->ops->describe(vbd->store, &is);
	if (!is_changed(vbd, &is))
		return;
	park_all(vbd);
	blkback_vbd_set_limits(vbd, &is);
	unpark_all(vbd);
	if (vbd->limits.sectors == was.sectors &&
	    vbd->limits.readonly == was.readonly)
		return;
	say_changed(vbd, &was);
	tell_frontend(vbd, &is);
}

/**
 * blkback_vbd_changed() - a key or the disk may have changed, or a flush has failed
 * @vbd: the vbd
 *
 * A disk that is named no longer stays; the medium of a CD-ROM drive goes.
 *
 * Context: the device's work; may sleep for as long as the disk takes.
 */
void blkback_vbd_changed(struct blkback_vbd *vbd)
{
	struct blkback_where where;
	int named;

	if (!vbd->store)
		return;
	blkback_flush_look(vbd);
	named = blkback_vbd_where(vbd, &where);
	if (named > 0 && !blkback_store_is(vbd->store, &where))
		swap_store(vbd, &where);
	else if (named >= 0)
		resize(vbd);
	kfree(where.path);
}
