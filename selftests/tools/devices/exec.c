// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A process that holds ports, grants and mappings becomes another program, and
 * ends. What it leaves open stays in use; all else goes at once.
 */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the holder tells before it becomes the program @hold. */
struct told {
	uint32_t port; /* bound by the holder, offered to this domain */
	uint32_t far; /* its other end, in the same file */
	uint32_t ref; /* granted by the holder */
};

struct holder {
	pid_t pid;
	int to; /* closing it ends the program */
	int from;
	struct told told;
};

/* Maps the page of the parent's, with what is to happen when it goes. */
static void map_parents(int gd, uint32_t ref, uint32_t port)
{
	struct ioctl_gntdev_unmap_notify notify = {
		.action = UNMAP_NOTIFY_CLEAR_BYTE | UNMAP_NOTIFY_SEND_EVENT,
		.event_channel_port = port,
	};
	uint64_t index;
	char *at;

	if (map(gd, 1, &ref, &index))
		_exit(10);
	notify.index = index + 9;
	at = show(gd, index, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (!at || call(gd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &notify))
		_exit(11);
	at[10] = 5;
}

static void become_holder(struct holder *holder, int in, int out, bool keep,
			  uint32_t ref, uint32_t parents_port)
{
	int ev = open_device("/dev/xen/evtchn");
	int gd = open_device("/dev/xen/gntdev");
	int ga = open_device("/dev/xen/gntalloc");
	int flags = keep ? 0 : FD_CLOEXEC;
	char text[5][16];
	uint64_t index;
	char *at;

	holder->told.port = bind_unbound(ev, 0);
	holder->told.far = bind_remote(ev, 0, holder->told.port);
	if (share(ga, 1, &index, &holder->told.ref))
		_exit(12);
	at = show(ga, index, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (!at)
		_exit(13);
	memcpy(at, "granted", sizeof("granted"));
	map_parents(gd, ref, parents_port);
	fcntl(ev, F_SETFL, 0);
	fcntl(ev, F_SETFD, flags);
	fcntl(gd, F_SETFD, flags);
	fcntl(ga, F_SETFD, flags);
	write(out, &holder->told, sizeof(holder->told));
	snprintf(text[0], sizeof(text[0]), "%d", ev);
	snprintf(text[1], sizeof(text[1]), "%u", holder->told.port);
	snprintf(text[2], sizeof(text[2]), "%u", holder->told.far);
	snprintf(text[3], sizeof(text[3]), "%d", in);
	snprintf(text[4], sizeof(text[4]), "%d", out);
	execl("/proc/self/exe", "devices", "hold", text[0], text[1], text[2],
	      text[3], text[4], NULL);
	_exit(14);
}

static void holder_start(struct holder *holder, bool keep, uint32_t ref,
			 uint32_t parents_port)
{
	int to[2], from[2];

	pipe(to);
	pipe(from);
	holder->pid = fork();
	if (!holder->pid) {
		close(to[1]);
		close(from[0]);
		become_holder(holder, to[0], from[1], keep, ref, parents_port);
	}
	close(to[0]);
	close(from[1]);
	holder->to = to[1];
	holder->from = from[0];
	check_eq("the holder is ready",
		 read(holder->from, &holder->told, sizeof(holder->told)),
		 sizeof(holder->told));
}

/* The new program says how its event went; it has the file or it has not. */
static char holder_says(struct holder *holder)
{
	char said = '?';

	read(holder->from, &said, 1);
	return said;
}

static void holder_end(struct holder *holder)
{
	int status = -1;

	close(holder->to);
	waitpid(holder->pid, &status, 0);
	check_eq("the holder's end", status, 0);
	close(holder->from);
}

/* Whether a grant of this domain's can be mapped: who gave it lives. */
static bool granted(uint32_t ref)
{
	int gd = open_device("/dev/xen/gntdev");
	uint64_t index;
	bool good = false;
	char *at;

	if (!map(gd, 1, &ref, &index)) {
		at = show(gd, index, 1, PROT_READ, MAP_SHARED);
		good = at && !strcmp(at, "granted");
		if (at)
			munmap(at, PAGE);
	}
	close(gd);
	return good;
}

static void test_holder(bool keep)
{
	int ev = open_device("/dev/xen/evtchn");
	int ga = open_device("/dev/xen/gntalloc");
	long port = bind_unbound(ev, 0), heard = bind_remote(ev, 0, port);
	struct holder holder;
	uint64_t index;
	uint32_t ref;
	char *at;

	fcntl(ev, F_SETFL, O_NONBLOCK);
	if (events(ev, 200) & 1)
		unmask(ev, read_port(ev));
	check_eq("share", share(ga, 1, &index, &ref), 0);
	at = show(ga, index, 1, PROT_READ | PROT_WRITE, MAP_SHARED);
	memset(at, 1, PAGE);
	holder_start(&holder, keep, ref, port);
	check_eq("exec: what the new program sees", holder_says(&holder),
		 keep ? 'e' : 'n');
	/* its address space went with the old program, whatever it keeps */
	check_eq("exec: written through the mapping", at[10], 5);
	check_eq("exec: byte of the unmap", at[9], 0);
	check_eq("exec: event of the unmap", events(ev, keep ? 300 : 2000) & 1,
		 !keep);
	check_eq("exec: ports",
		 xen_port_status(holder.told.port) == PORT_INTERDOMAIN, keep);
	check_eq("exec: grant", granted(holder.told.ref), keep);
	holder_end(&holder);
	check_eq("end: event of the unmap", events(ev, 2000) & 1, 1);
	check_eq("end: its port", read_port(ev), heard);
	check_eq("end: port", xen_port_status(holder.told.port), PORT_CLOSED);
	check_eq("end: its other end", xen_port_status(holder.told.far),
		 PORT_CLOSED);
	check_eq("end: grant", granted(holder.told.ref), 0);
	munmap(at, PAGE);
	close(ga);
	close(ev);
}

void test_exec(void)
{
	test_holder(true);
	test_holder(false);
}

/*
 * devices hold FD PORT FAR IN OUT: says 'e' when an event came through a file
 * that was opened before, 'n' when there is no such file; ends with its input.
 */
int hold(char **argv)
{
	int fd = atoi(argv[0]), port = atoi(argv[1]), far = atoi(argv[2]);
	int in = atoi(argv[3]), out = atoi(argv[4]), i;
	char said = 'n';
	long got = 0;

	alarm(20);
	if (fcntl(fd, F_GETFD) >= 0) {
		/* the bind was an event, too */
		if (events(fd, 200) & 1)
			unmask(fd, read_port(fd));
		port_call(fd, IOCTL_EVTCHN_NOTIFY, port);
		for (i = 0; i < 2 && got != far; i++)
			got = events(fd, 1000) & 1 ? read_port(fd) : 0;
		said = got == far ? 'e' : 'l';
	}
	write(out, &said, 1);
	read(in, &said, 1);
	return 0;
}
