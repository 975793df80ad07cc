/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_DEAD_H
#define FRONTEND_DEAD_H

#include "frontend.h"

int dead_disks(struct xs_handle *store, const char *node, unsigned int number,
	       unsigned int count);

#endif
