/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_SETTLED_H
#define FRONTEND_SETTLED_H

#include "frontend.h"

int settled_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);

#endif
