/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_FAIRNESS_H
#define FRONTEND_FAIRNESS_H

#include "frontend.h"

#include <stdbool.h>

int honest_reader(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number, unsigned int count);
int nuisance_disk(struct share *share, struct xs_handle *store,
		  const char *node, unsigned int number, bool hostile);

#endif
