// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The three devices by raw ioctls, with this domain at both ends: it grants
 * pages to itself and binds its own ports. A line for each answer that differs
 * from what is expected; the last line says how many there were.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#define __user
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#define PAGE 4096ul
#define GREF_SOURCE 1
#define GREF_DEST 2

static int checks, failures;

static void check_eq(const char *what, long got, long want)
{
	checks++;
	if (got == want)
		return;
	failures++;
	printf("%s: got %ld, not %ld\n", what, got, want);
}

/* The ioctl's answer: 0 or more, or minus the errno. */
static long call(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

static int open_device(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(name);
		exit(2);
	}
	return fd;
}

static long port_call(int fd, unsigned long cmd, unsigned int port)
{
	struct ioctl_evtchn_unbind arg = { .port = port };

	return call(fd, cmd, &arg);
}

static long bind_unbound(int fd, unsigned int domid)
{
	struct ioctl_evtchn_bind_unbound_port arg = { .remote_domain = domid };

	return call(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &arg);
}

static long bind_remote(int fd, unsigned int domid, unsigned int port)
{
	struct ioctl_evtchn_bind_interdomain arg = { domid, port };

	return call(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &arg);
}

static long read_port(int fd)
{
	uint32_t port;
	ssize_t got = read(fd, &port, sizeof(port));

	return got < 0 ? -errno : (long)port;
}

static long unmask(int fd, uint32_t port)
{
	ssize_t put = write(fd, &port, sizeof(port));

	return put < 0 ? -errno : put;
}

static short events(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, timeout_ms);
	return p.revents;
}

static void test_evtchn_errors(int fd)
{
	struct ioctl_evtchn_bind_virq virq = { .virq = 1000 };
	struct ioctl_evtchn_restrict_domid domid = { .domid = 0 };

	check_eq("unknown ioctl", call(fd, _IOC(0, 'E', 99, 0), NULL), -ENOSYS);
	check_eq("bad memory", call(fd, IOCTL_EVTCHN_NOTIFY, (void *)1),
		 -EFAULT);
	check_eq("bad virq", call(fd, IOCTL_EVTCHN_BIND_VIRQ, &virq), -EINVAL);
	check_eq("unbind of none", port_call(fd, IOCTL_EVTCHN_UNBIND, 3),
		 -ENOTCONN);
	check_eq("unbind of nonsense", port_call(fd, IOCTL_EVTCHN_UNBIND, ~0u),
		 -EINVAL);
	check_eq("notify of none", port_call(fd, IOCTL_EVTCHN_NOTIFY, 3),
		 -ENOTCONN);
	check_eq("port of no domain", bind_remote(fd, 0x7000, 1), -ESRCH);
	check_eq("restrict to 0", call(fd, IOCTL_EVTCHN_RESTRICT_DOMID, &domid),
		 -EINVAL);
	domid.domid = 7;
	check_eq("restrict", call(fd, IOCTL_EVTCHN_RESTRICT_DOMID, &domid), 0);
	check_eq("restrict again",
		 call(fd, IOCTL_EVTCHN_RESTRICT_DOMID, &domid), -EACCES);
	check_eq("restricted virq", call(fd, IOCTL_EVTCHN_BIND_VIRQ, &virq),
		 -EACCES);
	check_eq("restricted unbound", bind_unbound(fd, 0), -EACCES);
	check_eq("restricted remote", bind_remote(fd, 0, 1), -EACCES);
}

