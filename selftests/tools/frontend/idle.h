/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_IDLE_H
#define FRONTEND_IDLE_H

#include "frontend.h"

/* Says where it is, and waits for a line on standard input. */
void pause_here(const char *what);
int idle_disks(struct share *share, struct xs_handle *store, const char *node,
	       unsigned int number, unsigned int count);
/* For one disk; its rings are large. */
int hoard_arrays(struct share *share, struct xs_handle *store, const char *node,
		 unsigned int number);

/* quiet.c */
int quiet_interfaces(struct xs_handle *store, unsigned int number,
		     unsigned int count, unsigned int queues);

#endif
