// SPDX-License-Identifier: GPL-2.0 OR MIT
/* diskcalls flush|discard DEVICE COUNT: one call after the other. */

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

static int discard(int fd, unsigned long i)
{
	unsigned long long range[2] = { i % DISCARD_PLACES * DISCARD_BYTES,
					DISCARD_BYTES };

	return ioctl(fd, BLKDISCARD, range);
}

int main(int argc, char **argv)
{
	unsigned long count, i;
	int fd, flush;

	if (argc != 4)
		return 2;
	flush = !strcmp(argv[1], "flush");
	count = strtoul(argv[3], NULL, 10);
	fd = open(argv[2], O_RDWR);
	if (fd < 0) {
		perror(argv[2]);
		return 1;
	}
	for (i = 0; i < count; i++)
		if (flush ? fsync(fd) : discard(fd, i)) {
			fprintf(stderr, "%s %lu: %s\n", argv[1], i,
				strerror(errno));
			return 1;
		}
	return 0;
}
