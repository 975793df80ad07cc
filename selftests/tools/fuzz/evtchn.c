// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Calls of /dev/xen/evtchn that may succeed. */

#include "fuzz.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void keep_port(struct fuzz *fuzz, int port)
{
	if (port > 0)
		fuzz_keep(fuzz, &fuzz->memory->ports, port);
}

static void bind(struct fuzz *fuzz, int fd)
{
	struct ioctl_evtchn_bind_interdomain remote = {
		.remote_domain = fuzz_random(fuzz) % 3,
		.remote_port = fuzz_pick(fuzz, &fuzz->memory->ports),
	};
	struct ioctl_evtchn_bind_unbound_port open_port = {
		.remote_domain = fuzz_random(fuzz) % 3,
	};
	struct ioctl_evtchn_bind_virq virq = {
		.virq = fuzz_random(fuzz) % 40,
	};

	switch (fuzz_random(fuzz) % 4) {
	case 0:
		keep_port(fuzz,
			  ioctl(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &remote));
		break;
	case 1:
		keep_port(fuzz, ioctl(fd, IOCTL_EVTCHN_BIND_VIRQ, &virq));
		break;
	default:
		keep_port(fuzz, ioctl(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT,
				      &open_port));
		break;
	}
}

static void move_ports(struct fuzz *fuzz, int fd)
{
	struct pollfd events = { .fd = fd, .events = POLLIN | POLLOUT };
	uint32_t port[64];
	unsigned int i, nr = fuzz_random(fuzz) % 64;

	poll(&events, 1, 0);
	if (fuzz_random(fuzz) % 2)
		read(fd, port, sizeof(port));
	for (i = 0; i < nr; i++)
		port[i] = fuzz_pick(fuzz, &fuzz->memory->ports);
	write(fd, port, nr * sizeof(*port));
}

void fuzz_evtchn(struct fuzz *fuzz, int fd)
{
	struct ioctl_evtchn_unbind port = {
		.port = fuzz_pick(fuzz, &fuzz->memory->ports),
	};
	struct ioctl_evtchn_restrict_domid domid = {
		.domid = fuzz_random(fuzz) % 8,
	};

	switch (fuzz_random(fuzz) % 16) {
	case 0 ... 4:
		bind(fuzz, fd);
		break;
	case 5 ... 6:
		ioctl(fd, IOCTL_EVTCHN_UNBIND, &port);
		break;
	case 7 ... 10:
		ioctl(fd, IOCTL_EVTCHN_NOTIFY, &port);
		break;
	case 11:
		ioctl(fd, IOCTL_EVTCHN_RESET, 0);
		break;
	case 12:
		fcntl(fd, F_SETOWN, getpid());
		fcntl(fd, F_SETFL,
		      O_NONBLOCK | (fuzz_random(fuzz) % 2 ? O_ASYNC : 0));
		break;
	case 13:
		if (!(fuzz_random(fuzz) % 16))
			ioctl(fd, IOCTL_EVTCHN_RESTRICT_DOMID, &domid);
		break;
	default:
		move_ports(fuzz, fd);
		break;
	}
}
