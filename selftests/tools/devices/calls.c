// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The calls of the devices, and the count of wrong answers. */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int checks, failures;
bool intree;

void check_eq(const char *what, long got, long want)
{
	checks++;
	if (got == want)
		return;
	failures++;
	printf("%s: got %ld, not %ld\n", what, got, want);
}

/* What the drivers answer differently, on purpose: see Documentation/. */
void check_differs(const char *what, long got, long ours, long theirs)
{
	check_eq(what, got, intree ? theirs : ours);
}

/* The ioctl's answer: 0 or more, or minus the errno. */
long call(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

int open_device(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(name);
		exit(2);
	}
	return fd;
}

long port_call(int fd, unsigned long cmd, unsigned int port)
{
	struct ioctl_evtchn_unbind arg = { .port = port };

	return call(fd, cmd, &arg);
}

long bind_unbound(int fd, unsigned int domid)
{
	struct ioctl_evtchn_bind_unbound_port arg = { .remote_domain = domid };

	return call(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &arg);
}

long bind_remote(int fd, unsigned int domid, unsigned int port)
{
	struct ioctl_evtchn_bind_interdomain arg = { domid, port };

	return call(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &arg);
}

long read_port(int fd)
{
	uint32_t port;
	ssize_t got = read(fd, &port, sizeof(port));

	return got < 0 ? -errno : (long)port;
}

long unmask(int fd, uint32_t port)
{
	ssize_t put = write(fd, &port, sizeof(port));

	return put < 0 ? -errno : put;
}

short events(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	poll(&p, 1, timeout_ms);
	return p.revents;
}

long share_with(int fd, unsigned int domid, unsigned int count, uint64_t *index,
		uint32_t *ref)
{
	struct ioctl_gntalloc_alloc_gref *arg;
	long ret;

	arg = calloc(1, sizeof(*arg) + 4ul * count);
	arg->domid = domid;
	arg->flags = GNTALLOC_FLAG_WRITABLE;
	arg->count = count;
	ret = call(fd, IOCTL_GNTALLOC_ALLOC_GREF, arg);
	*index = arg->index;
	if (!ret)
		memcpy(ref, arg->gref_ids, 4ul * count);
	free(arg);
	return ret;
}

long share(int fd, unsigned int count, uint64_t *index, uint32_t *ref)
{
	return share_with(fd, 0, count, index, ref);
}

long map(int fd, unsigned int count, const uint32_t *ref, uint64_t *index)
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

char *show(int fd, uint64_t index, unsigned int count, int prot, int flags)
{
	char *p = mmap(NULL, count * PAGE, prot, flags, fd, index);

	return p == MAP_FAILED ? NULL : p;
}

long unmap(int fd, uint64_t index, unsigned int count)
{
	struct ioctl_gntdev_unmap_grant_ref arg = { .index = index,
						    .count = count };

	return call(fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &arg);
}
