// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The three devices by raw ioctls, with this domain at both ends: it grants
 * pages to itself and binds its own ports. A line for each answer that differs
 * from what is expected; the last line says how many there were.
 *
 *   devices ours|intree
 */

#include "devices.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc != 2 ||
	    (strcmp(argv[1], "ours") && strcmp(argv[1], "intree"))) {
		fprintf(stderr, "usage: %s ours|intree\n", argv[0]);
		return 2;
	}
	intree = !strcmp(argv[1], "intree");
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_evtchn();
	test_grants();
	test_rules();
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
