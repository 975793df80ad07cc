// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Keys between the two ends: all of ours written at once, theirs read once. */

#include <linux/err.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct advert - what is to be written, and where
 * @dir: the backend's directory
 * @nodes: the nodes
 * @nr: how many
 */
struct advert {
	const char *dir;
	const struct xbe_node *nodes;
	unsigned int nr;
};

static int write_nodes(struct xenbus_transaction xbt, void *arg)
{
	const struct advert *advert = arg;
	unsigned int i;
	int err;

	/* The toolstack may have removed the directory: do not bring it back. */
	if (xenbus_exists(xbt, advert->dir, "state") != 1)
		return -ENOENT;
	for (i = 0; i < advert->nr; i++) {
		err = xenbus_printf(xbt, advert->dir, advert->nodes[i].name,
				    "%llu", advert->nodes[i].value);
		if (err)
			return err;
	}
	return 0;
}

/**
 * xbe_advertise() - write keys into the backend's directory, all or none
 * @xbe: the device
 * @nodes: names and values
 * @nr: how many
 *
 * Context: may sleep.
 * Return: 0, or a negative errno after which nothing is written: -ENOENT when
 * the directory is gone or the device is being unbound.
 */
int xbe_advertise(struct xbe_device *xbe, const struct xbe_node *nodes,
		  unsigned int nr)
{
	struct advert advert = { xbe->xdev->nodename, nodes, nr };

	if (xbe_unbinding(xbe))
		return -ENOENT;
	return xbe_transact(write_nodes, &advert);
}
EXPORT_SYMBOL_NS_GPL(xbe_advertise, XEN_BACKENDS);

/**
 * xbe_leave_word() - write keys for a driver that has the device after this one
 * @xbe: the device, also when it is being unbound
 * @nodes: names and values
 * @nr: how many
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno after which nothing is written: -ENOENT when
 * the directory is gone, and the device with it.
 */
int xbe_leave_word(struct xbe_device *xbe, const struct xbe_node *nodes,
		   unsigned int nr)
{
	struct advert advert = { xbe->xdev->nodename, nodes, nr };

	return xbe_transact(write_nodes, &advert);
}
EXPORT_SYMBOL_NS_GPL(xbe_leave_word, XEN_BACKENDS);

/**
 * struct touch - an advert, and the state that has the frontend read it
 * @advert: what is to be written
 * @state: as it is
 */
struct touch {
	struct advert advert;
	enum xenbus_state state;
};

static int write_and_touch(struct xenbus_transaction xbt, void *arg)
{
	struct touch *touch = arg;
	const char *dir = touch->advert.dir;
	unsigned int state;
	int err;

	/* The toolstack may have removed the directory: do not bring it back. */
	if (xenbus_scanf(xbt, dir, "state", "%u", &state) != 1)
		return -ENOENT;
	err = write_nodes(xbt, &touch->advert);
	/* Or have the device closed: that must not be undone either. */
	if (err || state != touch->state)
		return err;
	return xenbus_printf(xbt, dir, "state", "%d", touch->state);
}

/**
 * xbe_publish() - write keys that changed, and have the frontend look
 * @xbe: a connected device
 * @nodes: names and values
 * @nr: how many
 *
 * The state is written again as it is, which the frontend is told of: a
 * frontend that reads keys again while connected does so then.
 *
 * Context: the device's work; may sleep.
 * Return: 0, or a negative errno after which nothing is written, as of
 * xbe_advertise().
 */
int xbe_publish(struct xbe_device *xbe, const struct xbe_node *nodes,
		unsigned int nr)
{
	struct touch touch = {
		.advert = { xbe->xdev->nodename, nodes, nr },
		.state = xbe->xdev->state,
	};

	if (xbe_unbinding(xbe))
		return -ENOENT;
	return xbe_transact(write_and_touch, &touch);
}
EXPORT_SYMBOL_NS_GPL(xbe_publish, XEN_BACKENDS);

