/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_CTRL_H
#define FRONTEND_CTRL_H

#include "frontend.h"

/* Messages of the control ring, good and bad, and packets that go by them. */
int ctrl_all(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number);
/* The same settings before and after the backend's module is loaded again. */
int ctrl_reload(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

#endif
