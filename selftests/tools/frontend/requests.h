/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_REQUESTS_H
#define FRONTEND_REQUESTS_H

#include "frontend.h"

int requests_all(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);

#endif
