// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Calls of /dev/xen/gntdev and /dev/xen/gntalloc that may succeed. */

#define _GNU_SOURCE
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 4096

static void map_request(struct fuzz *fuzz, int fd)
{
	unsigned int i, count = fuzz_count(fuzz);
	unsigned int filled = count < MOST ? count : MOST;
	struct ioctl_gntdev_map_grant_ref *arg;

	arg = calloc(1, sizeof(*arg) + sizeof(arg->refs[0]) * filled);
	if (!arg)
		return;
	arg->count = count;
	for (i = 0; i < filled; i++) {
		arg->refs[i].domid = fuzz_random(fuzz) % 16 ? 0 : 0x7ff0;
		arg->refs[i].ref = fuzz_pick(fuzz, &fuzz->memory->grefs);
	}
	if (!ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, arg))
		fuzz_keep(fuzz, &fuzz->memory->map_offsets, arg->index);
	free(arg);
}

static void show(struct fuzz *fuzz, int fd, const struct known *offsets)
{
	static const int flags[] = { MAP_SHARED, MAP_SHARED, MAP_PRIVATE };
	size_t size = (fuzz_random(fuzz) % 10 + 1) * PAGE;
	void *at = mmap(NULL, size, fuzz_random(fuzz) % 4,
			flags[fuzz_random(fuzz) % 3], fd,
			fuzz_pick(fuzz, offsets) & ~(PAGE - 1));

	if (at != MAP_FAILED)
		fuzz_keep(fuzz, &fuzz->memory->addresses, (uintptr_t)at);
}

static const int fork_advice[] = { MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK,
				   MADV_KEEPONFORK };

