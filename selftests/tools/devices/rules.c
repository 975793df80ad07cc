// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a process may do to mappings of gntdev and gntalloc, and what is told to
 * the other side when they go.
 */

#define _GNU_SOURCE /* mremap() */
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static long gntdev_notify(struct both *both, unsigned int offset,
			  unsigned int action, unsigned int port)
{
	struct ioctl_gntdev_unmap_notify arg = {
		.index = both->theirs + offset,
		.action = action,
		.event_channel_port = port,
	};

	return call(both->gd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &arg);
}

static long gntalloc_notify(struct both *both, uint64_t offset,
			    unsigned int action, unsigned int port)
{
	struct ioctl_gntalloc_unmap_notify arg = {
		.index = both->mine + offset,
		.action = action,
		.event_channel_port = port,
	};

	return call(both->ga, IOCTL_GNTALLOC_SET_UNMAP_NOTIFY, &arg);
}

/* Byte and event together, on either side, when the mapping goes. */
static void test_notify(void)
{
	int fd = open_device("/dev/xen/evtchn");
	long port = bind_unbound(fd, 0), heard = bind_remote(fd, 0, port);
	struct both both;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (events(fd, 200) & 1)
		unmask(fd, read_port(fd));
	both_open(&both);
	check_eq("notify to no port",
		 gntdev_notify(&both, 0, UNMAP_NOTIFY_SEND_EVENT, 4000),
		 -EINVAL);
	check_eq("notify of nothing",
		 gntdev_notify(&both, 64 * PAGE, UNMAP_NOTIFY_CLEAR_BYTE, 0),
		 -ENOENT);
	check_eq("byte and event",
		 gntdev_notify(&both, PAGE + 7,
			       UNMAP_NOTIFY_CLEAR_BYTE |
				       UNMAP_NOTIFY_SEND_EVENT,
			       port),
		 0);
	munmap(both.b + 3 * PAGE, PAGE);
	check_eq("byte of a page that is unmapped",
		 gntdev_notify(&both, 3 * PAGE, UNMAP_NOTIFY_CLEAR_BYTE, 0), 0);
	check_eq("byte and event again",
		 gntdev_notify(&both, PAGE + 7,
			       UNMAP_NOTIFY_CLEAR_BYTE |
				       UNMAP_NOTIFY_SEND_EVENT,
			       port),
		 0);
	munmap(both.b, 3 * PAGE);
	unmap(both.gd, both.theirs, 4);
	check_eq("event of the unmap", events(fd, 2000) & 1, 1);
	check_eq("its port", read_port(fd), heard);
	check_eq("byte of the unmap", both.a[PAGE + 7], 0);
	check_eq("byte beside it", both.a[PAGE + 6], 1);
	unmask(fd, heard);

	check_eq("gntalloc: no such page",
		 gntalloc_notify(&both, 64 * PAGE, UNMAP_NOTIFY_CLEAR_BYTE, 0),
		 -ENOENT);
	check_eq("gntalloc: no such action", gntalloc_notify(&both, 0, 4, 0),
		 -EINVAL);
	check_eq("gntalloc: no such port",
		 gntalloc_notify(&both, 0, UNMAP_NOTIFY_SEND_EVENT, 4000),
		 -EINVAL);
	check_eq("gntalloc: event",
		 gntalloc_notify(&both, 5, UNMAP_NOTIFY_SEND_EVENT, port), 0);
	both_close(&both);
	check_eq("event of the end", events(fd, 2000) & 1, 1);
	check_eq("its port", read_port(fd), heard);
	close(fd);
	/* no notification has it any more, and who bound it has ended */
	check_eq("the port afterwards", xen_port_status(port), PORT_CLOSED);
}

/*
 * The local side is itself a mapping of a grant: the kernel needs the page that
 * is behind it. The first byte differs, so that a copy can be seen.
 */
static long copy_in(struct both *both, unsigned int page, void *at)
{
	struct gntdev_grant_copy_segment seg = {
		.source.foreign.ref = both->ref[page],
		.dest.virt = at,
		.len = PAGE,
		.flags = GREF_SOURCE,
	};
	struct ioctl_gntdev_grant_copy arg = { 1, &seg };
	long ret;

	both->a[page * PAGE] = 2;
	ret = call(both->gd, IOCTL_GNTDEV_GRANT_COPY, &arg);
	return ret ? ret : seg.status;
}

