/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What a guest has set of the hash, kept for the module that comes next.
 *
 * keep.c: netback_keep_write() netback_keep_read()
 */
#ifndef XEN_BACKENDS_NETBACK_KEEP_H
#define XEN_BACKENDS_NETBACK_KEEP_H

struct netback_hash;
struct xbe_device;

void netback_keep_write(struct xbe_device *xbe,
			const struct netback_hash *hash);
void netback_keep_read(struct xbe_device *xbe, struct netback_hash *hash);

#endif
