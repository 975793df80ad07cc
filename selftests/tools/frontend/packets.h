/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_PACKETS_H
#define FRONTEND_PACKETS_H

#include "frontend.h"

int packets_all(struct share *share, struct xs_handle *store,
		unsigned int number);

#endif