static void test_mapping(void)
{
	struct both both;
	char *moved, *only;
	uint64_t again;

	both_open(&both);
	check_eq("copy into a mapping", copy_in(&both, 0, both.b + 3 * PAGE),
		 0);
	check_eq("it arrived",
		 both.a[3 * PAGE] == 2 && both.a[4 * PAGE - 1] == 1, 1);
	check_eq("protect", mprotect(both.b, PAGE, PROT_READ), 0);
	check_eq("write when protected", write_signal(both.b), SIGSEGV);
	check_eq("write beside it", write_signal(both.b + PAGE), 0);
	check_eq("it arrived", both.a[PAGE], 9);
	moved = mremap(both.b, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	check_eq("grow", moved == MAP_FAILED, 1);
	check_eq("unmap the middle", munmap(both.b + PAGE, PAGE), 0);
	check_eq("write to the hole", write_signal(both.b + PAGE), SIGSEGV);
	check_eq("write after the hole", write_signal(both.b + 2 * PAGE), 0);
	check_eq("it arrived", both.a[2 * PAGE], 9);

	check_eq("request", map(both.gd, 4, both.ref, &again), 0);
	only = show(both.gd, again, 4, PROT_READ, MAP_SHARED);
	check_eq("read-only", !!only, 1);
	check_eq("its contents", only[2 * PAGE], 9);
	check_eq("write to it", write_signal(only), SIGSEGV);
	check_differs("make it writable",
		      mprotect(only, PAGE, PROT_READ | PROT_WRITE) ? -errno : 0,
		      -EACCES, 0);
	check_eq("half of it", !!show(both.gd, again, 2, PROT_READ, MAP_SHARED),
		 0);
	munmap(only, 4 * PAGE);
	both_close(&both);
}

/* A child of a PV domain does not have the mapping; the parent keeps it. */
static void test_fork(void)
{
	struct both both;
	int status = -1;
	pid_t child;

	both_open(&both);
	child = fork();
	if (!child) {
		both.a[0] = 77;
		_exit(0);
	}
	waitpid(child, &status, 0);
	check_eq("child", status, 0);
	check_eq("what a child wrote by gntalloc", both.b[0], 77);
	/* the child's end must not unmap what the parent has */
	child = fork();
	if (!child) {
		close(both.gd);
		close(both.ga);
		_exit(0);
	}
	waitpid(child, &status, 0);
	both.b[1] = 78;
	check_eq("the parent's mapping", both.a[1], 78);
	both_close(&both);
}

/*
 * Whatever a process asks for, its child gets no entries that Xen does not know
 * of. Not tried on in-tree, which copies them.
 */
static void asked_fork(bool keep)
{
	struct both both;
	int status = -1;
	pid_t child;

	if (intree)
		return;
	both_open(&both);
	check_eq("ask for it", madvise(both.b, 4 * PAGE, MADV_DOFORK), 0);
	if (keep)
		check_eq("ask to keep it",
			 madvise(both.b, 4 * PAGE, MADV_KEEPONFORK), 0);
	child = fork();
	if (!child)
		_exit(write_signal(both.b));
	waitpid(child, &status, 0);
	check_eq("child's signal", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		 SIGBUS);
	both.b[3] = 79;
	check_eq("the parent's mapping", both.a[3], 79);
	both_close(&both);
}

static void test_asked_fork(void)
{
	asked_fork(false);
	asked_fork(true);
}

static void test_gntalloc(void)
{
	struct ioctl_gntalloc_dealloc_gref gone = { .count = 4 };
	struct both both;
	uint64_t index;
	uint32_t ref;

	both_open(&both);
	check_eq("private",
		 !!show(both.ga, both.mine, 4, PROT_READ, MAP_PRIVATE), 0);
	check_eq("more than there is",
		 !!show(both.ga, both.mine, 5, PROT_READ, MAP_SHARED), 0);
	gone.index = both.mine + 1;
	check_eq("between pages",
		 call(both.ga, IOCTL_GNTALLOC_DEALLOC_GREF, &gone), -EINVAL);
	gone.index = both.mine;
	gone.count = 5;
	check_eq("more than there is",
		 call(both.ga, IOCTL_GNTALLOC_DEALLOC_GREF, &gone), -EINVAL);
	gone.count = 4;
	check_eq("all", call(both.ga, IOCTL_GNTALLOC_DEALLOC_GREF, &gone), 0);
	both.b[0] = 5;
	check_eq("shown still", both.a[0], 5);
	check_eq("one more", share(both.ga, 1, &index, &ref), 0);
	both_close(&both);
}

static void test_max_grants(void)
{
	struct ioctl_gntdev_set_max_grants most = { .count = 2 };
	struct both both;
	uint64_t index;

	both_open(&both);
	check_differs("limit a file",
		      call(both.gd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most), 0,
		      -ENOTTY);
	check_differs("beyond it", map(both.gd, 1, both.ref, &index), -ENOSPC,
		      0);
	most.count = 1 << 20;
	check_differs("beyond the module's limit",
		      call(both.gd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most), -E2BIG,
		      -ENOTTY);
	both_close(&both);
}

void test_rules(void)
{
	test_notify();
	test_mapping();
	test_fork();
	test_asked_fork();
	test_gntalloc();
	test_max_grants();
}
