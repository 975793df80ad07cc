// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Network work with exact counts.
 *
 *	network echo PORT		answer every byte of a TCP connection
 *	network ping HOST PORT COUNT	send a byte, wait for it, COUNT times
 *	network send HOST PORT SIZE BURST COUNT
 *		COUNT UDP packets of SIZE bytes on the wire, with a pause
 *		after each BURST so that a queue never overflows
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE_US 300
#define HEADERS 42 /* Ethernet, IPv4, UDP */
#define MAX_BURST 64

static void die(const char *what)
{
	fprintf(stderr, "network: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		die(host);
	return to;
}

static void no_delay(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		die("TCP_NODELAY");
}

static void serve(int fd)
{
	char byte;

	no_delay(fd);
	while (read(fd, &byte, 1) == 1)
		if (write(fd, &byte, 1) != 1)
			break;
	close(fd);
}

static void echo(const char *port)
{
	struct sockaddr_in me = address("0.0.0.0", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one, on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (void *)&me, sizeof(me)) || listen(fd, 1))
		die("cannot listen");
	signal(SIGPIPE, SIG_IGN);
	while ((one = accept(fd, NULL, NULL)) >= 0)
		serve(one);
}

static void ping(const char *host, const char *port, unsigned long count)
{
	struct sockaddr_in to = address(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned long i;
	char byte;

	if (connect(fd, (void *)&to, sizeof(to)))
		die("cannot connect");
	no_delay(fd);
	for (i = 0; i < count; i++) {
		byte = (char)i;
		if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1 ||
		    byte != (char)i)
			die("no echo");
	}
	printf("transactions=%lu\n", count);
}

static void blast(const char *host, const char *port, unsigned int size,
		  unsigned int burst, unsigned long count)
{
	static char payload[1500];
	struct sockaddr_in to = address(host, port);
	struct iovec piece = { payload, size - HEADERS };
	struct mmsghdr messages[MAX_BURST] = {};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned long sent = 0;
	unsigned int i;

	if (size < HEADERS || size > 1514 || !burst || burst > MAX_BURST)
		die("size or burst");
	if (connect(fd, (void *)&to, sizeof(to)))
		die("cannot connect");
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

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc == 3 && !strcmp(what, "echo"))
		echo(argv[2]);
	else if (argc == 5 && !strcmp(what, "ping"))
		ping(argv[2], argv[3], strtoul(argv[4], NULL, 10));
	else if (argc == 7 && !strcmp(what, "send"))
		blast(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]),
		      strtoul(argv[6], NULL, 10));
	else
		return 2;
	return 0;
}
