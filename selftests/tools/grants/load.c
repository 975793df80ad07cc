// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The same call again and again, for a benchmark to count what it costs.
 * Everything else is prepared before: no memory is touched for the first time
 * meanwhile.
 */

#include "grants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static unsigned int map_rounds(const struct shared *shared, unsigned int rounds)
{
	unsigned int wrong = 0, last = shared->count - 1;
	uint64_t offset;
	char *at;

	while (rounds--) {
		wrong += grants_request(shared->fd, shared, 0, shared->count,
					&offset) != 0;
		at = mmap(NULL, shared->count * PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, shared->fd, offset);
		if (at == MAP_FAILED)
			return wrong + 1;
		wrong += *(unsigned int *)(at + last * PAGE) != last;
		munmap(at, shared->count * PAGE);
		grants_forget(shared->fd, offset, shared->count);
	}
	return wrong;
}

static unsigned int copy_rounds(const struct shared *shared,
				unsigned int rounds)
{
	struct copy copy;
	unsigned int wrong = 0;

	copy_prepare(&copy, shared, 0, shared->count);
	while (rounds--)
		wrong += copy_run(&copy, shared->fd);
	wrong += copy_compare(&copy, 0);
	copy_free(&copy);
	return wrong;
}

/* @what: copy or map, of @count grants each round */
int load(const char *what, unsigned int count, unsigned int rounds)
{
	struct shared shared;
	unsigned int wrong;

	if (grants_share(&shared, count))
		return 1;
	wrong = strcmp(what, "map") ? copy_rounds(&shared, rounds) :
				      map_rounds(&shared, rounds);
	printf("grants=%u wrong=%u\n", count * rounds, wrong);
	return wrong != 0;
}
