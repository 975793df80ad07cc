// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A call whose argument lies in a page that does not come, as of a file whose server
 * is away: it is on a disk of the device mapper, which is suspended. Others that bind
 * ports may not wait for that, neither on the same file nor elsewhere, and not with a
 * bind of a port by its number between them either.
 */

#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Pages so far from each other are not read together. */
#define APART 0x400000ul
#define PATIENCE_MS 2000

/* A call in a thread of its own. */
struct caller {
	pthread_t thread;
	int fd;
	unsigned long cmd;
	void *arg;
	long answer;
	atomic_int id;
	atomic_int done;
};

static void *make_call(void *data)
{
	struct caller *caller = data;

	caller->id = syscall(SYS_gettid);
	caller->answer = call(caller->fd, caller->cmd, caller->arg);
	caller->done = 1;
	return NULL;
}

static void start(struct caller *caller, int fd, unsigned long cmd, void *arg)
{
	caller->fd = fd;
	caller->cmd = cmd;
	caller->arg = arg;
	caller->id = 0;
	caller->done = 0;
	if (pthread_create(&caller->thread, NULL, make_call, caller))
		exit(2);
}

static bool returns(struct caller *caller)
{
	int ms;

	for (ms = 0; ms < PATIENCE_MS && !caller->done; ms++)
		usleep(1000);
	return caller->done;
}

/* Suspends or resumes the disk. */
static void disk_do(const char *disk, const char *what)
{
	char command[128];

	snprintf(command, sizeof(command), "dmsetup %s %s", what, disk);
	check_eq(command, system(command), 0);
}

/* A page that nobody has read yet. */
static char *disk_page(const char *disk, unsigned int number)
{
	char name[128], *page;
	int fd;

	snprintf(name, sizeof(name), "/dev/mapper/%s", disk);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, number * APART);
	if (page == MAP_FAILED || madvise(page, PAGE, MADV_RANDOM)) {
		perror(name);
		exit(2);
	}
	close(fd);
	return page;
}

/* Whether it comes to where it needs the page. */
static bool waits(const struct caller *caller)
{
	int ms;

	for (ms = 0; ms < PATIENCE_MS && (!caller->id || !sleeps(caller->id));
	     ms++)
		usleep(1000);
	return sleeps(caller->id);
}

/* While one waits: a bind on its file, one by number, and one elsewhere. */
static void test_meanwhile(int busy, const char *disk)
{
	struct ioctl_evtchn_bind_unbound_port any = { .remote_domain = 0 };
	long port = has_static_binds() ? xen_alloc_unbound() : 0;
	struct ioctl_evtchn_unbind fixed = { .port = port };
	int other = open_device("/dev/xen/evtchn");
	int third = open_device("/dev/xen/evtchn");
	struct caller same, named, far;

	start(&same, busy, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &any);
	check_eq("bind on the file returns", returns(&same), 1);
	if (port) {
		start(&named, other, IOCTL_EVTCHN_BIND_STATIC, &fixed);
		check_eq("bind by number returns", returns(&named), 1);
	}
	start(&far, third, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &any);
	check_eq("bind elsewhere returns", returns(&far), 1);
	/* whoever has not returned does now */
	disk_do(disk, "resume");
	pthread_join(same.thread, NULL);
	pthread_join(far.thread, NULL);
	check_eq("bind on the file", same.answer > 0, 1);
	check_eq("bind elsewhere", far.answer > 0, 1);
	if (port) {
		pthread_join(named.thread, NULL);
		check_eq("bind by number", named.answer, 0);
	}
	close(other);
	close(third);
	if (port)
		xen_close(port);
}

static void test_call(const char *disk, unsigned int cmd, long want)
{
	int busy = open_device("/dev/xen/evtchn");
	char *page = disk_page(disk, _IOC_NR(cmd));
	struct caller waiting;

	printf("call %u\n", _IOC_NR(cmd));
	disk_do(disk, "suspend");
	start(&waiting, busy, cmd, page);
	check_eq("it waits", waits(&waiting), 1);
	test_meanwhile(busy, disk);
	pthread_join(waiting.thread, NULL);
	/* a bind's answer is any port */
	check_eq("its answer", waiting.answer > 0 ? 1 : waiting.answer, want);
	munmap(page, PAGE);
	close(busy);
}

void test_stuck(const char *disk)
{
	test_call(disk, IOCTL_EVTCHN_NOTIFY, -ENOTCONN);
	test_call(disk, IOCTL_EVTCHN_UNBIND, -ENOTCONN);
	test_call(disk, IOCTL_EVTCHN_RESTRICT_DOMID, -EINVAL);
	test_call(disk, IOCTL_EVTCHN_BIND_UNBOUND_PORT, 1);
}