/* What a process does to its address space, at times to the wrong part of it. */
static void bend_mapping(struct fuzz *fuzz)
{
	size_t size = (fuzz_random(fuzz) % 4 + 1) * PAGE;
	const struct known *known = &fuzz->memory->addresses;
	void *at;

	if (!known->nr)
		return;
	at = (void *)known->value[fuzz_random(fuzz) % known->nr % KNOWN];
	switch (fuzz_random(fuzz) % 6) {
	case 0:
		mprotect(at, size, fuzz_random(fuzz) % 4);
		break;
	case 1:
		madvise(at, size, MADV_DONTNEED);
		break;
	case 2:
		at = mremap(at, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
		break;
	case 3:
		madvise(at, size, fork_advice[fuzz_random(fuzz) % 4]);
		break;
	default:
		munmap(at, size);
		break;
	}
}

/* The kernel touches the pages, so that a fault is an errno and no signal. */
static void touch(struct fuzz *fuzz, int fd)
{
	const struct memory *memory = fuzz->memory;
	struct gntdev_grant_copy_segment seg[8];
	struct ioctl_gntdev_grant_copy arg = {
		.count = fuzz_random(fuzz) % 9,
		.segments = seg,
	};
	unsigned int i;

	memset(seg, 0, sizeof(seg));
	for (i = 0; i < 8; i++) {
		seg[i].flags = fuzz_random(fuzz) % 4;
		seg[i].len = fuzz_random(fuzz) % 5000;
		if (seg[i].flags & 1) {
			seg[i].source.foreign.ref =
				fuzz_pick(fuzz, &memory->grefs);
			seg[i].source.foreign.offset = fuzz_random(fuzz) % 4200;
		} else {
			seg[i].source.virt =
				(void *)fuzz_pick(fuzz, &memory->addresses);
		}
		if (seg[i].flags & 2)
			seg[i].dest.foreign.ref =
				fuzz_pick(fuzz, &memory->grefs);
		else if (memory->addresses.nr)
			seg[i].dest.virt = (void *)memory->addresses.value[0];
	}
	ioctl(fd, IOCTL_GNTDEV_GRANT_COPY, &arg);
}

static void fork_once(struct fuzz *fuzz)
{
	pid_t child = fork();

	if (!child) {
		bend_mapping(fuzz);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void gntdev_rest(struct fuzz *fuzz, int fd)
{
	struct ioctl_gntdev_unmap_grant_ref gone = {
		.index = fuzz_pick(fuzz, &fuzz->memory->map_offsets),
		.count = fuzz_count(fuzz),
	};
	struct ioctl_gntdev_get_offset_for_vaddr where = {
		.vaddr = fuzz_pick(fuzz, &fuzz->memory->addresses),
	};
	struct ioctl_gntdev_unmap_notify notify = {
		.index = fuzz_pick(fuzz, &fuzz->memory->map_offsets),
		.action = fuzz_random(fuzz) % 5,
		.event_channel_port = fuzz_pick(fuzz, &fuzz->memory->ports),
	};
	struct ioctl_gntdev_set_max_grants most = {
		.count = fuzz_count(fuzz) + 4,
	};

	switch (fuzz_random(fuzz) % 4) {
	case 0:
		ioctl(fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &gone);
		break;
	case 1:
		ioctl(fd, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &where);
		break;
	case 2:
		ioctl(fd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &notify);
		break;
	default:
		if (!(fuzz_random(fuzz) % 32))
			ioctl(fd, IOCTL_GNTDEV_SET_MAX_GRANTS, &most);
		break;
	}
}

void fuzz_gntdev(struct fuzz *fuzz, int fd)
{
	switch (fuzz_random(fuzz) % 16) {
	case 0 ... 3:
		map_request(fuzz, fd);
		break;
	case 4 ... 6:
		show(fuzz, fd, &fuzz->memory->map_offsets);
		break;
	case 7 ... 8:
		bend_mapping(fuzz);
		break;
	case 9 ... 10:
		touch(fuzz, fd);
		break;
	case 11:
		if (!(fuzz_random(fuzz) % 16))
			fork_once(fuzz);
		break;
	case 12 ... 13:
		fuzz_dmabuf(fuzz, fd);
		break;
	default:
		gntdev_rest(fuzz, fd);
		break;
	}
}

static void alloc(struct fuzz *fuzz, int fd)
{
	unsigned int i, count = fuzz_count(fuzz) & 0xffff;
	struct ioctl_gntalloc_alloc_gref *arg;

	arg = calloc(1, sizeof(*arg) + 4ul * (count + 1));
	if (!arg)
		return;
	arg->domid = fuzz_random(fuzz) % 16 ? 0 : fuzz_random(fuzz);
	arg->flags = fuzz_random(fuzz) % 3;
	arg->count = count;
	if (!ioctl(fd, IOCTL_GNTALLOC_ALLOC_GREF, arg)) {
		fuzz_keep(fuzz, &fuzz->memory->alloc_offsets, arg->index);
		for (i = 0; i < count && i < 8; i++)
			fuzz_keep(fuzz, &fuzz->memory->grefs, arg->gref_ids[i]);
	}
	free(arg);
}

void fuzz_gntalloc(struct fuzz *fuzz, int fd)
{
	struct ioctl_gntalloc_dealloc_gref gone = {
		.index = fuzz_pick(fuzz, &fuzz->memory->alloc_offsets),
		.count = fuzz_count(fuzz),
	};
	struct ioctl_gntalloc_unmap_notify notify = {
		.index = fuzz_pick(fuzz, &fuzz->memory->alloc_offsets),
		.action = fuzz_random(fuzz) % 5,
		.event_channel_port = fuzz_pick(fuzz, &fuzz->memory->ports),
	};

	switch (fuzz_random(fuzz) % 8) {
	case 0 ... 2:
		alloc(fuzz, fd);
		break;
	case 3 ... 4:
		show(fuzz, fd, &fuzz->memory->alloc_offsets);
		break;
	case 5:
		bend_mapping(fuzz);
		break;
	case 6:
		ioctl(fd, IOCTL_GNTALLOC_SET_UNMAP_NOTIFY, &notify);
		break;
	default:
		ioctl(fd, IOCTL_GNTALLOC_DEALLOC_GREF, &gone);
		break;
	}
}
