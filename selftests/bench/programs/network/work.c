// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The clients; each prints how much it has done. */

#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"

#define PAUSE_US 300
#define HEADERS 42 /* Ethernet, IPv4, UDP */
#define MAX_FRAME 1514
#define MAX_BURST 256
#define MAX_FLOWS 64
#define MAX_CHUNK 131072

static char buffer[MAX_CHUNK];

static int start(const char *host, const char *port, char what)
{
	struct sockaddr_in to = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (void *)&to, sizeof(to)))
		die("cannot connect");
	write_all(fd, &what, 1);
	return fd;
}

void ping(const char *host, const char *port, unsigned long count)
{
	int fd = start(host, port, ECHO);
	unsigned long i;

	no_delay(fd);
	for (i = 0; i < count; i++) {
		char byte = (char)i;

		write_all(fd, &byte, 1);
		read_all(fd, &byte, 1);
		if (byte != (char)i)
			die("another byte came back");
	}
	printf("transactions=%lu\n", count);
}

/* What the server has got, when all was sent; it is asked flow by flow. */
static unsigned long long received(const int *fds, unsigned int flows)
{
	unsigned long long sum = 0, got;
	unsigned int i;

	for (i = 0; i < flows; i++) {
		shutdown(fds[i], SHUT_WR);
		read_all(fds[i], &got, sizeof(got));
		sum += got;
	}
	return sum;
}

void stream(const char *host, const char *port, int direction,
	    unsigned long bytes, unsigned int flows, unsigned int chunk)
{
	unsigned long left = bytes / flows;
	unsigned long long share = left;
	int fds[MAX_FLOWS];
	unsigned int i;

	if (!flows || flows > MAX_FLOWS || !chunk || chunk > MAX_CHUNK)
		die("flows or chunk");
	for (i = 0; i < flows; i++) {
		fds[i] = start(host, port, direction);
		if (direction == GIVE)
			write_all(fds[i], &share, sizeof(share));
	}
	while (left) {
		size_t now = left < chunk ? left : chunk;

		for (i = 0; i < flows; i++)
			if (direction == GIVE)
				read_all(fds[i], buffer, now);
			else
				write_all(fds[i], buffer, now);
		left -= now;
	}
	printf("bytes=%llu\n",
	       direction == GIVE ? share * flows : received(fds, flows));
}

/*
 * Without a round's end a flow that waits for its window collects data, and
 * sends by chance few packets or large ones.
 */
static void one_round(const int *fds, unsigned int flows)
{
	unsigned int i, segment;
	char byte;

	for (segment = 0; segment < ROUND_SEGMENTS; segment++)
		for (i = 0; i < flows; i++)
			write_all(fds[i], buffer, SEGMENT);
	for (i = 0; i < flows; i++)
		read_all(fds[i], &byte, 1);
}

void rounds(const char *host, const char *port, unsigned int flows,
	    unsigned long count)
{
	unsigned long i;
	int fds[MAX_FLOWS];

	if (!flows || flows > MAX_FLOWS)
		die("flows");
	for (i = 0; i < flows; i++) {
		fds[i] = start(host, port, ROUND);
		no_delay(fds[i]);
	}
	for (i = 0; i < count; i++)
		one_round(fds, flows);
	printf("bytes=%lu\n", count * flows * ROUND_BYTES);
}

void blast(const char *host, const char *port, unsigned int size,
	   unsigned int burst, unsigned long count)
{
	struct sockaddr_in to = address(host, port);
	struct iovec piece = { buffer, size - HEADERS };
	struct mmsghdr messages[MAX_BURST];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned long sent = 0;
	unsigned int i;

	if (size < HEADERS || size > MAX_FRAME || !burst || burst > MAX_BURST)
		die("size or burst");
	if (connect(fd, (void *)&to, sizeof(to)))
		die("cannot connect");
	memset(messages, 0, sizeof(messages));
	for (i = 0; i < burst; i++) {
		messages[i].msg_hdr.msg_iov = &piece;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < count) {
		unsigned long left = count - sent;
		int done =
			sendmmsg(fd, messages, left < burst ? left : burst, 0);

		if (done < 0)
			die("cannot send");
		sent += done;
		usleep(PAUSE_US);
	}
	printf("sent=%lu\n", sent);
}
