/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_CLOSING_H
#define FRONTEND_CLOSING_H

#include "frontend.h"

int closing_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);

#endif
