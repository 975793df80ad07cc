// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * diskcalls flush|discard|sync DEVICE COUNT: one call after the other; "sync" is
 * a write of 4 KiB and then a flush.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fs.h>

#define DISCARD_BYTES (64u << 10)
#define DISCARD_PLACES 1024
#define WRITE_BYTES 4096
#define WRITE_PLACES 16384

static int discard(int fd, unsigned long i)
{
	unsigned long long range[2] = { i % DISCARD_PLACES * DISCARD_BYTES,
					DISCARD_BYTES };

	return ioctl(fd, BLKDISCARD, range);
}

static int flush(int fd, unsigned long i)
{
	(void)i;
	return fsync(fd);
}

/* Past the guest's page cache: one request, then one flush. */
static int sync_write(int fd, unsigned long i)
{
	static _Alignas(WRITE_BYTES) char data[WRITE_BYTES];
	off_t place = i % WRITE_PLACES * WRITE_BYTES;

	if (pwrite(fd, data, WRITE_BYTES, place) != WRITE_BYTES)
		return -1;
	return fsync(fd);
}

static const struct verb {
	const char *name;
	int (*call)(int fd, unsigned long i);
	int flags;
} verbs[] = {
	{ "flush", flush, 0 },
	{ "discard", discard, 0 },
	{ "sync", sync_write, O_DIRECT },
	{ NULL, NULL, 0 },
};

int main(int argc, char **argv)
{
	const struct verb *verb = verbs;
	unsigned long count, i;
	int fd;

	if (argc != 4)
		return 2;
	while (verb->name && strcmp(argv[1], verb->name))
		verb++;
	if (!verb->name)
		return 2;
	count = strtoul(argv[3], NULL, 10);
	fd = open(argv[2], O_RDWR | verb->flags);
	if (fd < 0) {
		perror(argv[2]);
		return 1;
	}
	for (i = 0; i < count; i++)
		if (verb->call(fd, i)) {
			fprintf(stderr, "%s %lu: %s\n", argv[1], i,
				strerror(errno));
			return 1;
		}
	return 0;
}
