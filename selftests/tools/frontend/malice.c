// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What a hostile frontend does, each with a ring that worked before. */

#include "blkif.h"

#include <errno.h>
#include <string.h>

#define FAR_AWAY 100000
#define SILENCE_MS 2000

static int expect_silence(struct blk *blk)
{
	unsigned int before = blk->sring->rsp_prod;

	while (share_wait(blk->share, SILENCE_MS) == 0)
		;
	if (blk->sring->rsp_prod != before) {
		fprintf(stderr, "the ring answers %u requests that are none\n",
			blk->sring->rsp_prod - before);
		return -EPROTO;
	}
	return 0;
}

/*
 * One request that is answered, then a producer far out of range: the ring
 * must halt without an answer, also for a valid producer after it.
 */
int malice_far_producer(struct share *share, struct xs_handle *store,
			const char *node, unsigned int number)
{
	struct blk blk;
	int err, ended;

	err = blk_connect(&blk, share, store, node, number);
	err = err ?: blk_read(&blk, 0);
	if (!err) {
		printf("a normal read is answered\n");
		blk.sring->req_prod += FAR_AWAY;
		xen_wmb();
		xenevtchn_notify(share->events, share->port);
		err = expect_silence(&blk);
	}
	if (!err) {
		printf("the ring halted\n");
		blk.sring->req_prod = blk.ring.req_prod_pvt + 1;
		xen_wmb();
		xenevtchn_notify(share->events, share->port);
		err = expect_silence(&blk);
	}
	ended = blk_disconnect(&blk);
	if (!ended)
		printf("the device closed\n");
	return err ?: ended;
}
