// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Grants with this domain at both ends: gntalloc shares, gntdev maps and copies.
 *
 *   grants stress SECONDS THREADS PAGES
 *   grants load copy|map GRANTS ROUNDS
 *
 * Exit status 0: all that was read was right.
 */

#include "grants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int explain(const char *name)
{
	fprintf(stderr,
		"usage: %s stress SECONDS THREADS PAGES\n"
		"       %s load copy|map GRANTS ROUNDS\n"
		"threads 1 to 64, pages 512 to 8192, grants 1 to 8192\n",
		name, name);
	return 2;
}

int main(int argc, char **argv)
{
	int first, second, third;

	if (argc != 5)
		return explain(argv[0]);
	first = atoi(argv[2]);
	second = atoi(argv[3]);
	third = atoi(argv[4]);
	if (!strcmp(argv[1], "stress") && first > 0 && second > 0 &&
	    second <= THREADS_MAX && third >= 512 && third <= 8192)
		return stress(first, second, third);
	if (!strcmp(argv[1], "load") && second > 0 && second <= 8192 &&
	    third > 0 && (!strcmp(argv[2], "copy") || !strcmp(argv[2], "map")))
		return load(argv[2], second, third);
	return explain(argv[0]);
}
