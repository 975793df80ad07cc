/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_SMALL_H
#define FRONTEND_SMALL_H

#include "frontend.h"

int small_after_reload(struct share *share, struct xs_handle *store,
		       const char *node, unsigned int number);
int small_blocks(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);
/* On a device that is mapped onto /dev/nullb0 from its first block on. */
int fresh_blocks(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);

#endif