/**
 * xbe_told() - how much of something the frontend may have
 * @xbe: the device
 * @name: the node of our own directory that says so
 * @value: what a frontend to come is told
 * @most: the greatest there is
 *
 * A driver that is loaded again under a frontend that has connected, or is about
 * to, finds what an earlier one has told it: that holds, though parameters may
 * be others by now. The frontend cannot write the node.
 *
 * Context: ops->probe(); may sleep.
 * Return: @value, or what the frontend was told if that is greater, @most at
 * most.
 */
u32 xbe_told(struct xbe_device *xbe, const char *name, u32 value, u32 most)
{
	u32 told;

	if (xbe->found != XenbusStateInitialised && !xbe_was_connected(xbe))
		return value;
	told = xenbus_read_unsigned(xbe->xdev->nodename, name, value);
	return clamp(told, value, most);
}
EXPORT_SYMBOL_NS_GPL(xbe_told, XEN_BACKENDS);

static int read_key(struct xbe_device *xbe, const char *dir,
		    const struct xbe_key *key, u32 *value)
{
	char why[160];
	char *text;
	int err;

	text = xenbus_read(XBT_NIL, dir, key->name, NULL);
	if (IS_ERR(text)) {
		err = PTR_ERR(text);
		text = NULL;
		if (err != -ENOENT) {
			xbe_error(xbe, err, "cannot read %s/%s", dir,
				  key->name);
			return err;
		}
	}
	err = xbe_key_parse(key, text, value, why, sizeof(why));
	kfree(text);
	if (err)
		xbe_error(xbe, err, "%s: %s", dir, why);
	return err;
}

static char *frontend_path(struct xbe_device *xbe, const char *subdir)
{
	if (!subdir)
		return kstrdup(xbe->frontend_dir, GFP_KERNEL);
	return kasprintf(GFP_KERNEL, "%s/%s", xbe->frontend_dir, subdir);
}

/**
 * xbe_read_keys() - read and check keys of the frontend
 * @xbe: the device
 * @subdir: directory below the frontend's ("queue-0"), or NULL
 * @keys: what to read
 * @nr: how many
 * @out: structure that the keys' offsets count from; each a u32
 *
 * Each node is read once. The first that is wrong is reported below error/
 * with its name, its value and its range.
 *
 * Context: may sleep.
 * Return: 0 or a negative errno, reported already.
 */
int xbe_read_keys(struct xbe_device *xbe, const char *subdir,
		  const struct xbe_key *keys, unsigned int nr, void *out)
{
	char *dir = frontend_path(xbe, subdir);
	unsigned int i;
	int err = 0;

	if (!dir)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++)
		err = read_key(xbe, dir, &keys[i], out + keys[i].offset);
	kfree(dir);
	return err;
}
EXPORT_SYMBOL_NS_GPL(xbe_read_keys, XEN_BACKENDS);

/**
 * xbe_read_refs() - read the grant references of a ring
 * @xbe: the device
 * @subdir: directory below the frontend's, or NULL
 * @nr: pages of the ring, 1 to XENBUS_MAX_RING_GRANTS
 * @numbered: "ring-ref0", "ring-ref1" and so on; plain "ring-ref" otherwise
 * @refs: filled with @nr references, all different
 *
 * Context: may sleep.
 * Return: 0 or a negative errno, reported already.
 */
int xbe_read_refs(struct xbe_device *xbe, const char *subdir, unsigned int nr,
		  bool numbered, grant_ref_t *refs)
{
	struct xbe_key key = { .max = U32_MAX, .required = true };
	char name[sizeof("ring-ref") + 10];
	unsigned int i;
	int err;

	key.name = name;
	for (i = 0; i < nr; i++) {
		if (numbered)
			snprintf(name, sizeof(name), "ring-ref%u", i);
		else
			strscpy(name, "ring-ref", sizeof(name));
		err = xbe_read_keys(xbe, subdir, &key, 1, &refs[i]);
		if (err)
			return err;
	}
	err = xbe_refs_distinct(refs, nr);
	if (err)
		xbe_error(xbe, err,
			  "%s/%s: two of ring-ref0 to ring-ref%u are equal",
			  xbe->frontend_dir, subdir ? subdir : "", nr - 1);
	return err;
}
EXPORT_SYMBOL_NS_GPL(xbe_read_refs, XEN_BACKENDS);
