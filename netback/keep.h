/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a guest has set, kept for the module that comes next.
 *
 * keep.c: netback_keep_save() netback_keep_load() and, of the hash,
 *         netback_keep_write() netback_keep_read()
 */
#ifndef XEN_BACKENDS_NETBACK_KEEP_H
#define XEN_BACKENDS_NETBACK_KEEP_H

#include <linux/types.h>

struct netback_hash;
struct xbe_device;

void netback_keep_save(struct xbe_device *xbe, const char *node,
		       const void *data, size_t size);
bool netback_keep_load(struct xbe_device *xbe, const char *node, void *data,
		       size_t size);
void netback_keep_write(struct xbe_device *xbe,
			const struct netback_hash *hash);
void netback_keep_read(struct xbe_device *xbe, struct netback_hash *hash);

#endif
