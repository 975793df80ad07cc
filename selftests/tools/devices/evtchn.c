// SPDX-License-Identifier: GPL-2.0 OR MIT
/* /dev/xen/evtchn: each call, used well and badly. */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* How many of this program's interrupts go to a CPU, as /proc/irq shows them. */
static unsigned int irqs_on_cpu(long cpu)
{
	unsigned int i, nr = 0;
	char name[PATH_MAX];
	glob_t found;
	long where;
	FILE *file;

	if (glob("/proc/irq/*/evtchn:devices", 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++) {
		snprintf(name, sizeof(name), "%s/../effective_affinity_list",
			 found.gl_pathv[i]);
		file = fopen(name, "r");
		if (file && fscanf(file, "%ld", &where) == 1)
			nr += where == cpu;
		if (file)
			fclose(file);
	}
	globfree(&found);
	return nr;
}

static void test_evtchn_many(int fd)
{
	long cpu, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int i, bad = 0;

	for (i = 0; i < 300; i++)
		bad += bind_unbound(fd, 0) <= 0;
	check_eq("ports refused", bad, 0);
	for (cpu = 0; cpu < cpus; cpu++)
		check_eq("a CPU has its part of the ports",
			 irqs_on_cpu(cpu) >= 300 / cpus / 2, 1);
}

/* The first event of the empty ring sends SIGIO to who asked for it. */
static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void test_evtchn_async(int fd)
{
	long a = bind_unbound(fd, 0), b = bind_remote(fd, 0, a);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (events(fd, 200) & POLLIN)
		unmask(fd, read_port(fd));
	signal(SIGIO, on_signal);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	port_call(fd, IOCTL_EVTCHN_NOTIFY, a);
	events(fd, 1000);
	/* another CPU may be about to send it; the sleep ends with it */
	usleep(200000);
	check_eq("signals", signals, 1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	check_eq("its port", read_port(fd), b);
	unmask(fd, b);
	port_call(fd, IOCTL_EVTCHN_NOTIFY, a);
	events(fd, 1000);
	check_eq("signals without O_ASYNC", signals, 1);
}

/* A child has the file too, and may outlive who opened it. */
static void test_evtchn_fork(int fd)
{
	long a = bind_unbound(fd, 0), b = bind_remote(fd, 0, a);
	int status = -1;
	pid_t child;

	fcntl(fd, F_SETFL, 0);
	if (events(fd, 200) & POLLIN)
		unmask(fd, read_port(fd));
	child = fork();
	if (!child)
		_exit(read_port(fd) == b ? 0 : 1);
	usleep(100000);
	port_call(fd, IOCTL_EVTCHN_NOTIFY, a);
	waitpid(child, &status, 0);
	check_eq("a child reads the port", status, 0);
	check_eq("unmask what a child read", unmask(fd, b), 4);
	/* a reader asleep holds the file: close is no end for it */
	child = fork();
	if (!child) {
		alarm(2);
		read_port(fd);
		_exit(0);
	}
	usleep(100000);
	close(fd);
	waitpid(child, &status, 0);
	check_eq("a reader killed asleep",
		 WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGALRM);
}

/* An event that comes while its port is unbound, many times over. */
static void test_evtchn_race(int fd)
{
	long a = bind_unbound(fd, 0), first = a, b;
	int i, bad = 0;
	pid_t child;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	child = fork();
	if (!child)
		for (i = 0;; i++)
			port_call(fd, IOCTL_EVTCHN_NOTIFY, first + i % 4);
	for (i = 0; i < 300; i++) {
		b = bind_remote(fd, 0, a);
		bad += b <= 0;
		bad += port_call(fd, IOCTL_EVTCHN_UNBIND, b) != 0;
		/* Xen offers a port once: a new one for the next round */
		bad += port_call(fd, IOCTL_EVTCHN_UNBIND, a) != 0;
		a = bind_unbound(fd, 0);
		bad += a <= 0;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	check_eq("rounds of bind and unbind under events", bad, 0);
}

void test_evtchn(void)
{
	static void (*const test[])(int fd) = {
		test_evtchn_errors, test_evtchn_events, test_evtchn_many,
		test_evtchn_async,  test_evtchn_fork,	test_evtchn_race,
	};
	unsigned int i;

	for (i = 0; i < sizeof(test) / sizeof(test[0]); i++) {
		int fd = open_device("/dev/xen/evtchn");

		test[i](fd);
		close(fd);
	}
}
