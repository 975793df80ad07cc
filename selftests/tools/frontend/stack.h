/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_STACK_H
#define FRONTEND_STACK_H

#include "frontend.h"

int stack_all(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number);

#endif
