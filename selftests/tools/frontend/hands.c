// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A played frontend's part in xenstore, and the rings that it makes. */

#include "play.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT_TRIES (PLAY_WAIT_SECONDS * 1000 / POLL_MS)

/* A key of the backend: -ENOENT when there is none, which is no error here. */
int play_read(struct play *play, const char *key, unsigned long *number)
{
	char node[PATH_SIZE + 64];
	unsigned int length;
	char *value;
	int err;

	snprintf(node, sizeof(node), "%s/%s", play->dev.back, key);
	value = xs_read(play->dev.store, XBT_NULL, node, &length);
	if (!value)
		return -ENOENT;
	err = play_number(value, ULONG_MAX, number);
	free(value);
	return err;
}

static int set_states(struct play *play, char **words)
{
	unsigned long state;
	int err = 0;

	for (; *words && !err; words++) {
		err = play_number(*words, XenbusStateReconfigured, &state);
		err = err ?: device_set_state(&play->dev, state);
	}
	return err;
}

static bool among(char **words, int state)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", state);
	for (; *words; words++)
		if (!strcmp(*words, text))
			return true;
	return false;
}

static int wait_backend(struct play *play, char **words, bool wanted)
{
	int tries = WAIT_TRIES;

	while (tries-- > 0) {
		int state = device_read_state(&play->dev, play->dev.back);

		if (among(words, state) == wanted)
			return 0;
		usleep(POLL_MS * 1000);
	}
	fprintf(stderr, "the backend does not %s state %s\n",
		wanted ? "come to" : "leave", words[0]);
	return -ETIMEDOUT;
}

static int await(struct play *play, char **words)
{
	return wait_backend(play, words, true);
}

static int leave(struct play *play, char **words)
{
	return wait_backend(play, words, false);
}

static int need(struct play *play, char **words)
{
	char node[PATH_SIZE + 64];
	unsigned int length;
	char *value;

	for (; *words; words++) {
		snprintf(node, sizeof(node), "%s/%s", play->dev.back, *words);
		value = xs_read(play->dev.store, XBT_NULL, node, &length);
		if (!value || !length) {
			fprintf(stderr, "%s is missing or empty\n", node);
			free(value);
			return -ENOENT;
		}
		free(value);
	}
	return 0;
}

static int note(struct play *play, char **words)
{
	int err = 0;

	for (; *words && !err; words++) {
		struct play_note *note = &play->notes[play->nr_notes];

		if (play->nr_notes == PLAY_NOTES)
			return -ENOSPC;
		snprintf(note->key, sizeof(note->key), "%s", *words);
		note->value = 0;
		err = play_read(play, *words, &note->value);
		if (err == -ENOENT)
			err = 0;
		play->nr_notes++;
	}
	return err;
}

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
	for (play->nr_pages = 1; play->nr_pages * 2 <= most;
	     play->nr_pages *= 2)
		if (play->nr_pages * 2 > pages)
			break;
	return 0;
}

static int set_queues(struct play *play, char **words)
{
	unsigned long most, value;
	int err = play_number(words[0], PLAY_QUEUES, &most);

	err = err ?: play_read(play, words[1], &value);
	if (err) {
		fprintf(stderr, "%s cannot be read\n", words[1]);
		return err;
	}
	play->nr_queues = value < most ? value : most;
	return 0;
}

static int make_ring(struct play *play, struct play_ring *ring)
{
	blkif_sring_t *sring;
	int err = share_pages(&ring->share, play->nr_pages, true, &ring->pages,
			      ring->refs);

	err = err ?: share_bind(&ring->share);
	if (err)
		return err;
	sring = ring->pages;
	SHARED_RING_INIT(sring);
	FRONT_RING_INIT(&ring->front, sring,
			(size_t)play->nr_pages * PLAY_PAGE);
	ring->pending = 0;
	return 0;
}

static int make_rings(struct play *play, char **words)
{
	int err = 0;

	if (play->nr_rings || *words) {
		fprintf(stderr, "there are rings already\n");
		return -EBUSY;
	}
	play->nr_pages = play->nr_pages ?: 1;
	play->nr_queues = play->nr_queues ?: 1;
	while (play->nr_rings < play->nr_queues && !err) {
		struct play_ring *ring = &play->ring[play->nr_rings];

		memset(ring, 0, sizeof(*ring));
		err = share_open(&ring->share);
		if (err)
			return err;
		play->nr_rings++;
		err = make_ring(play, ring);
	}
	return err;
}

static int unbind(struct play *play, char **words)
{
	unsigned int i;

	(void)words;
	for (i = 0; i < play->nr_rings; i++)
		share_unbind(&play->ring[i].share);
	return 0;
}

/* Also of what is left at the end: then there are no words. */
int play_unring(struct play *play, char **words)
{
	unsigned int i;

	unbind(play, words);
	for (i = 0; i < play->nr_rings; i++) {
		struct play_ring *ring = &play->ring[i];

		share_free_pages(&ring->share, ring->pages, play->nr_pages);
		share_close(&ring->share);
	}
	play->nr_rings = 0;
	play->nr_pages = 0;
	play->nr_queues = 0;
	return 0;
}

static int write_refs(struct play *play, const char *folder,
		      struct play_ring *ring)
{
	unsigned int i;
	char key[32];
	int err = 0;

