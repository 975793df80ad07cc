// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Ports of several kinds and owners, and many events that wait at a time. */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VIRQ_CON_RING 8
#define PAIRS 220
#define PORTS_MAX 131072

static long bind_virq(int fd, unsigned int virq)
{
	struct ioctl_evtchn_bind_virq arg = { .virq = virq };

	return call(fd, IOCTL_EVTCHN_BIND_VIRQ, &arg);
}

/* Xen raises it when it has printed something; nobody else listens here. */
static void test_virq(int fd, int other)
{
	long port = bind_virq(fd, VIRQ_CON_RING);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	check_eq("virq", port > 0, 1);
	check_eq("virq again", bind_virq(fd, VIRQ_CON_RING), -EEXIST);
	check_eq("virq of another", bind_virq(other, VIRQ_CON_RING), -EEXIST);
	check_eq("Xen prints", system("xl debug-keys s"), 0);
	check_eq("virq's event", events(fd, 2000) & 1, 1);
	check_eq("virq's port", read_port(fd), port);
	check_eq("virq unmasked", unmask(fd, port), 4);
	check_eq("virq unbound", port_call(fd, IOCTL_EVTCHN_UNBIND, port), 0);
	port = bind_virq(other, VIRQ_CON_RING);
	check_eq("virq for another", port > 0, 1);
}

static void test_others(int fd, int other)
{
	long mine = bind_unbound(fd, 0), its = bind_unbound(other, 0);

	check_eq("ports", mine > 0 && its > 0, 1);
	check_eq("unbind of another's", port_call(fd, IOCTL_EVTCHN_UNBIND, its),
		 -ENOTCONN);
	check_eq("notify of another's", port_call(fd, IOCTL_EVTCHN_NOTIFY, its),
		 -ENOTCONN);
	check_eq("unmask of another's", unmask(fd, its), 4);
	check_eq("its owner notifies",
		 port_call(other, IOCTL_EVTCHN_NOTIFY, its), 0);
	check_eq("its owner unbinds",
		 port_call(other, IOCTL_EVTCHN_UNBIND, its), 0);
	check_eq("one's own", port_call(fd, IOCTL_EVTCHN_UNBIND, mine), 0);
}

/* Reads until all of @port have come once each; how many did not. */
static int read_each_once(int fd, const uint32_t *port, unsigned int nr)
{
	static unsigned char seen[PORTS_MAX];
	unsigned int i, wrong = 0;
	uint32_t got[256]; /* more than the driver carries at a time */
	ssize_t bytes;

	memset(seen, 0, sizeof(seen));
	while (events(fd, 300) & 1) {
		bytes = read(fd, got, sizeof(got));
		if (bytes <= 0)
			return -errno;
		for (i = 0; i < bytes / sizeof(*got); i++)
			seen[got[i] % PORTS_MAX]++;
	}
	for (i = 0; i < nr; i++)
		wrong += seen[port[i]] != 1;
	return wrong;
}

/* More events than the ring has room for at first, none of them read yet. */
static void test_waiting(int fd, int other)
{
	uint32_t near[PAIRS], far[PAIRS];
	unsigned int i, bad = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (i = 0; i < PAIRS; i++) {
		near[i] = bind_unbound(other, 0);
		/* pending at once: the ring grows with events in it */
		far[i] = bind_remote(fd, 0, near[i]);
		bad += (int)near[i] <= 0 || (int)far[i] <= 0;
	}
	check_eq("pairs refused", bad, 0);
	if (bad)
		return;
	check_eq("events of the binds lost", read_each_once(fd, far, PAIRS), 0);
	check_eq("unmask all", write(fd, far, sizeof(far)), sizeof(far));
	for (i = 0; i < PAIRS; i++)
		bad += port_call(other, IOCTL_EVTCHN_NOTIFY, near[i]) != 0;
	check_eq("notifies refused", bad, 0);
	usleep(100000);
	check_eq("events lost", read_each_once(fd, far, PAIRS), 0);
	check_eq("nothing left", read_port(fd), -EAGAIN);
}

/* What nobody has read of a port does not outlive it. */
static void test_unread(int fd, int other)
{
	long near = bind_unbound(other, 0), far = bind_remote(fd, 0, near);
	long kept = bind_unbound(other, 0), got = bind_remote(fd, 0, kept);
	int i, bad = 0;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	/* each bind is an event */
	usleep(100000);
	check_eq("unbind", port_call(fd, IOCTL_EVTCHN_UNBIND, far), 0);
	check_differs("the first to be read", read_port(fd), got, far);
	check_differs("the second", read_port(fd), -EAGAIN, got);
	check_eq("unmask", unmask(fd, got), 4);
	for (i = 0; i < 100; i++) {
		port_call(other, IOCTL_EVTCHN_UNBIND, near);
		near = bind_unbound(other, 0);
		far = bind_remote(fd, 0, near);
		usleep(2000);
		bad += port_call(fd, IOCTL_EVTCHN_UNBIND, far) != 0;
	}
	check_eq("binds refused", bad, 0);
	check_differs("overflow", !!(events(fd, 0) & POLLERR), 0, 1);
	port_call(other, IOCTL_EVTCHN_NOTIFY, kept);
	usleep(100000);
	check_differs("an event after all", read_port(fd), got, -EFBIG);
}

static void with_two_files(void (*test)(int fd, int other))
{
	int fd = open_device("/dev/xen/evtchn");
	int other = open_device("/dev/xen/evtchn");

	test(fd, other);
	close(other);
	close(fd);
}

void test_ports(void)
{
	with_two_files(test_virq);
	with_two_files(test_others);
	with_two_files(test_waiting);
	with_two_files(test_unread);
}

/* A file restricted to a domain that is there, which offers @port. */
void test_restricted(unsigned int domid, unsigned int port)
{
	struct ioctl_evtchn_restrict_domid arg = { .domid = domid };
	int fd = open_device("/dev/xen/evtchn");
	int free = open_device("/dev/xen/evtchn");
	long ours = bind_unbound(free, 0), local;

	check_eq("restrict", call(fd, IOCTL_EVTCHN_RESTRICT_DOMID, &arg), 0);
	check_eq("restricted: unbound", bind_unbound(fd, domid), -EACCES);
	check_eq("restricted: virq", bind_virq(fd, VIRQ_CON_RING), -EACCES);
	check_eq("restricted: this domain", bind_remote(fd, 0, ours), -EACCES);
	check_eq("restricted: no such port", bind_remote(fd, domid, 4000),
		 -EINVAL);
	local = bind_remote(fd, domid, port);
	check_eq("restricted: its own domain", local > 0, 1);
	check_eq("restricted: notify",
		 port_call(fd, IOCTL_EVTCHN_NOTIFY, local), 0);
	check_eq("restricted: unbind",
		 port_call(fd, IOCTL_EVTCHN_UNBIND, local), 0);
	close(free);
	close(fd);
}
