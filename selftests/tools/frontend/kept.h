/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_KEPT_H
#define FRONTEND_KEPT_H

#include "frontend.h"

int kept_interface(struct share *share, struct xs_handle *store,
		   const char *node, unsigned int number);

#endif
