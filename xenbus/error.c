// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Errors that a person has to see: below error/ in xenstore and in the log. */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "internal.h"

static char *error_path(struct xbe_device *xbe)
{
	return kasprintf(GFP_KERNEL, "error/%s", xbe->xdev->nodename);
}

/**
 * xbe_error() - report what is wrong with a device
 * @xbe: the device
 * @err: negative errno
 * @fmt: what, with the value and the allowed range; no newline
 *
 * The node error/<backend path>/error gets "<errno> <text>", as the toolstack
 * has always found it there. The log gets the same, but no more than a device's
 * share: a guest can cause this (XSA-43). The state is not changed: the caller
 * returns the error and the state table says what follows.
 *
 * Context: may sleep.
 */
void xbe_error(struct xbe_device *xbe, int err, const char *fmt, ...)
{
	char *path = error_path(xbe);
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);

	if (text && __ratelimit(&xbe->messages))
		dev_err(&xbe->xdev->dev, "%s (%d)\n", text, err);
	if (text && path) {
		xenbus_printf(XBT_NIL, path, "error", "%d %s", -err, text);
		xbe->has_error = true;
		xbe->reported = true;
	}
	kfree(text);
	kfree(path);
}
EXPORT_SYMBOL_NS_GPL(xbe_error, XEN_BACKENDS);

static bool is_empty(struct xenbus_transaction xbt, const char *path)
{
	unsigned int nr;
	char **names = xenbus_directory(xbt, path, "", &nr);

	if (IS_ERR(names))
		return false;
	kfree(names);
	return !nr;
}

/* Removes a node, then its parents while they are empty. */
static int prune(struct xenbus_transaction xbt, void *arg)
{
	char *path = kstrdup(arg, GFP_KERNEL);
	char *slash;

	if (!path)
		return -ENOMEM;
	do {
		xenbus_rm(xbt, path, "");
		slash = strrchr(path, '/');
		if (slash)
			*slash = '\0';
	} while (slash && is_empty(xbt, path));
	kfree(path);
	return 0;
}

/**
 * xbe_error_clear() - take the error node away
 * @xbe: the device: what was wrong is mended, or it is gone
 *
 * Context: may sleep.
 */
void xbe_error_clear(struct xbe_device *xbe)
{
	char *path;

	if (!xbe->has_error)
		return;
	path = error_path(xbe);
	if (path && !xbe_transact(prune, path))
		xbe->has_error = false;
	kfree(path);
}
EXPORT_SYMBOL_NS_GPL(xbe_error_clear, XEN_BACKENDS);
