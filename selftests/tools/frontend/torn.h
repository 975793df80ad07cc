/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_TORN_H
#define FRONTEND_TORN_H

#include "frontend.h"

int torn_blocks(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

#endif
