/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_ASKED_H
#define FRONTEND_ASKED_H

#include "frontend.h"

int asked_disk(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number);

#endif
