/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_PROMISES_H
#define FRONTEND_PROMISES_H

#include "frontend.h"

int answers_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);
int stable_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

int stable_above(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);
int readonly_disk(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number);

#endif
