/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_GATE_H
#define FRONTEND_GATE_H

#include "frontend.h"

int gate_all(struct share *share, struct xs_handle *store, const char *node,
	     unsigned int number);

#endif
