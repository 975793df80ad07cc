// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The server: a process for each connection. */

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

#define CHUNK 131072
#define BACKLOG 64

static char buffer[CHUNK];

static void echo(int fd)
{
	char byte;

	no_delay(fd);
	while (read(fd, &byte, 1) == 1)
		write_all(fd, &byte, 1);
}

static void take(int fd)
{
	unsigned long long sum = 0;
	ssize_t got;

	while ((got = read(fd, buffer, CHUNK)) > 0)
		sum += got;
	write_all(fd, &sum, sizeof(sum));
}

static void give(int fd)
{
	unsigned long long left;

	read_all(fd, &left, sizeof(left));
	while (left) {
		size_t now = left < CHUNK ? left : CHUNK;

		write_all(fd, buffer, now);
		left -= now;
	}
}

static void answer_rounds(int fd)
{
	size_t got = 0;
	ssize_t now;

	no_delay(fd);
	while ((now = read(fd, buffer, ROUND_BYTES - got)) > 0) {
		got += now;
		if (got < ROUND_BYTES)
			continue;
		write_all(fd, buffer, 1);
		got = 0;
	}
}

static void obey(int fd)
{
	char what;

	read_all(fd, &what, 1);
	if (what == ECHO)
		echo(fd);
	else if (what == TAKE)
		take(fd);
	else if (what == GIVE)
		give(fd);
	else if (what == ROUND)
		answer_rounds(fd);
}

void serve(const char *port)
{
	struct sockaddr_in me = address("0.0.0.0", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one, on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (void *)&me, sizeof(me)) || listen(fd, BACKLOG))
		die("cannot listen");
	signal(SIGCHLD, SIG_IGN);
	while ((one = accept(fd, NULL, NULL)) >= 0) {
		if (!fork()) {
			obey(one);
			_exit(0);
		}
		close(one);
	}
}
