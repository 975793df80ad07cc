/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_FLUSHES_H
#define FRONTEND_FLUSHES_H

#include "frontend.h"

int cached_disk(struct share *share, struct xs_handle *store, const char *node,
		unsigned int number);
int cached_file_disk(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number);
int flushes_disk(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);
int no_flushes_disk(struct share *share, struct xs_handle *store,
		    const char *node, unsigned int number);
int flush_errors_disk(struct share *share, struct xs_handle *store,
		      const char *node, unsigned int number);
int two_flushes_disk(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number);

#endif
