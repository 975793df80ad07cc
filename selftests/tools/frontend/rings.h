/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef FRONTEND_RINGS_H
#define FRONTEND_RINGS_H

#include "blkif.h"

#define QUEUES 2

/* A disk of two queues. */
struct rings {
	struct blk blk[QUEUES];
	struct share second; /* the share of ring 1: a share has one port */
};

/* A limit is of requests a second; 0 is none. */
int rings_connect(struct rings *rings, struct share *share,
		  struct xs_handle *store, const char *node,
		  unsigned int number, unsigned int limit);
int rings_end(struct rings *rings);
void rings_free(struct rings *rings);
/* What debugfs has of a ring of a disk of this domain's, or -1. */
int ring_figure(unsigned int number, unsigned int queue, const char *name);

#endif
