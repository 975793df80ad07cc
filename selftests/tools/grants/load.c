// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The same call again and again, for a benchmark to count what it costs. */

#include "grants.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static unsigned int map_round(const struct shared *shared, unsigned int count)
{
	unsigned int wrong = 0;
	uint64_t offset;
	char *at;

	wrong += grants_request(shared->fd, shared, 0, count, &offset) != 0;
	at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		  shared->fd, offset);
	if (at == MAP_FAILED)
		return wrong + 1;
	wrong += *(unsigned int *)(at + (count - 1) * PAGE) != count - 1;
	munmap(at, count * PAGE);
	grants_forget(shared->fd, offset, count);
	return wrong;
}

/* @what: copy or map, of @count grants each round */
int load(const char *what, unsigned int count, unsigned int rounds)
{
	unsigned int i, wrong = 0;
	struct shared shared;

	if (grants_share(&shared, count))
		return 1;
	for (i = 0; i < rounds; i++)
		wrong += strcmp(what, "map") ?
				 grants_copy(shared.fd, &shared, 0, count) :
				 map_round(&shared, count);
	printf("%s: %u grants, %u rounds, %u wrong\n", what, count, rounds,
	       wrong);
	return wrong != 0;
}
