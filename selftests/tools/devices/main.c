// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The three devices by raw ioctls, with this domain at both ends: it grants
 * pages to itself and binds its own ports. A line for each answer that differs
 * from what is expected; the last line says how many there were.
 *
 *   devices ours|intree
 *   devices dmabuf		the DMABUF calls, where the kernel has them
 */

#include "dmabuf.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	intree = !strcmp(what, "intree");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "dmabuf")) {
		check_eq("DMABUF calls are built in", has_dmabufs(), 1);
		test_exports();
		test_imports();
		test_lives();
	} else if (intree || !strcmp(what, "ours")) {
		test_evtchn();
		test_grants();
		test_rules();
	} else {
		fprintf(stderr, "usage: %s ours|intree|dmabuf\n", argv[0]);
		return 2;
	}
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