	if (play->nr_pages == 1)
		return device_write(&play->dev, folder, "ring-ref", "%u",
				    ring->refs[0]);
	for (i = 0; i < play->nr_pages && !err; i++) {
		snprintf(key, sizeof(key), "ring-ref%u", i);
		err = device_write(&play->dev, folder, key, "%u",
				   ring->refs[i]);
	}
	return err;
}

/* Where a queue has its keys: a folder of its own when there are several. */
static void set_folder(struct play *play, unsigned int queue,
		       char folder[PATH_SIZE + 20])
{
	if (play->nr_rings == 1)
		snprintf(folder, PATH_SIZE + 20, "%s", play->dev.front);
	else
		snprintf(folder, PATH_SIZE + 20, "%s/queue-%u", play->dev.front,
			 queue);
}

static int write_each(struct play *play, bool refs)
{
	char folder[PATH_SIZE + 20];
	unsigned int i;
	int err = 0;

	for (i = 0; i < play->nr_rings && !err; i++) {
		struct play_ring *ring = &play->ring[i];

		set_folder(play, i, folder);
		if (refs)
			err = write_refs(play, folder, ring);
		else
			err = device_write(&play->dev, folder, "event-channel",
					   "%d", ring->share.port);
	}
	return err;
}

/* A key whose value is of the rings that were made. */
static int write_known(struct play *play, const char *key)
{
	struct device *dev = &play->dev;
	bool pages = says_order(key) || !strcmp(key, "num-ring-pages");
	unsigned int order = __builtin_ctz(play->nr_pages);

	if (!strcmp(key, "ring-ref"))
		return write_each(play, true);
	if (!strcmp(key, "event-channel"))
		return write_each(play, false);
	if (!strcmp(key, "multi-queue-num-queues"))
		return device_write(dev, dev->front, key, "%u", play->nr_rings);
	if (!pages) {
		fprintf(stderr, "%s needs a value\n", key);
		return -EINVAL;
	}
	if (play->nr_pages == 1)
		return 0;
	return device_write(dev, dev->front, key, "%u",
			    says_order(key) ? order : play->nr_pages);
}

static int write_keys(struct play *play, char **words)
{
	int err = 0;

	for (; *words && !err; words++) {
		char *value = strchr(*words, '=');

		if (!value) {
			err = write_known(play, *words);
			continue;
		}
		/* The words are used again where a transaction is. */
		*value = '\0';
		err = device_write(&play->dev, play->dev.front, *words, "%s",
				   value + 1);
		*value = '=';
	}
	return err;
}

static int transaction(struct play *play, char **words)
{
	struct device *dev = &play->dev;
	int err, tries;

	for (tries = 0; tries < 10; tries++) {
		dev->xbt = xs_transaction_start(dev->store);
		if (dev->xbt == XBT_NULL)
			return -errno;
		err = write_keys(play, words);
		if (xs_transaction_end(dev->store, dev->xbt, err)) {
			dev->xbt = XBT_NULL;
			return err;
		}
		dev->xbt = XBT_NULL;
		if (err || errno != EAGAIN)
			return err ?: -errno;
	}
	return -EAGAIN;
}

static int remove_key(struct play *play, const char *folder, const char *key)
{
	char node[PATH_SIZE + 80];

	snprintf(node, sizeof(node), "%s/%s", folder, key);
	if (xs_rm(play->dev.store, XBT_NULL, node))
		return 0;
	fprintf(stderr, "cannot remove %s: %s\n", node, strerror(errno));
	return -errno;
}

static int remove_each(struct play *play, const char *key)
{
	char folder[PATH_SIZE + 20];
	unsigned int i;
	int err = 0;

	for (i = 0; i < play->nr_rings && !err; i++) {
		set_folder(play, i, folder);
		err = remove_key(play, folder, key);
	}
	return err;
}

static int remove_keys(struct play *play, char **words)
{
	int err = 0;

	for (; *words && !err; words++)
		if (!strcmp(*words, "ring-ref") ||
		    !strcmp(*words, "event-channel"))
			err = remove_each(play, *words);
		else
			err = remove_key(play, play->dev.front, *words);
	return err;
}

static int detach(struct play *play, char **words)
{
	(void)words;
	return device_detach(&play->dev);
}

static int destroy(struct play *play, char **words)
{
	(void)words;
	device_erase(&play->dev);
	play->gone = true;
	return device_wait_gone(play->dev.type, play->dev.number);
}

static int load_again(struct play *play, char **words)
{
	(void)play;
	(void)words;
	return system("/etc/xen/scripts/reload-backend blkback");
}

const struct play_command play_hands[] = {
	{ "state", 1, set_states },
	{ "await", 1, await },
	{ "leave", 1, leave },
	{ "need", 1, need },
	{ "note", 1, note },
	{ "pages", 1, set_pages },
	{ "queues", 2, set_queues },
	{ "ring", 0, make_rings },
	{ "unbind", 0, unbind },
	{ "unring", 0, play_unring },
	{ "write", 1, write_keys },
	{ "remove", 1, remove_keys },
	{ "transaction", 1, transaction },
	{ "detach", 0, detach },
	{ "destroy", 0, destroy },
	{ "reload", 0, load_again },
	{},
};
