// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A guest's end of what dom0 asks of it: commands come through xenstore and go
 * to a shell line by line, the shell's statuses go back. One program for all of a
 * guest's life: to start one for each of three keys takes a quarter of a second
 * under emulation.
 *
 * data/command holds "NUMBER SHELL COMMAND". It is written to standard output;
 * the shell answers "NUMBER STATUS" on standard input and leaves what the command
 * said in OUTPUT. data/reply becomes "NUMBER STATUS LAST OUTPUT". The whole output
 * is shown on standard error, the console.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#define OUTPUT "/tmp/output"
#define COMMAND "data/command"
#define REPLY "data/reply"
#define SHOWN 1000 /* bytes of output that fit a reply */

static struct xs_handle *store;

static void reply(const char *head, const char *text)
{
	char line[SHOWN + 64];

	snprintf(line, sizeof(line), "%s %s", head, text);
	if (!xs_write(store, XBT_NULL, REPLY, line, strlen(line)))
		perror("agent: " REPLY);
}

/* Shows all of the output; the last of it stays in text. */
static void show_output(char *text)
{
	static char all[1 << 20];
	FILE *output = fopen(OUTPUT, "r");
	size_t size, rest;

	text[0] = '\0';
	if (!output)
		return;
	size = fread(all, 1, sizeof(all), output);
	/* what is larger has its end read once more */
	if (size == sizeof(all)) {
		fseek(output, -(long)sizeof(all), SEEK_END);
		size = fread(all, 1, sizeof(all), output);
	}
	fclose(output);
	fwrite(all, 1, size, stderr);
	while (size && all[size - 1] == '\n')
		size--;
	rest = size > SHOWN ? SHOWN : size;
	memcpy(text, all + size - rest, rest);
	text[rest] = '\0';
}

/* Has the shell do one command; false when the shell is gone. */
static bool obey(const char *line)
{
	char status[64], text[SHOWN + 1];

	fprintf(stderr, "guest: %s\n", line);
	printf("%s\n", line);
	fflush(stdout);
	if (!fgets(status, sizeof(status), stdin))
		return false;
	status[strcspn(status, "\n")] = '\0';
	show_output(text);
	reply(status, text);
	return true;
}

int main(void)
{
	long last = 0, number;
	char *line, **event;
	unsigned int size;

	store = xs_open(0);
	if (!store || !xs_watch(store, COMMAND, "command")) {
		perror("agent: xenstore");
		return 1;
	}
	reply("0 0", "ready");
	while ((event = xs_read_watch(store, &size))) {
		free(event);
		line = xs_read(store, XBT_NULL, COMMAND, &size);
		number = line ? atol(line) : 0;
		if (number > last) {
			last = number;
			if (!obey(line))
				return 0;
		}
		free(line);
	}
	return 1;
}
