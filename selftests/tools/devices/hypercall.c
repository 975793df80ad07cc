// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Event channel hypercalls past the devices, by /dev/xen/privcmd. */

#include "devices.h"

#include <unistd.h>

/* As in the kernel's xen/privcmd.h, which needs headers that programs lack. */
struct privcmd_hypercall {
	uint64_t op;
	uint64_t arg[5];
};

#define IOCTL_PRIVCMD_HYPERCALL \
	_IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_hypercall))

#define EVENT_CHANNEL_OP 32
#define OP_CLOSE 3
#define OP_STATUS 5
#define OP_ALLOC_UNBOUND 6
#define DOMID_SELF 0x7ff0

static long event_channel_op(unsigned int op, void *arg)
{
	struct privcmd_hypercall hypercall = {
		.op = EVENT_CHANNEL_OP,
		.arg = { op, (uintptr_t)arg },
	};
	int fd = open_device("/dev/xen/privcmd");
	long ret = call(fd, IOCTL_PRIVCMD_HYPERCALL, &hypercall);

	close(fd);
	return ret;
}

/* A port that this domain may bind to, and that no driver knows of. */
long xen_alloc_unbound(void)
{
	struct {
		domid_t dom;
		domid_t remote_dom;
		uint32_t port;
	} arg = { DOMID_SELF, DOMID_SELF, 0 };
	long ret = event_channel_op(OP_ALLOC_UNBOUND, &arg);

	return ret ? ret : (long)arg.port;
}

long xen_close(uint32_t port)
{
	return event_channel_op(OP_CLOSE, &port);
}

/* PORT_*, or minus an errno. */
long xen_port_status(uint32_t port)
{
	struct {
		domid_t dom;
		uint32_t port;
		uint32_t status;
		uint32_t vcpu;
		uint64_t rest;
	} arg = { .dom = DOMID_SELF, .port = port };
	long ret = event_channel_op(OP_STATUS, &arg);

	return ret ? ret : (long)arg.status;
}
