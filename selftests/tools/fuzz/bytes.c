// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Bytes without sense, and values with some. */

#include "fuzz.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A value known to exist, one near it, or none at all. */
uint64_t fuzz_pick(struct fuzz *fuzz, const struct known *known)
{
	uint64_t random = fuzz_random(fuzz);
	uint64_t value = known->nr ? known->value[random % known->nr % KNOWN] :
				     random;

	switch (random >> 60) {
	case 0:
		return value + 1;
	case 1:
		return value + PAGE;
	case 2:
		return value - 1;
	case 3:
		return fuzz_random(fuzz);
	case 4:
		return fuzz_random(fuzz) % 4096;
	default:
		return value;
	}
}

void fuzz_keep(struct fuzz *fuzz, struct known *known, uint64_t value)
{
	unsigned int slot = known->nr < KNOWN ? known->nr++ :
						fuzz_random(fuzz) % KNOWN;

	/* the other thread may have taken the last slot meanwhile */
	known->value[slot % KNOWN] = value;
}

/* Mostly a few, at times a power of two and beyond every limit. */
unsigned int fuzz_count(struct fuzz *fuzz)
{
	uint64_t random = fuzz_random(fuzz);

	if (random % 64)
		return random % 9;
	return (1u << (random >> 59)) + (random >> 32) % 3 - 1;
}

/* Any command, also of other devices, on any bytes or no memory at all. */
void fuzz_anything(struct fuzz *fuzz, int fd)
{
	unsigned char bytes[512];
	uint64_t random = fuzz_random(fuzz);
	unsigned int i;
	void *arg = bytes;

	for (i = 0; i < sizeof(bytes); i += 8) {
		uint64_t word = fuzz_random(fuzz);

		if (word % 3 == 0)
			word &= 0xffff;
		memcpy(bytes + i, &word, sizeof(word));
	}
	if (random % 16 == 0)
		arg = (void *)fuzz_random(fuzz);
	else if (random % 16 == 1)
		arg = (void *)(random >> 32 & ~0xffful);
	random = fuzz_random(fuzz);
	switch (random % 8) {
	case 0:
		read(fd, bytes, random >> 32 & 511);
		break;
	case 1:
		write(fd, arg, random >> 40 & 8191);
		break;
	case 2:
		ioctl(fd, random >> 32, arg);
		break;
	default:
		ioctl(fd,
		      _IOC(0, random & 8 ? 'E' : 'G', random >> 32 & 15,
			   random >> 48 & 63),
		      arg);
		break;
	}
}
