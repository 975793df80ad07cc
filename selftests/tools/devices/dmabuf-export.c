// SPDX-License-Identifier: GPL-2.0 OR MIT
/* DMABUF_EXP_*: good and bad requests, and the wait. */

#include "dmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The number that the next file gets: it tells of one that was lost. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/*
 * Grants to this domain itself become a buffer, its pages are granted again and
 * mapped: the bytes are those of the first page.
 */
static void round_trip(int ga, int gd, unsigned int flags, unsigned int count)
{
	struct ioctl_gntalloc_dealloc_gref gone = { .count = count };
	uint32_t ref[700], again[700];
	uint64_t mine, theirs;
	char *a, *b;
	long fd;

	check_eq("share", share(ga, count, &mine, ref), 0);
	a = show(ga, mine, count, PROT_READ | PROT_WRITE, MAP_SHARED);
	fd = export_refs(gd, flags, 0, count, ref);
	check_eq("export", fd >= 0, 1);
	check_eq("its size", lseek(fd, 0, SEEK_END), count * PAGE);
	check_eq("closed on exec", fcntl(fd, F_GETFD), FD_CLOEXEC);
	check_eq("shown itself",
		 mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED,
		 1);
	check_eq("import", import(gd, fd, 0, count, again), 0);
	check_eq("map request", map(gd, count, again, &theirs), 0);
	b = show(gd, theirs, count, PROT_READ | PROT_WRITE, MAP_SHARED);
	check_eq("mapped", a && b, 1);
	if (a && b)
		check_eq("bytes of a round trip", differences(a, b, count), 0);
	munmap(b, count * PAGE);
	check_eq("unmap", unmap(gd, theirs, count), 0);
	check_eq("release", import_release(gd, fd), 0);
	check_eq("a released grant", map(gd, count, again, &theirs), 0);
	check_eq("its mapping",
		 !!show(gd, theirs, count, PROT_READ, MAP_SHARED), 0);
	unmap(gd, theirs, count);
	check_eq("close", close(fd), 0);
	check_eq("wait for what is gone", export_wait(gd, fd, 1000), -ENOENT);
	munmap(a, count * PAGE);
	gone.index = mine;
	check_eq("dealloc", call(ga, IOCTL_GNTALLOC_DEALLOC_GREF, &gone), 0);
}

static void bad_numbers(int gd, const uint32_t *good)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs arg = { .count = ~0u };
	uint32_t half[2] = { good[0], 0x7fffff };
	static uint32_t many[65537];
	int fd = next_fd();

	check_eq("no grants", export_refs(gd, 0, 0, 0, good), -EINVAL);
	check_eq("more than the limit", export_refs(gd, 0, 0, 65537, many),
		 -EINVAL);
	check_eq("2^32 - 1 grants",
		 call(gd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, &arg), -EINVAL);
	check_eq("no domain's number", export_refs(gd, 0, 0x7ff0, 1, good),
		 -EINVAL);
	check_eq("domain 2^16", export_refs(gd, 0, 0x10000, 1, good), -EINVAL);
	check_eq("nobody's number", export_refs(gd, 0, 0x7000, 1, good),
		 -EINVAL);
	check_eq("a bad grant", export_refs(gd, 0, 0, 1, half + 1), -EINVAL);
	check_eq("one bad of two", export_refs(gd, 0, 0, 2, half), -EINVAL);
	check_eq("both flags", export_refs(gd, 3, 0, 1, good), -EINVAL);
	check_eq("unknown flag", export_refs(gd, 4, 0, 1, good), -EINVAL);
	if (is_pv()) {
		check_eq("write-combining on PV",
			 export_refs(gd, 1, 0, 1, good), -EINVAL);
		check_eq("coherent on PV", export_refs(gd, 2, 0, 1, good),
			 -EINVAL);
	}
	check_eq("files after bad exports", next_fd(), fd);
}

/* The request at the end of memory, and in memory that takes no answer. */
static void bad_memory(int gd, const uint32_t *good)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs *arg;
	int fd = next_fd();
	char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(at + PAGE, PAGE);
	arg = (void *)(at + PAGE - sizeof(*arg));
	*arg = (struct ioctl_gntdev_dmabuf_exp_from_refs){
		.count = 2,
		.refs = { good[0] },
	};
	check_eq("references beyond memory",
		 call(gd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, arg), -EFAULT);
	arg->count = 1;
	mprotect(at, PAGE, PROT_READ);
	check_eq("nowhere to answer",
		 call(gd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, arg), -EFAULT);
	check_eq("no memory", call(gd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, NULL),
		 -EFAULT);
	check_eq("wait: no memory",
		 call(gd, IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, NULL),
		 -EFAULT);
	check_eq("files after bad memory", next_fd(), fd);
	munmap(at, PAGE);
}

static void on_alarm(int number)
{
	(void)number;
}

/* A child that waits for a buffer, and has neither of its files itself. */
static pid_t start_wait(int gd, int fd, int copy, unsigned int ms,
			unsigned int alarm_s)
{
	struct sigaction act = { .sa_handler = on_alarm };
	pid_t child = fork();

	if (child)
		return child;
	close(fd);
	close(copy);
	sigaction(SIGALRM, &act, NULL);
	alarm(alarm_s);
	_exit(-export_wait(gd, fd, ms));
}

static int end_wait(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -1;
}

static void waits(int gd, const uint32_t *good)
{
	int other = open_device("/dev/xen/gntdev");
	struct timespec from, to;
	long fd = export_refs(gd, 0, 0, 1, good), copy = dup(fd);
	pid_t child;

	check_eq("wait for an unknown one", export_wait(gd, 999, 1000),
		 -ENOENT);
	check_eq("wait for no number", export_wait(gd, ~0u, 1000), -ENOENT);
	check_eq("wait for another file's", export_wait(other, fd, 1000),
		 -ENOENT);
	check_eq("wait for a copy's number", export_wait(gd, copy, 1000),
		 -ENOENT);
	check_eq("no time", export_wait(gd, fd, 0), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &from);
	check_eq("300 ms", export_wait(gd, fd, 300), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &to);
	check_eq("took its time",
		 (to.tv_sec - from.tv_sec) * 1000 +
				 (to.tv_nsec - from.tv_nsec) / 1000000 >=
			 300,
		 1);
	child = start_wait(gd, fd, copy, ~0u, 1);
	check_eq("a signal", end_wait(child), -EINTR);
	child = start_wait(gd, fd, copy, 20000, 0);
	usleep(300000);
	close(fd);
	check_eq("one of two closed", export_wait(gd, fd, 100), -ETIMEDOUT);
	close(copy);
	check_eq("both closed", end_wait(child), 0);
	check_eq("wait once more", export_wait(gd, fd, 100), -ENOENT);
	close(other);
}

void test_exports(void)
{
	int ga = open_device("/dev/xen/gntalloc");
	int gd = open_device("/dev/xen/gntdev");
	uint32_t good[2];
	uint64_t mine;

	round_trip(ga, gd, 0, 1);
	round_trip(ga, gd, 0, 5);
	round_trip(ga, gd, 0, 700);
	check_eq("share", share(ga, 2, &mine, good), 0);
	bad_numbers(gd, good);
	bad_memory(gd, good);
	waits(gd, good);
	close(gd);
	close(ga);
}
