// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The command line of the frontend in user space. */

#include "blkif.h"
#include "busy.h"
#include "erase.h"
#include "gate.h"
#include "idle.h"
#include "netif.h"
#include "packets.h"
#include "play.h"
#include "requests.h"

#include <stdlib.h>
#include <string.h>

struct context {
	struct share share;
	struct xs_handle *store;
	const char *node; /* a block device or a file, for disks */
	unsigned int number;
	unsigned int count;
	char **scripts; /* of play, with NULL behind the last */
};

static int cycle_vbd(struct context *context)
{
	struct blk blk;
	int err, ended;

	err = blk_connect(&blk, &context->share, context->store, context->node,
			  context->number);
	err = err ?: blk_read(&blk, 0);
	ended = blk_disconnect(&blk);
	return err ?: ended;
}

static int cycle_vif(struct context *context)
{
	struct net net;
	int err, ended;

	err = net_connect(&net, &context->share, context->store,
			  context->number);
	ended = net_disconnect(&net);
	return err ?: ended;
}

static int far_producer(struct context *context)
{
	return malice_far_producer(&context->share, context->store,
				   context->node, context->number);
}

/* COUNT is how many at once: they are all made in the first round. */
static int idle(struct context *context)
{
	unsigned int count = context->count;

	context->count = 1;
	return idle_disks(&context->share, context->store, context->node,
			  context->number, count);
}

static int requests(struct context *context)
{
	return requests_all(&context->share, context->store, context->node,
			    context->number);
}

static int packets(struct context *context)
{
	return packets_all(&context->share, context->store, context->number);
}

static int gate(struct context *context)
{
	return gate_all(&context->share, context->store, context->node,
			context->number);
}

static int busy(struct context *context)
{
	return busy_disk(&context->share, context->store, context->node,
			 context->number, false);
}

static int busy_mapped(struct context *context)
{
	return busy_disk(&context->share, context->store, context->node,
			 context->number, true);
}

static int erase(struct context *context)
{
	return erase_disk(&context->share, context->store, context->node,
			  context->number);
}

static int play(struct context *context)
{
	return play_scripts(context->store, context->node, context->number,
			    context->scripts);
}

static const struct {
	const char *name;
	int (*work)(struct context *context);
} commands[] = {
	{ "vbd", cycle_vbd },
	{ "vif", cycle_vif },
	{ "far-producer", far_producer },
	{ "requests", requests },
	{ "packets", packets },
	{ "idle", idle },
	{ "barriers", gate },
	{ "busy", busy },
	{ "busy-mapped", busy_mapped },
	{ "erase", erase },
	{ "play", play },
};

static int repeat(struct context *context, int (*work)(struct context *))
{
	unsigned int round;
	int err;

	for (round = 0; round < context->count; round++) {
		err = work(context);
		if (err) {
			fprintf(stderr, "round %u failed\n", round);
			return err;
		}
	}
	return device_wait_gone("vbd", context->number) ?:
		       device_wait_gone("vif", context->number);
}

int main(int argc, char **argv)
{
	bool plays = argc > 1 && !strcmp(argv[1], "play");
	struct context context = { 0 };
	unsigned int which;
	int err = -1;

	if (argc < 5 || (plays ? argc == 5 : argc > 5)) {
		fprintf(stderr, "usage: %s %s COUNT NUMBER DISK\n", argv[0],
			"vbd|vif|far-producer|requests|packets|idle|barriers|busy|busy-mapped|erase");
		fprintf(stderr, "       %s play COUNT NUMBER DISK SCRIPT...\n",
			argv[0]);
		return 2;
	}
	context.count = atoi(argv[2]);
	context.number = atoi(argv[3]);
	context.node = argv[4];
	context.scripts = argv + 5;
	context.store = xs_open(0);
	if (!context.store || share_open(&context.share))
		return 1;
	for (which = 0; which < sizeof(commands) / sizeof(commands[0]); which++)
		if (!strcmp(commands[which].name, argv[1]))
			err = repeat(&context, commands[which].work);
	share_close(&context.share);
	xs_close(context.store);
	return err ? 1 : 0;
}
