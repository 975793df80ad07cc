/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * How many grants stay mapped, of one domain and of all.
 *
 * kept.c:   blkback_kept_get() blkback_kept_put()
 *           blkback_kept_add() blkback_kept_sub()
 */
#ifndef XEN_BACKENDS_BLKBACK_KEPT_H
#define XEN_BACKENDS_BLKBACK_KEPT_H

#include <xen/interface/xen.h>

struct blkback_kept;

struct blkback_kept *blkback_kept_get(domid_t domid);
void blkback_kept_put(struct blkback_kept *kept);
bool blkback_kept_add(struct blkback_kept *kept);
void blkback_kept_sub(struct blkback_kept *kept);

#endif
