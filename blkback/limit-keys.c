// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where limits are set: the nodes below "limits" of the backend's directory,
 * and the same names in sysfs. The nodes are the truth: what is written to
 * sysfs goes there too, so that it outlives the module.
 */

#include <linux/slab.h>

#include "blkback.h"

static int read_one(struct blkback_vbd *vbd, enum blkback_limit which,
		    u64 *value, char *why, size_t size)
{
	const struct blkback_limit_key *key = &blkback_limit_keys[which];
	char path[sizeof("limits/") + 16];
	char *text;
	int err;

	snprintf(path, sizeof(path), "limits/%s", key->name);
	text = xenbus_read(XBT_NIL, vbd->xbe->xdev->nodename, path, NULL);
	if (IS_ERR(text)) {
		if (PTR_ERR(text) != -ENOENT) {
			scnprintf(why, size, "cannot read %s", path);
			return PTR_ERR(text);
		}
		text = NULL;
	}
	err = blkback_limit_parse(key, text, value, why, size);
	kfree(text);
	return err;
}

/**
 * blkback_limit_read() - set the limits that stand in xenstore
 * @vbd: the vbd
 *
 * With a wrong one among them all stay as they were, and it is reported.
 *
 * Context: the device's work; may sleep.
 */
void blkback_limit_read(struct blkback_vbd *vbd)
{
	u64 value[BLKBACK_NR_LIMITS];
	char why[128];
	unsigned int i;
	int err;

	for (i = 0; i < BLKBACK_NR_LIMITS; i++) {
		err = read_one(vbd, i, &value[i], why, sizeof(why));
		if (err) {
			xbe_error(vbd->xbe, err, "limits/%s", why);
			vbd->limiter.complained = true;
			return;
		}
	}
	if (vbd->limiter.complained)
		xbe_error_clear(vbd->xbe);
	vbd->limiter.complained = false;
	blkback_limit_set(&vbd->limiter, value);
	blkback_limit_wake(vbd);
}

static enum blkback_limit which_limit(const struct device_attribute *attr)
{
	const struct dev_ext_attribute *limit =
		container_of(attr, struct dev_ext_attribute, attr);

	return (unsigned long)limit->var;
}

static ssize_t limit_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct blkback_vbd *vbd = READ_ONCE(xbe_from_dev(dev)->priv);

	if (!vbd)
		return -ENODEV;
	return sysfs_emit(buf, "%llu\n",
			  READ_ONCE(vbd->limiter.value[which_limit(attr)]));
}

/* A number and the newline of echo; "why" says what else it was. */
static int parse_written(const struct blkback_limit_key *key, const char *buf,
			 u64 *value, char *why, size_t size)
{
	char text[32];

	strscpy(text, buf, sizeof(text));
	strim(text);
	return blkback_limit_parse(key, text, value, why, size);
}

static ssize_t limit_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct blkback_vbd *vbd = READ_ONCE(xbe_from_dev(dev)->priv);
	enum blkback_limit which = which_limit(attr);
	const struct blkback_limit_key *key = &blkback_limit_keys[which];
	char path[sizeof("limits/") + 16];
	u64 value[BLKBACK_NR_LIMITS];
	struct xbe_node node;
	char why[128];
	int err;

	if (!vbd)
		return -ENODEV;
	memcpy(value, vbd->limiter.value, sizeof(value));
	err = parse_written(key, buf, &value[which], why, sizeof(why));
	if (err) {
		dev_err_ratelimited(dev, "%s\n", why);
		return err;
	}
	snprintf(path, sizeof(path), "limits/%s", key->name);
	node.name = path;
	node.value = value[which];
	err = xbe_advertise(vbd->xbe, &node, 1);
	if (err)
		return err;
	/* Who reads it back sees it; our watch on the node does the rest. */
	blkback_limit_set(&vbd->limiter, value);
	return count;
}

static struct dev_ext_attribute limits[] = {
	{ __ATTR(iops, 0644, limit_show, limit_store),
	  (void *)BLKBACK_LIMIT_IOPS },
	{ __ATTR(iops_burst, 0644, limit_show, limit_store),
	  (void *)BLKBACK_LIMIT_IOPS_BURST },
	{ __ATTR(bps, 0644, limit_show, limit_store),
	  (void *)BLKBACK_LIMIT_BPS },
	{ __ATTR(bps_burst, 0644, limit_show, limit_store),
	  (void *)BLKBACK_LIMIT_BPS_BURST },
};

static struct attribute *limit_attrs[] = { &limits[0].attr.attr,
					   &limits[1].attr.attr,
					   &limits[2].attr.attr,
					   &limits[3].attr.attr, NULL };

const struct attribute_group blkback_limit_group = {
	.name = "limits",
	.attrs = limit_attrs,
};
