// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A played frontend's part in xenstore, and the toolstack's. */

#include "play.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAYS_MS 400
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

/* A while, not once: another state may be written last. */
static int stays(struct play *play, char **words)
{
	unsigned int i;

	for (i = 0; i < STAYS_MS / POLL_MS; i++) {
		int state = device_read_state(&play->dev, play->dev.back);

		if (!among(words, state)) {
			fprintf(stderr, "the backend goes on to state %d\n",
				state);
			return -EPROTO;
		}
		usleep(POLL_MS * 1000);
	}
	return 0;
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

void play_folder(struct play *play, unsigned int queue,
		 char folder[PLAY_FOLDER])
{
	if (play->nr_made == 1)
		snprintf(folder, PLAY_FOLDER, "%s", play->dev.front);
	else
		snprintf(folder, PLAY_FOLDER, "%s/queue-%u", play->dev.front,
			 queue);
}

static int write_keys(struct play *play, char **words)
{
	int err = 0;

	for (; *words && !err; words++) {
		char *value = strchr(*words, '=');

		if (!value) {
			err = play->kind->write_known(play, *words);
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
	char folder[PLAY_FOLDER];
	unsigned int i;
	int err = 0;

	for (i = 0; i < play->nr_made && !err; i++) {
		play_folder(play, i, folder);
		err = remove_key(play, folder, key);
	}
	return err;
}

static int remove_keys(struct play *play, char **words)
{
	int err = 0;

	for (; *words && !err; words++)
		if (play->kind->is_known(*words))
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
	char command[80];

	(void)words;
	snprintf(command, sizeof(command), "/etc/xen/scripts/reload-backend %s",
		 play->kind->backend);
	return system(command);
}

const struct play_command play_hands[] = {
	{ "state", 1, set_states },   { "await", 1, await },
	{ "leave", 1, leave },	      { "stays", 1, stays },
	{ "need", 1, need },	      { "note", 1, note },
	{ "queues", 2, set_queues },  { "write", 1, write_keys },
	{ "remove", 1, remove_keys }, { "transaction", 1, transaction },
	{ "detach", 0, detach },      { "destroy", 0, destroy },
	{ "reload", 0, load_again },  {},
};
