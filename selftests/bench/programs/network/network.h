/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef NETWORK_H
#define NETWORK_H

#include <netinet/in.h>
#include <stddef.h>

/* The first byte of a connection: what the server is to do. */
#define ECHO 'e' /* send every byte back */
#define TAKE 't' /* read to the end, then answer with the number of bytes */
#define GIVE 'g' /* a number follows: send that many bytes */

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
void blast(const char *host, const char *port, unsigned int size,
	   unsigned int burst, unsigned long count);

#endif
