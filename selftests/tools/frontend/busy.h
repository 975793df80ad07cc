/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_BUSY_H
#define FRONTEND_BUSY_H

#include "frontend.h"

#include <stdbool.h>

int busy_disk(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number, bool persistent);

#endif
