// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Domain 0's CPU time around a piece of work.
 *
 *	meter guest DOMID COMMAND	the guest's agent does the work
 *	meter local - COMMAND		a shell in dom0 does it
 *	meter prepare DOMID COMMAND	as the first, and nothing is measured
 *
 * One process that blocks, so that as little as possible is measured besides
 * the work. The host's plugin counts between the markers. After the work the
 * line "mark end" goes to the host on file descriptor 9, and its answer is
 * awaited, so that it can fetch its counts. Standard output: "cpu NANOSECONDS",
 * then "status NUMBER" and what the work printed last.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenstore.h>

#include "../../marker.h"

#define CHANNEL 9
#define SETTLE_US 20000

static struct xs_handle *store;
static xc_interface *control;

static void die(const char *what)
{
	fprintf(stderr, "meter: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long long cpu_time(void)
{
	xc_dominfo_t info;

	if (xc_domain_getinfo(control, 0, 1, &info) != 1)
		die("cannot read the CPU time of domain 0");
	return info.cpu_time;
}

static unsigned long long start_counting(void)
{
	unsigned long long now;

	usleep(SETTLE_US);
	now = cpu_time();
	mark_begin();
	return now;
}

/* What the work has taken since start_counting() gave @before. */
static unsigned long long stop_counting(unsigned long long before)
{
	unsigned long long now;
	char byte;

	mark_end();
	now = cpu_time();
	if (dprintf(CHANNEL, "mark end\n") < 0)
		die("cannot write to the host");
	do {
		if (read(CHANNEL, &byte, 1) != 1)
			die("no answer from the host");
	} while (byte != '\n');
	return now - before;
}

static char *read_node(const char *path)
{
	unsigned int length;
	char *value = xs_read(store, XBT_NULL, path, &length);

	if (!value)
		die(path);
	return value;
}

/* Asks the guest's agent for work; the number tells replies apart. */
static unsigned long ask(const char *folder, const char *command)
{
	char path[128], *line, *text;
	unsigned long number;

	snprintf(path, sizeof(path), "%s/reply", folder);
	line = read_node(path);
	number = strtoul(line, NULL, 10) + 1;
	free(line);
	if (asprintf(&text, "%lu %s", number, command) < 0)
		die("no memory");
	snprintf(path, sizeof(path), "%s/command", folder);
	if (!xs_write(store, XBT_NULL, path, text, strlen(text)))
		die(path);
	free(text);
	return number;
}

static char *await(const char *folder, unsigned long number)
{
	unsigned int count;
	char path[128], *line, *end;

	snprintf(path, sizeof(path), "%s/reply", folder);
	for (;;) {
		char **event = xs_read_watch(store, &count);

		if (!event)
			die("no watch");
		free(event);
		line = read_node(path);
		if (strtoul(line, &end, 10) == number)
			return end + 1;
		free(line);
	}
}

/* Status and output of the guest's work come as one line: "STATUS TEXT". */
static int guest_work(const char *domid, const char *command)
{
	unsigned long long cpu;
	unsigned long number;
	char folder[64], path[128], *answer;

	snprintf(folder, sizeof(folder), "/local/domain/%s/data", domid);
	snprintf(path, sizeof(path), "%s/reply", folder);
	if (!xs_watch(store, path, "reply"))
		die("cannot watch");
	cpu = start_counting();
	number = ask(folder, command);
	answer = await(folder, number);
	cpu = stop_counting(cpu);
	printf("cpu %llu\nstatus %s\n", cpu, answer);
	return atoi(answer);
}

/* Work that is not measured; the guest's answer goes to standard output. */
static int prepare(const char *domid, const char *command)
{
	char folder[64], path[128], *answer;

	snprintf(folder, sizeof(folder), "/local/domain/%s/data", domid);
	snprintf(path, sizeof(path), "%s/reply", folder);
	if (!xs_watch(store, path, "reply"))
		die("cannot watch");
	answer = await(folder, ask(folder, command));
	puts(answer);
	return atoi(answer);
}

static int local_work(const char *command)
{
	unsigned long long cpu;
	int status;

	cpu = start_counting();
	status = system(command);
	cpu = stop_counting(cpu);
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	printf("cpu %llu\nstatus %d\n", cpu, status);
	return status;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fputs("meter guest|local|prepare DOMID COMMAND\n", stderr);
		return 2;
	}
	control = xc_interface_open(NULL, NULL, 0);
	store = xs_open(0);
	if (!control || !store)
		die("cannot reach Xen");
	if (!strcmp(argv[1], "guest"))
		return guest_work(argv[2], argv[3]);
	if (!strcmp(argv[1], "prepare"))
		return prepare(argv[2], argv[3]);
	return local_work(argv[3]);
}
