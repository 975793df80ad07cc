// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Network work with exact counts.
 *
 *	network serve PORT		the other end of the next four
 *	network ping HOST PORT COUNT	send a byte, wait for it, COUNT times
 *	network give HOST PORT BYTES FLOWS CHUNK
 *	network take HOST PORT BYTES FLOWS CHUNK
 *		move BYTES over FLOWS connections in turn, CHUNK a call
 *	network rounds HOST PORT FLOWS COUNT
 *		COUNT times: packets full of data over FLOWS connections in
 *		turn, one at a time, then an answer of each
 *	network send HOST PORT SIZE BURST COUNT
 *		COUNT UDP packets of SIZE bytes on the wire, with a pause
 *		after each BURST so that a queue never overflows
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

void die(const char *what)
{
	fprintf(stderr, "network: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		die(host);
	return to;
}

void write_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t done = write(fd, at, length);

		if (done <= 0)
			die("write");
		at += done;
		length -= done;
	}
}

void read_all(int fd, void *data, size_t length)
{
	char *at = data;

	while (length) {
		ssize_t done = read(fd, at, length);

		if (done <= 0)
			die("read");
		at += done;
		length -= done;
	}
}

void no_delay(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die("TCP_NODELAY");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc == 3 && !strcmp(what, "serve"))
		serve(argv[2]);
	else if (argc == 5 && !strcmp(what, "ping"))
		ping(argv[2], argv[3], strtoul(argv[4], NULL, 10));
	else if (argc == 7 && (!strcmp(what, "give") || !strcmp(what, "take")))
		stream(argv[2], argv[3], what[0] == 'g' ? TAKE : GIVE,
		       strtoul(argv[4], NULL, 10), atoi(argv[5]),
		       atoi(argv[6]));
	else if (argc == 6 && !strcmp(what, "rounds"))
		rounds(argv[2], argv[3], atoi(argv[4]),
		       strtoul(argv[5], NULL, 10));
	else if (argc == 7 && !strcmp(what, "send"))
		blast(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]),
		      strtoul(argv[6], NULL, 10));
	else
		return 2;
	return 0;
}
