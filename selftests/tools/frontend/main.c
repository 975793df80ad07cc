// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The command line of the frontend in user space. */

#include "asked.h"
#include "blkif.h"
#include "busy.h"
#include "chained.h"
#include "closing.h"
#include "ctrl.h"
#include "dead.h"
#include "erase.h"
#include "fairness.h"
#include "flushes.h"
#include "gate.h"
#include "groups.h"
#include "headroom.h"
#include "idle.h"
#include "kept.h"
#include "neighbour.h"
#include "netif.h"
#include "packets.h"
#include "play-disk.h"
#include "play-vif.h"
#include "posts.h"
#include "promises.h"
#include "rate.h"
#include "requests.h"
#include "settings.h"
#include "settled.h"
#include "shrunk.h"
#include "small.h"
#include "stack.h"
#include "torn.h"
#include "watched.h"

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

/* COUNT is how many at once: they are all made in the first round. */
static int idle(struct context *context)
{
	unsigned int count = context->count;

	context->count = 1;
	return idle_disks(&context->share, context->store, context->node,
			  context->number, count);
}

/* The last word is how many queues each has. */
static int idle_vif(struct context *context)
{
	unsigned int count = context->count;

	context->count = 1;
	return quiet_interfaces(context->store, context->number, count,
				atoi(context->node));
}

static int packets(struct context *context)
{
	return packets_all(&context->share, context->store, context->number);
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

/* COUNT is of requests, or of what a nuisance is. */
static int honest(struct context *context)
{
	unsigned int count = context->count;

	context->count = 1;
	return honest_reader(&context->share, context->store, context->node,
			     context->number, count);
}

static int nuisance(struct context *context)
{
	unsigned int hostile = context->count > 1;

	context->count = 1;
	return nuisance_disk(&context->share, context->store, context->node,
			     context->number, hostile);
}

static int dead(struct context *context)
{
	unsigned int count = context->count;

	context->count = 1;
	return dead_disks(context->store, context->node, context->number,
			  count);
}

static int play(struct context *context)
{
	return play_disk(context->store, context->node, context->number,
			 context->scripts);
}

static int play_interface(struct context *context)
{
	return play_vif(context->store, context->number, context->scripts);
}

/* Most want no more than a disk. */
static const struct command {
	const char *name;
	int (*work)(struct context *context);
	int (*plain)(struct share *share, struct xs_handle *store,
		     const char *node, unsigned int number);
} commands[] = {
	{ "vbd", .work = cycle_vbd },
	{ "vif", .work = cycle_vif },
	{ "packets", .work = packets },
	{ "idle", .work = idle },
	{ "idle-vif", .work = idle_vif },
	{ "busy", .work = busy },
	{ "busy-mapped", .work = busy_mapped },
	{ "dead", .work = dead },
	{ "honest", .work = honest },
	{ "nuisance", .work = nuisance },
	{ "play", .work = play },
	{ "play-vif", .work = play_interface },
	{ "requests", .plain = requests_all },
	{ "far-producer", .plain = malice_far_producer },
	{ "barriers", .plain = gate_all },
	{ "erase", .plain = erase_disk },
	{ "closing", .plain = closing_disk },
	{ "asked", .plain = asked_disk },
	{ "settled", .plain = settled_disk },
	{ "answers", .plain = answers_disk },
	{ "flushes", .plain = flushes_disk },
	{ "no-flushes", .plain = no_flushes_disk },
	{ "flush-errors", .plain = flush_errors_disk },
	{ "two-flushes", .plain = two_flushes_disk },
	{ "cached", .plain = cached_disk },
	{ "cached-file", .plain = cached_file_disk },
	{ "readonly", .plain = readonly_disk },
	{ "stable-above", .plain = stable_above },
	{ "stable", .plain = stable_disk },
	{ "shrunk", .plain = shrunk_disk },
	{ "small", .plain = small_blocks },
	{ "fresh", .plain = fresh_blocks },
	{ "small-reload", .plain = small_after_reload },
	{ "torn", .plain = torn_blocks },
	{ "hoard", .plain = hoard_pages },
	{ "arrays", .plain = hoard_arrays },
	{ "held", .plain = storm_while_held },
	{ "erases", .plain = many_erases },
	{ "flap", .plain = flap_disk },
	{ "rate", .plain = rate_all },
	{ "settings", .plain = settings_all },
	{ "headroom", .plain = headroom_all },
	{ "headroom-none", .plain = headroom_none },
	{ "headroom-told", .plain = headroom_told },
	{ "watched", .plain = watched_all },
	{ "kept", .plain = kept_interface },
	{ "groups", .plain = groups_all },
	{ "stack", .plain = stack_all },
	{ "chained", .plain = chained_all },
	{ "posts", .plain = posts_all },
	{ "ctrl", .plain = ctrl_all },
	{ "ctrl-reload", .plain = ctrl_reload },
	{ .name = NULL },
};

static const struct command *find_command(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static int once(struct context *context, const struct command *command)
{
	if (command->work)
		return command->work(context);
	return command->plain(&context->share, context->store, context->node,
			      context->number);
}

static int repeat(struct context *context, const struct command *command)
{
	unsigned int round;
	int err;

	for (round = 0; round < context->count; round++) {
		err = once(context, command);
		if (err) {
			fprintf(stderr, "round %u failed\n", round);
			return err;
		}
	}
	return device_wait_gone("vbd", context->number) ?:
		       device_wait_gone("vif", context->number);
}

static void complain(const char *program)
{
	const struct command *command;

	fprintf(stderr, "usage: %s COMMAND COUNT NUMBER DISK\n", program);
	fprintf(stderr, "       %s play COUNT NUMBER DISK SCRIPT...\n",
		program);
	fprintf(stderr,
		"       %s play-vif COUNT NUMBER - SCRIPT...\ncommands:",
		program);
	for (command = commands; command->name; command++)
		fprintf(stderr, " %s", command->name);
	fprintf(stderr, "\n");
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	bool plays = command &&
		     (command->work == play || command->work == play_interface);
	struct context context = { 0 };
	int err;

	if (!command || argc < 5 || (plays ? argc == 5 : argc > 5)) {
		complain(argv[0]);
		return 2;
	}
	context.count = atoi(argv[2]);
	context.number = atoi(argv[3]);
	context.node = argv[4];
	context.scripts = argv + 5;
	context.store = xs_open(0);
	if (!context.store || share_open(&context.share))
		return 1;
	err = repeat(&context, command);
	share_close(&context.share);
	xs_close(context.store);
	return err ? 1 : 0;
}
