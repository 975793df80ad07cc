// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Binds in which the Nth allocation fails, for each N until none does. Xen gives
 * out the lowest port that is free: one that a failed bind leaves open shows there.
 */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FAIL "/proc/thread-self/fail-nth"
#define MOST 100

/* The kernel's debug build alone has it. */
static void set_fail(int fail, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail, text, len, 0) != len) {
		perror(FAIL);
		exit(2);
	}
}

/* Whether the allocation was made to fail. None is any more. */
static bool has_failed(int fail)
{
	char text[16] = "";

	if (pread(fail, text, sizeof(text) - 1, 0) < 1) {
		perror(FAIL);
		exit(2);
	}
	set_fail(fail, 0);
	return !atoi(text);
}

/* To a port of domain 0's own, or a new one without a remote port. */
static long bind(int fd, long remote)
{
	return remote ? bind_remote(fd, 0, remote) : bind_unbound(fd, 0);
}

/* Return: whether an allocation failed. */
static bool bind_failing(int fail, int fd, long remote, unsigned int nth)
{
	bool failed;
	long port;

	set_fail(fail, nth);
	port = bind(fd, remote);
	failed = has_failed(fail);
	if (port > 0)
		check_eq("unbind", port_call(fd, IOCTL_EVTCHN_UNBIND, port), 0);
	else
		check_eq("bind without memory", port, -ENOMEM);
	if (!failed)
		check_eq("bind with memory", port > 0, 1);
	return failed;
}

static void test_binds(int fail, long remote)
{
	int fd = open_device("/dev/xen/evtchn");
	long free_port = bind(fd, remote);
	unsigned int nth;

	check_eq("unbind", port_call(fd, IOCTL_EVTCHN_UNBIND, free_port), 0);
	for (nth = 1; nth < MOST && bind_failing(fail, fd, remote, nth); nth++)
		check_eq("the port that is free", xen_port_status(free_port),
			 PORT_CLOSED);
	printf("%u allocations of a bind failed\n", nth - 1);
	check_eq("more than three allocations", nth > 4, 1);
	check_eq("all of them", nth < MOST, 1);
	close(fd);
}

void test_faults(void)
{
	int fail = open(FAIL, O_RDWR | O_CLOEXEC);
	int other = open_device("/dev/xen/evtchn");
	long remote;

	if (fail < 0) {
		perror(FAIL);
		exit(2);
	}
	test_binds(fail, 0);
	remote = bind_unbound(other, 0);
	check_eq("a port to bind to", remote > 0, 1);
	test_binds(fail, remote);
	close(other);
	close(fail);
}
