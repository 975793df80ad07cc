// SPDX-License-Identifier: GPL-2.0 OR MIT
/* BIND_STATIC: ports that were there before, bound by their number. */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

static long bind_static(int fd, unsigned int port)
{
	return port_call(fd, IOCTL_EVTCHN_BIND_STATIC, port);
}

bool has_static_binds(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	return sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 6));
}

/* A port of the kernel's own: a timer, or a call between CPUs. */
static unsigned int kernels_port(void)
{
	unsigned int port;
	long status;

	for (port = 1; port < 64; port++) {
		status = xen_port_status(port);
		if (status == PORT_VIRQ || status == PORT_IPI)
			return port;
	}
	return 0;
}

static void test_refused(int fd, int other)
{
	struct ioctl_evtchn_restrict_domid domid = { .domid = 7 };
	int restricted = open_device("/dev/xen/evtchn");
	long own = bind_unbound(fd, 0), its = bind_unbound(other, 0);
	long gone = xen_alloc_unbound();

	check_eq("static: a port of this file", bind_static(fd, own), -EISCONN);
	check_eq("static: a port of another file", bind_static(fd, its),
		 -EBUSY);
	check_eq("a port of the kernel", kernels_port() > 0, 1);
	check_eq("static: a port of the kernel",
		 bind_static(fd, kernels_port()), -EBUSY);
	check_eq("a port to close", gone > 0, 1);
	check_eq("static: no such number", bind_static(fd, ~0u), -ENOENT);
	check_eq("close", xen_close(gone), 0);
	check_eq("static: a closed port", bind_static(fd, gone), -ENOENT);
	/* nothing of that has broken the ports */
	check_eq("the file's own works",
		 port_call(fd, IOCTL_EVTCHN_NOTIFY, own), 0);
	check_eq("the other's works",
		 port_call(other, IOCTL_EVTCHN_NOTIFY, its), 0);

	gone = xen_alloc_unbound();
	check_eq("restrict",
		 call(restricted, IOCTL_EVTCHN_RESTRICT_DOMID, &domid), 0);
	check_eq("static: a restricted file", bind_static(restricted, gone),
		 -EACCES);
	xen_close(gone);
	close(restricted);
}

/* Events arrive, and the port is still there when the file is not. */
static void test_bound(int fd, int other)
{
	long port = xen_alloc_unbound(), far;

	check_eq("static: bind", bind_static(fd, port), 0);
	check_eq("static: bind again", bind_static(fd, port), -EISCONN);
	check_eq("static: bind elsewhere", bind_static(other, port), -EBUSY);
	far = bind_remote(other, 0, port);
	check_eq("its other end", far > 0, 1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	check_eq("notify", port_call(other, IOCTL_EVTCHN_NOTIFY, far), 0);
	check_eq("static: event", events(fd, 1000) & 1, 1);
	check_eq("static: its port", read_port(fd), port);
	check_eq("static: unmask", unmask(fd, port), 4);
	check_eq("notify", port_call(other, IOCTL_EVTCHN_NOTIFY, far), 0);
	check_eq("static: next event", events(fd, 1000) & 1, 1);
	check_eq("static: unbind", port_call(fd, IOCTL_EVTCHN_UNBIND, port), 0);
	check_eq("static: unbound, not closed", xen_port_status(port),
		 PORT_INTERDOMAIN);
	check_eq("static: bind once more", bind_static(other, port), 0);
	close(fd);
	close(other);
	check_eq("static: not closed with its file", xen_port_status(port) > 0,
		 1);
	check_eq("close", xen_close(port), 0);
	check_eq("closed", xen_port_status(port), PORT_CLOSED);
}

void test_static(void)
{
	int fd = open_device("/dev/xen/evtchn");
	int other = open_device("/dev/xen/evtchn");

	if (!has_static_binds()) {
		check_eq("static: not there", bind_static(fd, 1), -ENOSYS);
		close(fd);
		close(other);
		return;
	}
	test_refused(fd, other);
	test_bound(fd, other);
}
