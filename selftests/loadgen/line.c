// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Lines of NAME=VALUE words, checked against a table. */

#include <linux/bitops.h>
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "loadgen.h"

static const struct lg_arg *find(const struct lg_arg *args, unsigned int nr,
				 const char *name)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(args[i].name, name))
			return &args[i];
	return NULL;
}

static int wrong_word(struct lg_device *dev, const struct lg_arg *arg,
		      const char *text)
{
	char allowed[64] = "";
	unsigned int i;

	for (i = 0; arg->words[i]; i++) {
		strlcat(allowed, i ? ", " : "", sizeof(allowed));
		strlcat(allowed, arg->words[i], sizeof(allowed));
	}
	dev_err(&dev->xdev->dev, "%s is \"%.32s\", allowed are %s\n", arg->name,
		text, allowed);
	return -EINVAL;
}

static int wrong_number(struct lg_device *dev, const struct lg_arg *arg,
			const char *text)
{
	dev_err(&dev->xdev->dev,
		"%s is \"%.32s\", allowed is %llu to %llu in steps of %llu%s%s\n",
		arg->name, text, arg->min, arg->max, arg->step ? arg->step : 1,
		arg->all ? ", or " : "", arg->all ? arg->all : "");
	return -EINVAL;
}

static int read_word(struct lg_device *dev, const struct lg_arg *arg,
		     const char *text, u64 *value)
{
	unsigned int i;

	for (i = 0; arg->words[i]; i++) {
		if (!strcmp(arg->words[i], text)) {
			*value = i;
			return 0;
		}
	}
	return wrong_word(dev, arg, text);
}

static int read_mac(struct lg_device *dev, const struct lg_arg *arg,
		    const char *text, u64 *value)
{
	u8 mac[ETH_ALEN];

	if (!mac_pton(text, mac)) {
		dev_err(&dev->xdev->dev,
			"%s is \"%.32s\", allowed is 00:00:00:00:00:00 to ff:ff:ff:ff:ff:ff\n",
			arg->name, text);
		return -EINVAL;
	}
	*value = ether_addr_to_u64(mac);
	return 0;
}

static int read_value(struct lg_device *dev, const struct lg_arg *arg,
		      const char *text, u64 *value)
{
	if (arg->words)
		return read_word(dev, arg, text, value);
	if (arg->mac)
		return read_mac(dev, arg, text, value);
	if (arg->all && !strcmp(text, arg->all)) {
		*value = arg->max;
		return 0;
	}
	if (kstrtou64(text, 0, value) || *value < arg->min ||
	    *value > arg->max || (arg->step && *value % arg->step))
		return wrong_number(dev, arg, text);
	return 0;
}

static int read_arg(struct lg_device *dev, char *text,
		    const struct lg_arg *args, unsigned int nr, void *out,
		    unsigned long *seen)
{
	char *name = strsep(&text, "=");
	const struct lg_arg *arg = find(args, nr, name);

	if (!arg || !text) {
		dev_err(&dev->xdev->dev,
			"\"%.32s\" is not a known NAME=VALUE\n", name);
		return -EINVAL;
	}
	__set_bit(arg - args, seen);
	return read_value(dev, arg, text, out + arg->offset);
}

/**
 * lg_line_parse() - read a line
 * @dev: the device, named in messages
 * @line: the line; changed
 * @args: what it may say
 * @nr: how many, at most the bits of a long
 * @out: filled
 *
 * Context: may sleep.
 * Return: 0, or -EINVAL, with a message that says what was wrong.
 */
int lg_line_parse(struct lg_device *dev, char *line, const struct lg_arg *args,
		  unsigned int nr, void *out)
{
	unsigned long seen = 0;
	unsigned int i;
	char *text;
	int err;

	for (i = 0; i < nr; i++)
		*(u64 *)(out + args[i].offset) = args[i].def;
	while ((text = strsep(&line, " \t\n"))) {
		if (!*text)
			continue;
		err = read_arg(dev, text, args, nr, out, &seen);
		if (err)
			return err;
	}
	for (i = 0; i < nr; i++) {
		if (args[i].required && !test_bit(i, &seen)) {
			dev_err(&dev->xdev->dev, "%s is missing\n",
				args[i].name);
			return -EINVAL;
		}
	}
	return 0;
}
