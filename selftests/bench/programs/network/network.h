/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef NETWORK_H
#define NETWORK_H

#include <netinet/in.h>
#include <stddef.h>

/* The first byte of a connection: what the server is to do. */
#define ECHO 'e' /* send every byte back */
#define TAKE 't' /* read to the end, then answer with the number of bytes */
#define GIVE 'g' /* a number follows: send that many bytes */
#define ROUND 'r' /* answer each ROUND_BYTES with a byte */

/* What fits into a packet: 1500 bytes less IPv4, TCP and its timestamps. */
#define SEGMENT 1448
/* Fewer than a connection may begin with. */
#define ROUND_SEGMENTS 8
#define ROUND_BYTES (SEGMENT * ROUND_SEGMENTS)

/* main.c */
void die(const char *what);
struct sockaddr_in address(const char *host, const char *port);
void write_all(int fd, const void *data, size_t length);
void read_all(int fd, void *data, size_t length);
void no_delay(int fd);

/* serve.c */
void serve(const char *port);

/* work.c */
void ping(const char *host, const char *port, unsigned long count);
void stream(const char *host, const char *port, int direction,
	    unsigned long bytes, unsigned int flows, unsigned int chunk);
void rounds(const char *host, const char *port, unsigned int flows,
	    unsigned long count);
void blast(const char *host, const char *port, unsigned int size,
	   unsigned int burst, unsigned long count);

#endif
