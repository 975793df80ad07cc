// SPDX-License-Identifier: GPL-2.0 OR MIT
/* /dev/xen/gntdev and /dev/xen/gntalloc: each call, used well and badly. */

#include "dmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

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
		 !!show(gd, theirs, count, PROT_WRITE, MAP_PRIVATE), 0);
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
		 !!show(gd, theirs, count, PROT_READ, MAP_SHARED), 0);
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
	char *at;

	check_eq("share", share(ga, 2, &mine, ref), 0);
	bad[0] = ref[0];
	bad[1] = 0x7fffff;
	check_eq("request", map(gd, 2, bad, &theirs), 0);
	check_eq("mapped", !!show(gd, theirs, 2, PROT_READ, MAP_SHARED), 0);
	check_eq("unmap", unmap(gd, theirs, 2), 0);
	check_eq("request", map(gd, 2, ref, &theirs), 0);
	at = show(gd, theirs, 2, PROT_READ, MAP_SHARED);
	check_eq("mapped", !!at, 1);
	/* The request is left as it is: the close must do it all. */
	munmap(at, 2 * PAGE);
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
	for (i = 1; i < count; i++)
		bad += seg[i].status != 0;
	check_eq("bad statuses beside it", bad, 0);
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

/* Without CONFIG_XEN_GNTDEV_DMABUF: as if the calls had never been there. */
static void test_no_dmabufs(int gd)
{
	uint32_t ref[1] = { 0 };

	if (has_dmabufs())
		return;
	check_eq("no export", export_refs(gd, 0, 0, 1, ref), -ENOTTY);
	check_eq("no wait", export_wait(gd, 1, 1), -ENOTTY);
	check_eq("no import", import(gd, 1, 0, 1, ref), -ENOTTY);
	check_eq("no release", import_release(gd, 1), -ENOTTY);
}

void test_grants(void)
{
	int ga = open_device("/dev/xen/gntalloc");
	int gd = open_device("/dev/xen/gntdev");

	test_limits(ga, gd);
	test_no_dmabufs(gd);
	test_map(ga, gd, 1);
	test_map(ga, gd, 5);
	test_map(ga, gd, 700);
	test_partial(ga, gd);
	test_copy(ga, gd, 2);
	test_copy(ga, gd, 600);
	close(gd);
	close(ga);
}
