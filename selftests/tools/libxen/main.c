// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Xen's own libraries on the devices, with this domain at both ends:
 * libxenevtchn, libxengnttab and its other half, libxengntshr.
 */

#include "libxen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int checks, failures;

void check(const char *what, int good)
{
	checks++;
	if (good)
		return;
	failures++;
	printf("%s: wrong; the last error was: %s\n", what, strerror(errno));
}

int main(void)
{
	test_events();
	test_grants();
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
