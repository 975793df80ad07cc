/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_NEIGHBOUR_H
#define FRONTEND_NEIGHBOUR_H

#include "frontend.h"

int hoard_pages(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);
int storm_while_held(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number);
int flap_disk(struct share *share, struct xs_handle *store, const char *node,
	      unsigned int number);
int many_erases(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);

#endif
