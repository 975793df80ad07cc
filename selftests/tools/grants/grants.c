// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The calls, and what is done once with all the pages. */

#include "grants.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SOURCE_IS_GRANT 1

int grants_share(struct shared *shared, unsigned int count)
{
	struct ioctl_gntalloc_alloc_gref *arg;
	unsigned int i;

	shared->count = count;
	shared->alloc_fd = open("/dev/xen/gntalloc", O_RDWR | O_CLOEXEC);
	shared->fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	arg = calloc(1, sizeof(*arg) + 4ul * count);
	arg->flags = GNTALLOC_FLAG_WRITABLE;
	arg->count = count;
	if (ioctl(shared->alloc_fd, IOCTL_GNTALLOC_ALLOC_GREF, arg)) {
		perror("share");
		return -1;
	}
	shared->offset = arg->index;
	shared->ref = malloc(4ul * count);
	memcpy(shared->ref, arg->gref_ids, 4ul * count);
	free(arg);
	shared->at = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, shared->alloc_fd, shared->offset);
	if (shared->at == MAP_FAILED) {
		perror("mmap of gntalloc");
		return -1;
	}
	for (i = 0; i < count; i++)
		*(unsigned int *)(shared->at + i * PAGE) = i;
	return 0;
}

int grants_request(int fd, const struct shared *shared, unsigned int first,
		   unsigned int count, uint64_t *offset)
{
	struct ioctl_gntdev_map_grant_ref *arg;
	unsigned int i;
	int ret;

	arg = calloc(1, sizeof(*arg) + sizeof(arg->refs[0]) * count);
	arg->count = count;
	for (i = 0; i < count; i++)
		arg->refs[i].ref = shared->ref[first + i];
	ret = ioctl(fd, IOCTL_GNTDEV_MAP_GRANT_REF, arg);
	*offset = arg->index;
	free(arg);
	return ret;
}

void grants_forget(int fd, uint64_t offset, unsigned int count)
{
	struct ioctl_gntdev_unmap_grant_ref arg = {
		.index = offset,
		.count = count,
	};

	ioctl(fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &arg);
}

/* Segments and memory for copies of granted pages, made ready. */
void copy_prepare(struct copy *copy, const struct shared *shared,
		  unsigned int first, unsigned int count)
{
	unsigned int i;

	copy->count = count;
	copy->seg = calloc(count, sizeof(*copy->seg));
	copy->local = malloc(count * PAGE);
	memset(copy->local, 0xff, count * PAGE);
	for (i = 0; i < count; i++) {
		copy->seg[i].source.foreign.ref = shared->ref[first + i];
		copy->seg[i].dest.virt = copy->local + i * PAGE;
		copy->seg[i].len = PAGE;
		copy->seg[i].flags = SOURCE_IS_GRANT;
	}
}

int copy_run(struct copy *copy, int fd)
{
	struct ioctl_gntdev_grant_copy arg = {
		.count = copy->count,
		.segments = copy->seg,
	};

	return ioctl(fd, IOCTL_GNTDEV_GRANT_COPY, &arg) != 0;
}

/* How many pages came over wrong; the first has the number @first. */
unsigned int copy_compare(const struct copy *copy, unsigned int first)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < copy->count; i++)
		wrong += copy->seg[i].status ||
			 *(unsigned int *)(copy->local + i * PAGE) != first + i;
	return wrong;
}

void copy_free(struct copy *copy)
{
	free(copy->local);
	free(copy->seg);
}

/* Returns how many pages came over wrong. */
unsigned int grants_copy(int fd, const struct shared *shared,
			 unsigned int first, unsigned int count)
{
	struct copy copy;
	unsigned int wrong;

	copy_prepare(&copy, shared, first, count);
	wrong = copy_run(&copy, fd);
	wrong += copy_compare(&copy, first);
	copy_free(&copy);
	return wrong;
}

/* Thousands of maps of a page each, all alive at a time, unmapped by close. */
unsigned int grants_all_at_once(const struct shared *shared)
{
	int fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
	unsigned int i, wrong = 0;
	char **at = calloc(shared->count, sizeof(*at));
	uint64_t offset;

	for (i = 0; i < shared->count; i++) {
		wrong += grants_request(fd, shared, i, 1, &offset) != 0;
		at[i] = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, offset);
		wrong += at[i] == MAP_FAILED;
	}
	for (i = 0; i < shared->count && !wrong; i++)
		wrong += *(unsigned int *)at[i] != i;
	for (i = 0; i < shared->count; i++)
		if (at[i] != MAP_FAILED)
			munmap(at[i], PAGE);
	close(fd);
	free(at);
	printf("%u maps at a time, %u wrong\n", shared->count, wrong);
	return wrong;
}

/* The granter gives its pages up, and goes, while they are mapped. */
unsigned int grants_outlive(struct shared *shared)
{
	unsigned int wrong = 0, count = 200;
	uint64_t offset;
	char *at;

	wrong += grants_request(shared->fd, shared, 0, count, &offset) != 0;
	at = mmap(NULL, count * PAGE, PROT_READ, MAP_SHARED, shared->fd,
		  offset);
	wrong += at == MAP_FAILED;
	munmap(shared->at, shared->count * PAGE);
	close(shared->alloc_fd);
	if (at == MAP_FAILED)
		return wrong;
	for (unsigned int i = 0; i < count; i++)
		wrong += *(unsigned int *)(at + i * PAGE) != i;
	munmap(at, count * PAGE);
	close(shared->fd);
	printf("%u pages outlived their granter, %u wrong\n", count, wrong);
	return wrong;
}
