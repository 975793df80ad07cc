// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The rings of a played disk, and their keys. */

#include "play-disk.h"

#include <errno.h>
#include <string.h>

static bool says_order(const char *key)
{
	return strstr(key, "-order");
}

/* As many as the last of the keys says that is there, a power of two. */
static int set_pages(struct play *play, char **words)
{
	unsigned long most, pages = 1, value;
	int err = play_number(words[0], PLAY_RING_PAGES, &most);

	while (*++words && !err) {
		err = play_read(play, *words, &value);
		if (!err)
			pages = says_order(*words) ? 1ul << (value & 31) :
						     value;
		else if (err == -ENOENT)
			err = 0;
	}
	if (err)
		return err;
	for (play->disk->nr_pages = 1; play->disk->nr_pages * 2 <= most;
	     play->disk->nr_pages *= 2)
		if (play->disk->nr_pages * 2 > pages)
			break;
	return 0;
}

static int make_ring(struct play *play, struct play_ring *ring)
{
	blkif_sring_t *sring;
	int err = share_pages(&ring->share, play->disk->nr_pages, true,
			      &ring->pages, ring->refs);

	err = err ?: share_bind(&ring->share);
	if (err)
		return err;
	sring = ring->pages;
	SHARED_RING_INIT(sring);
	FRONT_RING_INIT(&ring->front, sring,
			(size_t)play->disk->nr_pages * PLAY_PAGE);
	ring->pending = 0;
	return 0;
}

static int make_rings(struct play *play, char **words)
{
	int err = 0;

	if (play->nr_made || *words) {
		fprintf(stderr, "there are rings already\n");
		return -EBUSY;
	}
	play->disk->nr_pages = play->disk->nr_pages ?: 1;
	play->nr_queues = play->nr_queues ?: 1;
	while (play->nr_made < play->nr_queues && !err) {
		struct play_ring *ring = &play->disk->ring[play->nr_made];

		memset(ring, 0, sizeof(*ring));
		err = share_open(&ring->share);
		if (err)
			return err;
		play->nr_made++;
		err = make_ring(play, ring);
	}
	return err;
}

static int unbind(struct play *play, char **words)
{
	unsigned int i;

	(void)words;
	for (i = 0; i < play->nr_made; i++)
		share_unbind(&play->disk->ring[i].share);
	return 0;
}

void play_unring(struct play *play)
{
	unsigned int i;

	unbind(play, NULL);
	for (i = 0; i < play->nr_made; i++) {
		struct play_ring *ring = &play->disk->ring[i];

		share_free_pages(&ring->share, ring->pages,
				 play->disk->nr_pages);
		share_close(&ring->share);
	}
	play->nr_made = 0;
	play->disk->nr_pages = 0;
	play->nr_queues = 0;
}

static int take_back(struct play *play, char **words)
{
	(void)words;
	play_unring(play);
	return 0;
}

static int write_refs(struct play *play, const char *folder,
		      struct play_ring *ring)
{
	unsigned int i;
	char key[32];
	int err = 0;

	if (play->disk->nr_pages == 1)
		return device_write(&play->dev, folder, "ring-ref", "%u",
				    ring->refs[0]);
	for (i = 0; i < play->disk->nr_pages && !err; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = device_write(&play->dev, folder, key, "%u",
				   ring->refs[i]);
	}
	return err;
}

static int write_each(struct play *play, bool refs)
{
	char folder[PLAY_FOLDER];
	unsigned int i;
	int err = 0;

	for (i = 0; i < play->nr_made && !err; i++) {
		struct play_ring *ring = &play->disk->ring[i];

		play_folder(play, i, folder);
		if (refs)
			err = write_refs(play, folder, ring);
		else
			err = device_write(&play->dev, folder, "event-channel",
					   "%d", ring->share.port);
	}
	return err;
}

bool play_ring_key(const char *key)
{
	return !strcmp(key, "ring-ref") || !strcmp(key, "event-channel");
}

/* A key whose value is of the rings that were made. */
int play_write_ring(struct play *play, const char *key)
{
	struct device *dev = &play->dev;
	bool pages = says_order(key) || !strcmp(key, "num-ring-pages");
	unsigned int order = __builtin_ctz(play->disk->nr_pages);

	if (!strcmp(key, "ring-ref"))
		return write_each(play, true);
	if (!strcmp(key, "event-channel"))
		return write_each(play, false);
	if (!strcmp(key, "multi-queue-num-queues"))
		return device_write(dev, dev->front, key, "%u", play->nr_made);
	if (!pages) {
		fprintf(stderr, "%s needs a value\n", key);
		return -EINVAL;
	}
	if (play->disk->nr_pages == 1)
		return 0;
	return device_write(dev, dev->front, key, "%u",
			    says_order(key) ? order : play->disk->nr_pages);
}

const struct play_command play_rings[] = {
	{ "pages", 1, set_pages },
	{ "ring", 0, make_rings },
	{ "unbind", 0, unbind },
	{ "unring", 0, take_back },
	{},
};
