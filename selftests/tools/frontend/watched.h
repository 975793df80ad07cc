/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_WATCHED_H
#define FRONTEND_WATCHED_H

#include "frontend.h"

int watched_all(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

#endif
