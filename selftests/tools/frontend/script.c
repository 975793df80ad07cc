// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Scripts: their lines, the commands that are looked up, a device's life. */

#include "play.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 512
#define MOST_WORDS 32

/* A number from 0 on, as a script or a backend writes it. */
int play_number(const char *word, unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(word, &end, 10);
	if (errno || end == word || *end || *number > most) {
		fprintf(stderr, "%s is not a number from 0 to %lu\n", word,
			most);
		return -EINVAL;
	}
	return 0;
}

/* Words NAME=NUMBER, or NAME for 1. */
int play_options(char **words, const struct play_option *options)
{
	const struct play_option *option;

	for (; *words; words++) {
		size_t length = strcspn(*words, "=");

		for (option = options; option->name; option++)
			if (strlen(option->name) == length &&
			    !memcmp(option->name, *words, length))
				break;
		if (!option->name) {
			fprintf(stderr, "%s is none of its words\n", *words);
			return -EINVAL;
		}
		*option->value = 1;
		if ((*words)[length] &&
		    play_number(*words + length + 1, UINT_MAX, option->value))
			return -EINVAL;
	}
	return 0;
}

int play_choose(const char *word, const char *const *known,
		unsigned int *chosen)
{
	for (*chosen = 0; known[*chosen]; (*chosen)++)
		if (!strcmp(word, known[*chosen]))
			return 0;
	fprintf(stderr, "%s is none of the words that may stand there\n", word);
	return -EINVAL;
}

static int run_words(struct play *play, char **words);

static int run_if(struct play *play, char **words)
{
	unsigned int i;

	for (i = 0; i < play->nr_notes; i++)
		if (!strcmp(play->notes[i].key, words[0]))
			break;
	if (i == play->nr_notes) {
		fprintf(stderr, "%s was not noted\n", words[0]);
		return -EINVAL;
	}
	if (play->notes[i].value)
		return run_words(play, words + 1);
	printf("no %s: it had not read %s\n", words[1], words[0]);
	return 0;
}

static const struct play_command *find(const struct play_command *commands,
				       const char *name)
{
	for (; commands->name; commands++)
		if (!strcmp(commands->name, name))
			return commands;
	return NULL;
}

static int run_when(struct play *play, char **words)
{
	unsigned long state;
	int err = play_number(words[0], XenbusStateReconfigured, &state);

	if (err || device_read_state(&play->dev, play->dev.back) != (int)state)
		return err;
	return run_words(play, words + 1);
}

static const struct play_command conditions[] = {
	{ "if", 2, run_if },
	{ "when", 2, run_when },
	{},
};

static int run_words(struct play *play, char **words)
{
	const struct play_command *const *table = play->kind->tables;
	const struct play_command *command = find(play_hands, words[0]);
	unsigned int nr = 0;

	command = command ?: find(conditions, words[0]);
	for (; !command && *table; table++)
		command = find(*table, words[0]);
	if (!command) {
		fprintf(stderr, "there is no command %s\n", words[0]);
		return -EINVAL;
	}
	while (words[1 + nr])
		nr++;
	if (nr < command->words) {
		fprintf(stderr, "%s needs %u words\n", words[0],
			command->words);
		return -EINVAL;
	}
	return command->run(play, words + 1);
}

static int run_line(struct play *play, char *line)
{
	char *words[MOST_WORDS + 1];
	unsigned int nr = 0;
	char *word, *rest;

	line[strcspn(line, "#\n")] = '\0';
	for (word = strtok_r(line, " \t", &rest); word && nr < MOST_WORDS;
	     word = strtok_r(NULL, " \t", &rest))
		words[nr++] = word;
	words[nr] = NULL;
	if (word) {
		fprintf(stderr, "more than %u words\n", MOST_WORDS);
		return -EINVAL;
	}
	return nr ? run_words(play, words) : 0;
}

static int run_script(struct play *play, const char *path)
{
	unsigned int before = play->answered, number = 0;
	char line[LINE_SIZE];
	FILE *file = fopen(path, "r");
	int err = 0;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	play->nr_notes = 0;
	play->kind->begin(play);
	while (!err && fgets(line, sizeof(line), file)) {
		number++;
		err = run_line(play, line);
	}
	fclose(file);
	if (err)
		fprintf(stderr, "%s:%u: failed, the backend is in state %d\n",
			path, number,
			device_read_state(&play->dev, play->dev.back));
	else
		printf("%s: %u requests answered\n", path,
		       play->answered - before);
	return err;
}

/* The toolstack makes the device, the scripts are played, it goes. */
int play_scripts(struct play *play, struct xs_handle *store,
		 unsigned int number, char **scripts)
{
	int err, ended = 0;

	err = play->kind->create(play, store, number);
	for (; !err && *scripts; scripts++)
		err = run_script(play, *scripts);
	if (!play->gone)
		ended = device_end(&play->dev);
	ended = ended ?: device_wait_gone(play->kind->type, number);
	play->kind->unring(play);
	return err ?: ended;
}
