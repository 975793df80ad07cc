/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_SHRUNK_H
#define FRONTEND_SHRUNK_H

#include "frontend.h"

int shrunk_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

#endif
