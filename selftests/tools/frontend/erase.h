/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_ERASE_H
#define FRONTEND_ERASE_H

#include "frontend.h"

int erase_disk(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number);

#endif
