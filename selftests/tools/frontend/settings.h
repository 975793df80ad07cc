/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_SETTINGS_H
#define FRONTEND_SETTINGS_H

#include "frontend.h"

int settings_all(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);

#endif
