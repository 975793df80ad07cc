// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The three devices by raw ioctls, with this domain at both ends: it grants
 * pages to itself and binds its own ports. A line for each answer that differs
 * from what is expected; the last line says how many there were.
 *
 *   devices ours|intree
 *   devices dmabuf		the DMABUF calls, where the kernel has them
 *   devices offer DOMID	grants that domain pages, until a line is read
 *   devices taken REF...	the DMABUF calls with what domain 0 offers
 *   devices restricted DOMID PORT	that domain is there, and offers the port
 *   devices storm SECONDS		events while ports are bound and unbound
 *   devices crowd SECONDS		many programs bind ports
 *   devices stuck DISK		binds while a call waits for its argument, on
 *				that disk of the device mapper, 64 MiB of 0
 *   devices swapped DEVICE	copies with memory that was swapped to the device
 *   devices balanced		a mapping while NUMA balancing is on
 *   devices faults		binds while allocations fail, on a debug kernel
 *   devices large		a mapping of 65536 grants
 */

#include "dmabuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int explain(const char *name)
{
	fprintf(stderr,
		"usage: %s ours|intree|dmabuf\n"
		"       %s offer DOMID\n"
		"       %s taken REF...\n"
		"       %s restricted DOMID PORT\n"
		"       %s storm|crowd SECONDS\n"
		"       %s swapped DEVICE|stuck DISK\n"
		"       %s balanced|large|faults\n"
		"domid and seconds 1 or more, %d references\n",
		name, name, name, name, name, name, name, FAR_PAGES);
	return 2;
}

static void test_all(void)
{
	test_evtchn();
	test_ports();
	test_static();
	test_grants();
	test_rules();
	test_copies();
	test_parameters();
	test_kept();
	test_move();
	test_exec();
}

static void test_dmabufs(void)
{
	check_eq("DMABUF calls are built in", has_dmabufs(), 1);
	test_exports();
	test_imports();
	test_lives();
}

static void take(char **word)
{
	uint32_t ref[FAR_PAGES];
	int i;

	for (i = 0; i < FAR_PAGES; i++)
		ref[i] = strtoul(word[i], NULL, 10);
	test_taken(ref);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "hold") && argc == 7)
		return hold(argv + 2);
	if (!strcmp(what, "storm") && argc == 3 && atoi(argv[2]) > 0)
		return run_storm(atoi(argv[2]));
	if (!strcmp(what, "crowd") && argc == 3 && atoi(argv[2]) > 0)
		return run_crowd(atoi(argv[2]));
	intree = !strcmp(what, "intree");
	if (!strcmp(what, "restricted") && argc == 4 && atoi(argv[2]) > 0)
		test_restricted(atoi(argv[2]), atoi(argv[3]));
	else if (argc == 2 && (intree || !strcmp(what, "ours")))
		test_all();
	else if (argc == 2 && !strcmp(what, "dmabuf"))
		test_dmabufs();
	else if (argc == 2 && !strcmp(what, "balanced"))
		test_balanced();
	else if (argc == 2 && !strcmp(what, "faults"))
		test_faults();
	else if (argc == 2 && !strcmp(what, "large"))
		test_large();
	else if (argc == 3 && !strcmp(what, "swapped"))
		test_swapped(argv[2]);
	else if (argc == 3 && !strcmp(what, "stuck"))
		test_stuck(argv[2]);
	else if (argc == 3 && !strcmp(what, "offer") && atoi(argv[2]) > 0)
		offer_pages(atoi(argv[2]));
	else if (argc == 2 + FAR_PAGES && !strcmp(what, "taken"))
		take(argv + 2);
	else
		return explain(argv[0]);
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
