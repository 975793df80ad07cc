/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_RATE_H
#define FRONTEND_RATE_H

#include "frontend.h"

int rate_all(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number);

#endif
