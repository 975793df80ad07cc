/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Where the checksum of a frame is that a guest has left blank.
 *
 * csum.c: netback_csum_find()
 */
#ifndef XEN_BACKENDS_NETBACK_CSUM_H
#define XEN_BACKENDS_NETBACK_CSUM_H

#include <linux/types.h>

/**
 * struct netback_csum - a checksum's place
 * @start: where summing begins, to the end of the frame
 * @at: where the sum goes, two bytes
 */
struct netback_csum {
	u16 start;
	u16 at;
};

bool netback_csum_find(const u8 *frame, unsigned int len,
		       struct netback_csum *csum);

#endif
