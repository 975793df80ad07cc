// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The words by which hotplug scripts name what is below a vbd. Pure: text in,
 * numbers out.
 */

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "store.h"

/* At least one hexadecimal digit and at most some; NULL, or what follows. */
static const char *hex(const char *text, unsigned int digits, u64 *value)
{
	unsigned int i;
	int digit;

	*value = 0;
	for (i = 0; i < digits; i++) {
		digit = hex_to_bin(text[i]);
		if (digit < 0)
			break;
		*value = *value << 4 | digit;
	}
	return i ? text + i : NULL;
}

/**
 * blkback_where_device() - read "physical-device"
 * @text: major and minor number, hexadecimal, with a colon between
 *	(docs/misc/block-scripts.txt of Xen)
 * @device: filled on success
 *
 * Return: 0 or -EINVAL.
 */
int blkback_where_device(const char *text, dev_t *device)
{
	u64 major, minor;
	const char *end;

	end = hex(text, 8, &major);
	if (!end || *end != ':')
		return -EINVAL;
	end = hex(end + 1, 8, &minor);
	if (!end || *end || major >= BIT(12) || minor > MINORMASK)
		return -EINVAL;
	*device = MKDEV((u32)major, (u32)minor);
	return 0;
}

/**
 * blkback_where_diskseq() - read "diskseq"
 * @text: 1 to 16 hexadecimal digits; no disk has the number 0
 * @diskseq: filled on success
 *
 * Return: 0 or -EINVAL.
 */
int blkback_where_diskseq(const char *text, u64 *diskseq)
{
	u64 value;
	const char *end = hex(text, 16, &value);

	if (!end || *end || !value)
		return -EINVAL;
	*diskseq = value;
	return 0;
}

/**
 * blkback_where_path() - check "physical-device-path"
 * @text: an absolute path
 *
 * Return: 0 or -EINVAL.
 */
int blkback_where_path(const char *text)
{
	return *text == '/' && strlen(text) < PATH_MAX ? 0 : -EINVAL;
}
