/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_POSTS_H
#define FRONTEND_POSTS_H

#include "frontend.h"

int posts_all(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number);

#endif
