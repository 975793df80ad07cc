/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_GROUPS_H
#define FRONTEND_GROUPS_H

#include "frontend.h"

int groups_all(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number);

#endif
