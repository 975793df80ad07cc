// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The device in xenstore: the toolstack's part and the frontend's states. */

#include "frontend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int device_write(struct device *dev, const char *path, const char *key,
		 const char *format, ...)
{
	char node[PATH_SIZE + 64];
	char value[256];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	snprintf(node, sizeof(node), "%s/%s", path, key);
	if (!xs_write(dev->store, dev->xbt, node, value, strlen(value))) {
		fprintf(stderr, "cannot write %s: %s\n", node, strerror(errno));
		return -errno;
	}
	return 0;
}

/* The state of a device half, 0 when there is none. */
int device_read_state(struct device *dev, const char *path)
{
	char node[PATH_SIZE + 64];
	unsigned int length;
	char *value;
	int state;

	snprintf(node, sizeof(node), "%s/state", path);
	value = xs_read(dev->store, XBT_NULL, node, &length);
	if (!value)
		return 0;
	state = atoi(value);
	free(value);
	return state;
}

int device_wait_state(struct device *dev, int wanted)
{
	int tries = WAIT_SECONDS * 1000 / POLL_MS;
	int state = 0;

	while (tries-- > 0) {
		state = device_read_state(dev, dev->back);
		if (state == wanted)
			return 0;
		if (wanted != XenbusStateClosed &&
		    (state == XenbusStateClosing || state == XenbusStateClosed))
			break;
		usleep(POLL_MS * 1000);
	}
	fprintf(stderr, "%s is in state %d, not %d\n", dev->back, state,
		wanted);
	return -ETIMEDOUT;
}

int device_set_state(struct device *dev, int state)
{
	return device_write(dev, dev->front, "state", "%d", state);
}

static int write_front(struct device *dev)
{
	int err;

	err = device_write(dev, dev->front, "backend", "%s", dev->back);
	err = err ?: device_write(dev, dev->front, "backend-id", "0");
	if (!strcmp(dev->type, "vbd"))
		err = err   ?:
			      device_write(dev, dev->front, "virtual-device",
					   "%u", dev->number);
	else
		err = err   ?:
			      device_write(dev, dev->front, "handle", "%u",
					   dev->number);
	return err ?: device_set_state(dev, XenbusStateInitialising);
}

bool device_readonly;

static int write_back(struct device *dev)
{
	const char *pin = getenv("XDP_PIN");
	int err;

	err = device_write(dev, dev->back, "frontend", "%s", dev->front);
	err = err ?: device_write(dev, dev->back, "frontend-id", "0");
	err = err ?: device_write(dev, dev->back, "online", "1");
	if (!strcmp(dev->type, "vbd")) {
		err = err   ?:
			      device_write(dev, dev->back, "mode",
					   device_readonly ? "r" : "w");
		err = err ?: device_write(dev, dev->back, "type", "phy");
		err = err ?: device_write(dev, dev->back, "dev", "xvdz");
		err = err   ?:
			      device_write(dev, dev->back, "device-type",
					   "disk");
	} else {
		err = err   ?:
			      device_write(dev, dev->back, "handle", "%u",
					   dev->number);
		err = err   ?:
			      device_write(dev, dev->back, "mac",
					   "00:16:3e:00:%02x:%02x",
					   dev->number >> 8 & 255,
					   dev->number & 255);
		err = err   ?:
			      device_write(dev, dev->back, "script",
					   "/etc/xen/scripts/vif-bridge");
		/* What a case wants all interfaces to have. */
		if (pin && *pin)
			err = err   ?:
				      device_write(dev, dev->back, "xdp-pin",
						   "%s", pin);
	}
	return err   ?:
		       device_write(dev, dev->back, "state", "%d",
				    XenbusStateInitialising);
}

/*
 * Not the link under /sys/bus: that goes before the driver has let go of the
 * device, and of its module.
 */
static bool device_exists(const char *type, unsigned int number)
{
	char name[PATH_SIZE];

	snprintf(name, sizeof(name), "/sys/devices/%s-0-%u", type, number);
	return access(name, F_OK) == 0;
}

int device_wait_gone(const char *type, unsigned int number)
{
	int tries = WAIT_SECONDS * 1000 / POLL_MS;

	while (device_exists(type, number) && tries-- > 0)
		usleep(POLL_MS * 1000);
	if (tries > 0)
		return 0;
	fprintf(stderr, "%s %u stays in sysfs\n", type, number);
	return -ETIMEDOUT;
}

/* Create a device as the toolstack does, up to the backend's InitWait. */
int device_create(struct device *dev, struct xs_handle *store, const char *type,
		  unsigned int number)
{
	int err;

	dev->store = store;
	dev->type = type;
	dev->number = number;
	dev->xbt = XBT_NULL;
	dev->detached = false;
	snprintf(dev->front, PATH_SIZE, "/local/domain/0/device/%s/%u", type,
		 number);
	snprintf(dev->back, PATH_SIZE, "/local/domain/0/backend/%s/0/%u", type,
		 number);
	err = write_front(dev);
	err = err ?: write_back(dev);
	err = err ?: device_wait_state(dev, XenbusStateInitWait);
	if (!err && !device_exists(dev->type, dev->number)) {
		fprintf(stderr, "%s is not in sysfs\n", dev->back);
		err = -ENODEV;
	}
	return err;
}

/*
 * What "xl block-detach" begins with: the frontend is asked to close. A backend
 * that is closed is left alone.
 */
int device_detach(struct device *dev)
{
	int err = device_write(dev, dev->back, "online", "0");

	if (!err && device_read_state(dev, dev->back) != XenbusStateClosed)
		err = device_write(dev, dev->back, "state", "%d",
				   XenbusStateClosing);
	dev->detached = true;
	return err;
}

/*
 * The toolstack's orderly end: offline, both halves closed, nodes gone. The
 * driver may still be at it: another device can be put there at once.
 */
int device_end(struct device *dev)
{
	int err = dev->detached ? 0 : device_detach(dev);

	err = err ?: device_set_state(dev, XenbusStateClosed);
	err = err ?: device_wait_state(dev, XenbusStateClosed);
	device_erase(dev);
	return err;
}

void device_erase(struct device *dev)
{
	xs_rm(dev->store, XBT_NULL, dev->front);
	xs_rm(dev->store, XBT_NULL, dev->back);
}
