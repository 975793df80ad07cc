// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The life of a frontend device, of any type.
 *
 * xenbus calls for one device come one at a time: the state of the other end
 * on its thread, and removal only when that is not under way.
 */

#include <linux/delay.h>
#include <linux/slab.h>

#include "loadgen.h"

#define POLL_MS 10
#define CLOSE_TRIES 1000

static void take_down(struct lg_device *dev)
{
	if (dev->life == LG_UP) {
		WRITE_ONCE(dev->gone, true);
		wake_up_all(&dev->wait);
		dev->type->down(dev);
	}
	if (dev->life < LG_DOWN)
		dev->life = LG_DOWN;
}

/* Only when the backend has let go: pages it still has would stay behind. */
static void release(struct lg_device *dev)
{
	take_down(dev);
	if (dev->life == LG_OVER)
		return;
	dev->type->release(dev);
	dev->life = LG_OVER;
}

static void offer_rings(struct lg_device *dev)
{
	int err;

	if (dev->life != LG_NEW)
		return;
	err = dev->type->offer(dev);
	if (!err)
		err = xenbus_switch_state(dev->xdev, dev->type->offered);
	if (err) {
		release(dev);
		xenbus_dev_fatal(dev->xdev, err, "the rings cannot be offered");
		return;
	}
	dev->life = LG_OFFERED;
}

static void connect_up(struct lg_device *dev)
{
	int err;

	if (dev->life != LG_OFFERED)
		return;
	err = dev->type->connected(dev);
	if (!err)
		err = dev->type->up(dev);
	if (err) {
		take_down(dev);
		xenbus_dev_fatal(dev->xdev, err, "cannot use the device");
		return;
	}
	dev->life = LG_UP;
	xenbus_switch_state(dev->xdev, XenbusStateConnected);
	dev_info(&dev->xdev->dev, "connected\n");
}

/**
 * lg_otherend_changed() - follow the backend's state
 * @xdev: the device
 * @state: the backend's
 *
 * Context: xenbus' thread; may sleep.
 */
void lg_otherend_changed(struct xenbus_device *xdev, enum xenbus_state state)
{
	struct lg_device *dev = dev_get_drvdata(&xdev->dev);

	switch (state) {
	case XenbusStateInitWait:
		offer_rings(dev);
		break;
	case XenbusStateConnected:
		connect_up(dev);
		break;
	case XenbusStateClosing:
		take_down(dev);
		xenbus_frontend_closed(xdev);
		break;
	case XenbusStateClosed:
		/* Of a life before: it is on its way to InitWait. */
		if (dev->life == LG_NEW)
			break;
		take_down(dev);
		xenbus_frontend_closed(xdev);
		release(dev);
		break;
	default:
		break;
	}
}

static int read_number(struct lg_device *dev)
{
	const char *key = dev->type->number_key;
	int n = xenbus_scanf(XBT_NIL, dev->xdev->nodename, key, "%u",
			     &dev->number);

	if (n == 1)
		return 0;
	xenbus_dev_fatal(dev->xdev, -EINVAL, "%s is missing or not a number",
			 key);
	return -EINVAL;
}

/**
 * lg_probe() - begin with a device
 * @xdev: the device
 * @type: what it is
 *
 * Context: may sleep.
 * Return: the device, or an error pointer, reported already.
 */
struct lg_device *lg_probe(struct xenbus_device *xdev,
			   const struct lg_type *type)
{
	struct lg_device *dev;
	int err;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	dev->xdev = xdev;
	dev->type = type;
	init_waitqueue_head(&dev->wait);
	mutex_init(&dev->run.lock);
	err = read_number(dev);
	if (!err) {
		dev_set_drvdata(&xdev->dev, dev);
		/* A backend that closed with the driver before starts again. */
		err = xenbus_switch_state(xdev, XenbusStateInitialising);
	}
	if (err) {
		dev_set_drvdata(&xdev->dev, NULL);
		kfree(dev);
		return ERR_PTR(err);
	}
	return dev;
}

static bool backend_let_go(struct lg_device *dev)
{
	switch (xenbus_read_driver_state(dev->xdev->otherend)) {
	case XenbusStateUnknown:
	case XenbusStateClosed:
		return true;
	default:
		return false;
	}
}

/* Nobody tells of the other end's state any more, so it is polled. */
static void close_both(struct lg_device *dev)
{
	unsigned int tries;

	if (dev->life == LG_OVER || backend_let_go(dev))
		return;
	xenbus_switch_state(dev->xdev, XenbusStateClosing);
	xenbus_switch_state(dev->xdev, XenbusStateClosed);
	for (tries = 0; tries < CLOSE_TRIES; tries++) {
		if (backend_let_go(dev))
			return;
		msleep(POLL_MS);
	}
	dev_err(&dev->xdev->dev, "the backend does not close in %u s\n",
		CLOSE_TRIES * POLL_MS / 1000);
}

/**
 * lg_remove() - end with a device
 * @xdev: the device
 *
 * Context: may sleep.
 */
void lg_remove(struct xenbus_device *xdev)
{
	struct lg_device *dev = dev_get_drvdata(&xdev->dev);

	take_down(dev);
	close_both(dev);
	release(dev);
	dev_set_drvdata(&xdev->dev, NULL);
	kfree(dev);
}

/**
 * lg_is_ready() - whether loading the module need not wait for a device
 * @xdev: the device
 *
 * Context: xenbus' module load.
 * Return: 1 when it is in use or will never be.
 */
int lg_is_ready(struct xenbus_device *xdev)
{
	struct lg_device *dev = dev_get_drvdata(&xdev->dev);

	return !dev || READ_ONCE(dev->life) >= LG_UP;
}

static int write_all(struct lg_device *dev, const struct lg_key *keys,
		     unsigned int nr)
{
	struct xenbus_transaction xbt;
	unsigned int i;
	int err;

	err = xenbus_transaction_start(&xbt);
	if (err)
		return err;
	for (i = 0; i < nr && !err; i++)
		err = xenbus_printf(xbt, dev->xdev->nodename, keys[i].name,
				    "%u", keys[i].value);
	if (!err)
		return xenbus_transaction_end(xbt, 0);
	xenbus_transaction_end(xbt, 1);
	return err;
}

/**
 * lg_write_keys() - write keys of the frontend, all or none
 * @dev: the device
 * @keys: what to write
 * @nr: how many
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int lg_write_keys(struct lg_device *dev, const struct lg_key *keys,
		  unsigned int nr)
{
	int err;

	do
		err = write_all(dev, keys, nr);
	while (err == -EAGAIN);
	return err;
}
