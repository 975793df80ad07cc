// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Pages that are shared by gntalloc and mapped by gntdev, and what they do. */

#include "devices.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void both_open(struct both *both)
{
	both->ga = open_device("/dev/xen/gntalloc");
	both->gd = open_device("/dev/xen/gntdev");
	check_eq("share", share(both->ga, 4, &both->mine, both->ref), 0);
	both->a = show(both->ga, both->mine, 4, PROT_READ | PROT_WRITE,
		       MAP_SHARED);
	check_eq("request", map(both->gd, 4, both->ref, &both->theirs), 0);
	both->b = show(both->gd, both->theirs, 4, PROT_READ | PROT_WRITE,
		       MAP_SHARED);
	check_eq("mapped", both->a && both->b, 1);
	memset(both->a, 1, 4 * PAGE);
}

void both_close(struct both *both)
{
	close(both->gd);
	close(both->ga);
	munmap(both->b, 4 * PAGE);
	munmap(both->a, 4 * PAGE);
}

static sigjmp_buf fault;

static void on_fault(int number)
{
	siglongjmp(fault, number);
}

/* 0, or the signal that a write to the address raised. */
int write_signal(char *at)
{
	int number;

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	number = sigsetjmp(fault, 1);
	if (!number)
		*at = 9;
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	return number;
}

/* Grants of any domain that are mapped: Xen prints a line for each. */
long grants_mapped(void)
{
	FILE *pipe = popen("xl dmesg -c > /dev/null; xl debug-keys g; "
			   "xl dmesg | grep -c '(XEN) \\[0x'",
			   "r");
	long nr = -1;

	if (!pipe)
		return -1;
	if (fscanf(pipe, "%ld", &nr) != 1)
		nr = -1;
	pclose(pipe);
	return nr;
}
