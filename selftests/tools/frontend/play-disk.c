// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A played disk: the device, and how its frontend is. */

#include "blkif.h"
#include "play-disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int set_ids(struct play *play, char **words)
{
	static const char *const known[] = { "count", "slot", "pointer", "zero",
					     NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->disk->ids = chosen;
	return err;
}

static int set_notify(struct play *play, char **words)
{
	static const char *const known[] = { "asked", "always", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->disk->always_notify = chosen;
	return err;
}

static int set_answers(struct play *play, char **words)
{
	static const char *const known[] = { "event", "last", "poll", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->disk->answers = chosen;
	return err;
}

static int set_units(struct play *play, char **words)
{
	static const char *const known[] = { "sectors", "blocks", "mixed",
					     NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->disk->units = chosen;
	return err;
}

static const struct play_command settings[] = {
	{ "ids", 1, set_ids },
	{ "notify", 1, set_notify },
	{ "answers", 1, set_answers },
	{ "units", 1, set_units },
	{},
};

static void begin(struct play *play)
{
	play->disk->ids = IDS_COUNT;
	play->disk->always_notify = false;
	play->disk->answers = ANSWERS_EVENT;
	play->disk->units = UNITS_SECTORS;
}

static int create(struct play *play, struct xs_handle *store,
		  unsigned int number)
{
	struct blk blk = { 0 };
	int err = blk_create(&blk, store, play->disk->node, number);

	play->dev = blk.dev;
	return err;
}

static const struct play_command *const tables[] = { settings, play_rings,
						     play_moves, NULL };

static const struct play_kind kind = {
	.type = "vbd",
	.backend = "blkback",
	.tables = tables,
	.create = create,
	.begin = begin,
	.write_known = play_write_ring,
	.is_known = play_ring_key,
	.unring = play_unring,
};

int play_disk(struct xs_handle *store, const char *node, unsigned int number,
	      char **scripts)
{
	struct play play = { .kind = &kind };
	int err;

	play.disk = calloc(1, sizeof(*play.disk));
	if (!play.disk)
		return -ENOMEM;
	play.disk->node = node;
	err = play_scripts(&play, store, number, scripts);
	free(play.disk);
	return err;
}
