/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_CHAINED_H
#define FRONTEND_CHAINED_H

#include "frontend.h"

int chained_all(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

#endif