static void test_evtchn_events(int fd)
{
	long a = bind_unbound(fd, 0), b = bind_remote(fd, 0, a);
	int i;

	check_eq("bind", a > 0 && b > 0, 1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	/* An interdomain bind makes the new port pending once. */
	if (events(fd, 200) & POLLIN)
		check_eq("first unmask", unmask(fd, read_port(fd)), 4);
	check_eq("read of nothing", read_port(fd), -EAGAIN);
	check_eq("notify", port_call(fd, IOCTL_EVTCHN_NOTIFY, a), 0);
	check_eq("event", events(fd, 1000) & POLLIN, POLLIN);
	check_eq("its port", read_port(fd), b);
	check_eq("notify masked", port_call(fd, IOCTL_EVTCHN_NOTIFY, a), 0);
	check_eq("no event", events(fd, 50) & POLLIN, 0);
	check_eq("unmask", unmask(fd, b), 4);
	check_eq("late event", events(fd, 1000) & POLLIN, POLLIN);
	check_eq("short read", read(fd, &i, 3), 0);
	for (i = 0; i < 200; i++) {
		unmask(fd, b);
		port_call(fd, IOCTL_EVTCHN_NOTIFY, a);
		usleep(200);
	}
	check_eq("overflow polled", events(fd, 0), POLLERR);
	check_eq("overflow", read_port(fd), -EFBIG);
	check_eq("reset", call(fd, IOCTL_EVTCHN_RESET, NULL), 0);
	check_eq("after reset", read_port(fd), -EAGAIN);
	check_eq("unbind", port_call(fd, IOCTL_EVTCHN_UNBIND, b), 0);
	check_eq("unbind again", port_call(fd, IOCTL_EVTCHN_UNBIND, b),
		 -ENOTCONN);
}

static void test_evtchn_many(int fd)
{
	int i, bad = 0;

	for (i = 0; i < 300; i++)
		bad += bind_unbound(fd, 0) <= 0;
	check_eq("ports refused", bad, 0);
}

static long share(int fd, unsigned int count, uint64_t *index, uint32_t *ref)
{
	struct ioctl_gntalloc_alloc_gref *arg;
	long ret;

	arg = calloc(1, sizeof(*arg) + 4ul * count);
	arg->flags = GNTALLOC_FLAG_WRITABLE;
	arg->count = count;
	ret = call(fd, IOCTL_GNTALLOC_ALLOC_GREF, arg);
	*index = arg->index;
	if (!ret)
		memcpy(ref, arg->gref_ids, 4ul * count);
	free(arg);
	return ret;
}

static long map(int fd, unsigned int count, const uint32_t *ref,
		uint64_t *index)
{
	struct ioctl_gntdev_map_grant_ref *arg;
	unsigned int i;
	long ret;

	arg = calloc(1, sizeof(*arg) + 8ul * count);
	arg->count = count;
	for (i = 0; i < count; i++)
		arg->refs[i].ref = ref[i];
	ret = call(fd, IOCTL_GNTDEV_MAP_GRANT_REF, arg);
	*index = arg->index;
	free(arg);
	return ret;
}

static char *show(int fd, uint64_t index, unsigned int count, int prot,
		  int flags)
{
	char *p = mmap(NULL, count * PAGE, prot, flags, fd, index);

	return p == MAP_FAILED ? NULL : p;
}

static long unmap(int fd, uint64_t index, unsigned int count)
{
	struct ioctl_gntdev_unmap_grant_ref arg = { .index = index,
						    .count = count };

	return call(fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &arg);
}

static void test_map(int ga, int gd, unsigned int count)
{
	struct ioctl_gntdev_get_offset_for_vaddr where = { 0 };
	struct ioctl_gntdev_unmap_notify notify = { 0 };
	struct ioctl_gntalloc_dealloc_gref gone = { .count = count };
	uint64_t mine, theirs;
	uint32_t *ref = calloc(count, 4);
	char *a, *b;
	unsigned int i, bad = 0;

	check_eq("share", share(ga, count, &mine, ref), 0);
	a = show(ga, mine, count, PROT_READ | PROT_WRITE, MAP_SHARED);
	check_eq("map request", map(gd, count, ref, &theirs), 0);
	check_eq("private write",
		 show(gd, theirs, count, PROT_WRITE, MAP_PRIVATE) != NULL, 0);
	b = show(gd, theirs, count, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (!a || !b) {
		check_eq("mapped", 0, 1);
		return;
	}
	for (i = 0; i < count; i++)
		memset(a + i * PAGE, i + 1, PAGE);
	bad = memcmp(a, b, count * PAGE) != 0;
	b[count * PAGE - 1] = 99;
	bad += a[count * PAGE - 1] != 99;
	check_eq("contents differ", bad, 0);
	check_eq("second mmap",
		 show(gd, theirs, count, PROT_READ, MAP_SHARED) != NULL, 0);
	where.vaddr = (uintptr_t)b;
	check_eq("offset", call(gd, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &where),
		 0);
	check_eq("offset's value", where.offset, theirs);
	check_eq("offset's count", where.count, count);
	where.vaddr = (uintptr_t)&where;
	check_eq("no offset",
		 call(gd, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &where), -EINVAL);
	notify.index = theirs + 5;
	notify.action = UNMAP_NOTIFY_CLEAR_BYTE;
	check_eq("notify", call(gd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &notify), 0);
	notify.action = 8;
	check_eq("notify what",
		 call(gd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &notify), -EINVAL);
	if (count > 2)
		munmap(b + PAGE, PAGE);
	munmap(b, count * PAGE);
	check_eq("unmap of another size", unmap(gd, theirs, count + 1),
		 -ENOENT);
	check_eq("unmap", unmap(gd, theirs, count), 0);
	check_eq("unmap again", unmap(gd, theirs, count), -ENOENT);
	check_eq("cleared byte", a[5], 0);
	check_eq("byte beside it", a[6], 1);
	munmap(a, count * PAGE);
	gone.index = mine;
	check_eq("dealloc", call(ga, IOCTL_GNTALLOC_DEALLOC_GREF, &gone), 0);
	check_eq("dealloc again", call(ga, IOCTL_GNTALLOC_DEALLOC_GREF, &gone),
		 -EINVAL);
	free(ref);
}

/* One grant of two is bad: neither stays mapped, and the good one works on. */
static void test_partial(int ga, int gd)
{
	uint32_t ref[2], bad[2];
	uint64_t mine, theirs;

	check_eq("share", share(ga, 2, &mine, ref), 0);
	bad[0] = ref[0];
	bad[1] = 0x7fffff;
	check_eq("request", map(gd, 2, bad, &theirs), 0);
	check_eq("mapped", show(gd, theirs, 2, PROT_READ, MAP_SHARED) != NULL,
		 0);
	check_eq("unmap", unmap(gd, theirs, 2), 0);
	check_eq("request", map(gd, 2, ref, &theirs), 0);
	check_eq("mapped", show(gd, theirs, 2, PROT_READ, MAP_SHARED) != NULL,
		 1);
	/* Left as it is: the close must do it all. */
}

static void test_copy(int ga, int gd, unsigned int count)
{
	struct gntdev_grant_copy_segment *seg = calloc(count, sizeof(*seg));
	struct ioctl_gntdev_grant_copy arg = { count, seg };
	uint32_t *ref = calloc(count, 4);
	char *local = malloc(count * PAGE + 100);
	unsigned int i, bad = 0;
	uint64_t mine;
	char *a;

	check_eq("share", share(ga, count, &mine, ref), 0);
	a = show(ga, mine, count, PROT_READ | PROT_WRITE, MAP_SHARED);
	for (i = 0; i < count * PAGE; i++)
		local[i + 100] = i * 7 + i / PAGE;
	for (i = 0; i < count; i++) {
		seg[i].source.virt = local + 100 + i * PAGE;
		seg[i].dest.foreign.ref = ref[i];
		seg[i].flags = GREF_DEST;
		seg[i].len = PAGE;
	}
	check_eq("copy out", call(gd, IOCTL_GNTDEV_GRANT_COPY, &arg), 0);
	check_eq("copied out", memcmp(a, local + 100, count * PAGE) != 0, 0);
	memset(local, 0, count * PAGE + 100);
	for (i = 0; i < count; i++) {
		bad += seg[i].status != 0;
		seg[i].dest.virt = local + 100 + i * PAGE;
		seg[i].source.foreign.ref = ref[i];
		seg[i].source.foreign.offset = 0;
		seg[i].source.foreign.domid = 0;
		seg[i].flags = GREF_SOURCE;
	}
	check_eq("bad statuses", bad, 0);
	seg[0].source.foreign.ref = 0x7fffff;
	check_eq("copy in", call(gd, IOCTL_GNTDEV_GRANT_COPY, &arg), 0);
	check_eq("a bad grant's status", seg[0].status != 0, 1);
	check_eq("copied in",
		 memcmp(a + PAGE, local + 100 + PAGE, (count - 1) * PAGE) != 0,
		 0);
	seg[0].source.foreign.ref = ref[0];
	seg[0].source.foreign.offset = 1;
	check_eq("beyond the page", call(gd, IOCTL_GNTDEV_GRANT_COPY, &arg),
		 -EINVAL);
	seg[0].flags = 0;
	check_eq("no grant", call(gd, IOCTL_GNTDEV_GRANT_COPY, &arg), -EINVAL);
	seg[0].flags = GREF_SOURCE;
	seg[0].source.foreign.offset = 0;
	seg[0].dest.virt = (void *)16;
	check_eq("bad memory", call(gd, IOCTL_GNTDEV_GRANT_COPY, &arg),
		 -EFAULT);
	munmap(a, count * PAGE);
	free(local);
	free(ref);
	free(seg);
}

static void test_limits(int ga, int gd)
{
	uint32_t ref[1] = { 0 };
	uint64_t index;

	check_eq("no grants", map(gd, 0, ref, &index), -EINVAL);
	check_eq("unknown", call(gd, _IOC(0, 'G', 99, 0), NULL), -ENOTTY);
	check_eq("bad memory", call(gd, IOCTL_GNTDEV_MAP_GRANT_REF, NULL),
		 -EFAULT);
	check_eq("too many shares", share(ga, 70000, &index, NULL), -ENOSPC);
	check_eq("unknown", call(ga, _IOC(0, 'G', 99, 0), NULL), -ENOTTY);
}

int main(void)
{
	int fd, ga, gd;

	setvbuf(stdout, NULL, _IOLBF, 0);

	fd = open_device("/dev/xen/evtchn");
	test_evtchn_errors(fd);
	close(fd);
	fd = open_device("/dev/xen/evtchn");
	test_evtchn_events(fd);
	test_evtchn_many(fd);
	close(fd);

	ga = open_device("/dev/xen/gntalloc");
	gd = open_device("/dev/xen/gntdev");
	test_limits(ga, gd);
	test_map(ga, gd, 1);
	test_map(ga, gd, 5);
	test_map(ga, gd, 700);
	test_partial(ga, gd);
	test_copy(ga, gd, 2);
	test_copy(ga, gd, 600);
	close(gd);
	close(ga);
	printf("%d checks, %d failed\n", checks, failures);
	return failures != 0;
}
