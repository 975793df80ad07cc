// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reads and writes xenstore for a shell that asks many times: one program for
 * all that a case asks, where xenstore-read and its like are one for each key.
 * Under emulation starting a program takes longer than most of what cases do.
 *
 * A request is a number of fields and the fields, each with a NUL after it:
 *	read PATH | remove PATH... | write PATH VALUE... | domain NAME |
 *	changed PATH VALUE SECONDS: the value once it is another one
 * The answer is a status of one digit (0: done), a length of five, each with a
 * space after it, and so many bytes.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <xenstore.h>

#define FIELDS_MAX 64

static struct xs_handle *store;

/* The next field of the request, to be freed; NULL at the end of the input. */
static char *next_field(void)
{
	char *field = NULL;
	size_t size = 0;

	if (getdelim(&field, &size, '\0', stdin) < 0) {
		free(field);
		return NULL;
	}
	return field;
}

static void answer(bool good, const char *text, size_t size)
{
	printf("%d %5zu ", !good, size);
	fwrite(text, 1, size, stdout);
	fflush(stdout);
}

static void answer_read(const char *path)
{
	unsigned int size = 0;
	char *value = xs_read(store, XBT_NULL, path, &size);

	/* the library sets the size only if there is a value */
	answer(value, value ? value : "", value ? size : 0);
	free(value);
}

/* All pairs or none of them, as xenstore-write does it. */
static bool write_pairs(char **field, int count)
{
	xs_transaction_t all;
	bool good;
	int i;

	do {
		all = xs_transaction_start(store);
		if (all == XBT_NULL)
			return false;
		good = true;
		for (i = 0; i + 1 < count && good; i += 2) {
			good = xs_write(store, all, field[i], field[i + 1],
					strlen(field[i + 1]));
			if (!good)
				fprintf(stderr, "keys: cannot write %s: %s\n",
					field[i], strerror(errno));
		}
		if (xs_transaction_end(store, all, !good))
			return good;
	} while (errno == EAGAIN);
	return false;
}

/* What is not there need not be removed, but is a mistake of who asks. */
static bool remove_paths(char **field, int count)
{
	bool good = true;
	int i;

	for (i = 0; i < count; i++) {
		unsigned int size;
		char *value = xs_read(store, XBT_NULL, field[i], &size);

		good &= value && xs_rm(store, XBT_NULL, field[i]);
		free(value);
	}
	return good;
}

/* The number of the domain with a name, as xl finds it. */
static void answer_domain(const char *wanted)
{
	unsigned int i, count = 0;
	char **domain = xs_directory(store, XBT_NULL, "/local/domain", &count);
	bool found = false;

	for (i = 0; i < count && !found; i++) {
		unsigned int size;
		char path[64], *name;

		snprintf(path, sizeof(path), "/local/domain/%s/name",
			 domain[i]);
		name = xs_read(store, XBT_NULL, path, &size);
		found = name && !strcmp(name, wanted);
		if (found)
			answer(true, domain[i], strlen(domain[i]));
		free(name);
	}
	if (!found)
		answer(false, "", 0);
	free(domain);
}

static time_t seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Sleeps until the watch fires, a second at most; all that has fired is taken. */
static void wait_for_watch(void)
{
	struct pollfd fired = { .fd = xs_fileno(store), .events = POLLIN };
	char **event;

	poll(&fired, 1, 1000);
	while ((event = xs_check_watch(store)))
		free(event);
}

/* The value of a path as soon as it is not the one that is known already; what is
 * not there has none.
 */
static void answer_changed(const char *path, const char *known, int seconds)
{
	time_t end = seconds_now() + seconds;
	bool watching = xs_watch(store, path, "changed");
	char *value;

	for (;;) {
		unsigned int size = 0;

		value = xs_read(store, XBT_NULL, path, &size);
		if (value && strcmp(value, known))
			break;
		free(value);
		value = NULL;
		if (!watching || seconds_now() >= end)
			break;
		wait_for_watch();
	}
	if (watching)
		xs_unwatch(store, path, "changed");
	answer(value, value ? value : "", value ? strlen(value) : 0);
	free(value);
}

static void obey(char **field, int count)
{
	const char *what = count ? field[0] : "";

	if (!strcmp(what, "read") && count == 2)
		answer_read(field[1]);
	else if (!strcmp(what, "write") && count > 2 && count % 2)
		answer(write_pairs(field + 1, count - 1), "", 0);
	else if (!strcmp(what, "remove") && count > 1)
		answer(remove_paths(field + 1, count - 1), "", 0);
	else if (!strcmp(what, "domain") && count == 2)
		answer_domain(field[1]);
	else if (!strcmp(what, "changed") && count == 4)
		answer_changed(field[1], field[2], atoi(field[3]));
	else
		answer(false, "no such request", 15);
}

/* Obeys one request; false at the end of the input. */
static bool request(void)
{
	char *field[FIELDS_MAX], *head = next_field();
	int i, got = 0, count = head ? atoi(head) : 0;

	free(head);
	if (count < 1 || count > FIELDS_MAX) {
		if (count)
			fprintf(stderr, "keys: %d fields asked, 1 to %d go\n",
				count, FIELDS_MAX);
		return false;
	}
	while (got < count && (field[got] = next_field()))
		got++;
	if (got == count)
		obey(field, count);
	for (i = 0; i < got; i++)
		free(field[i]);
	return got == count;
}

int main(void)
{
	/* what the shell has started may hold our input open */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	store = xs_open(0);
	if (!store) {
		perror("keys: xenstore");
		return 1;
	}
	while (request())
		;
	return 0;
}
