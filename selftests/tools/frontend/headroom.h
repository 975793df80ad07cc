/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_HEADROOM_H
#define FRONTEND_HEADROOM_H

#include "frontend.h"

int headroom_all(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);
/* Of a backend that offers none. */
int headroom_none(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number);
/* The same module, loaded anew so that it offers none, under one that was told. */
int headroom_told(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number);

#endif
