// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The DMABUF calls of gntdev, and dma-bufs of drivers that show their memory. */

#define _GNU_SOURCE /* memfd_create() */
#include "dmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The device that gntdev maps buffers for is there when the calls are. */
bool has_dmabufs(void)
{
	return !access("/sys/devices/xen-gntdev-import", F_OK);
}

/* Only under auto-translation are there buffers of the DMA API. */
bool is_pv(void)
{
	FILE *file = fopen("/sys/hypervisor/guest_type", "r");
	char type[8] = "";

	if (file && !fgets(type, sizeof(type), file))
		type[0] = 0;
	if (file)
		fclose(file);
	return !strcmp(type, "PV\n");
}

long read_number(const char *name)
{
	FILE *file = fopen(name, "r");
	long number = -1;

	if (file && fscanf(file, "%ld", &number) != 1)
		number = -1;
	if (file)
		fclose(file);
	return number;
}

/* The buffer's number, or minus the errno. */
long export_refs(int gd, unsigned int flags, unsigned int domid,
		 unsigned int count, const uint32_t *ref)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs *arg;
	long ret;

	arg = calloc(1, sizeof(*arg) + 4ul * count);
	arg->flags = flags;
	arg->count = count;
	arg->fd = ~0u;
	arg->domid = domid;
	memcpy(arg->refs, ref, 4ul * count);
	ret = call(gd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, arg);
	if (!ret)
		ret = arg->fd;
	free(arg);
	return ret;
}

long export_wait(int gd, unsigned int fd, unsigned int ms)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released arg = { fd, ms };

	return call(gd, IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, &arg);
}

long import(int gd, unsigned int fd, unsigned int domid, unsigned int count,
	    uint32_t *ref)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs *arg;
	long ret;

	arg = calloc(1, sizeof(*arg) + 4ul * count);
	arg->fd = fd;
	arg->count = count;
	arg->domid = domid;
	arg->reserved = 0x12345678; /* never looked at */
	ret = call(gd, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, arg);
	if (!ret)
		memcpy(ref, arg->refs, 4ul * count);
	free(arg);
	return ret;
}

long import_release(int gd, unsigned int fd)
{
	struct ioctl_gntdev_dmabuf_imp_release arg = { fd, 0x12345678 };

	return call(gd, IOCTL_GNTDEV_DMABUF_IMP_RELEASE, &arg);
}

static bool show_buffer(struct buffer *buf, int fd)
{
	char *at = mmap(NULL, buf->pages * PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED, fd, 0);

	buf->at = at == MAP_FAILED ? NULL : at;
	check_eq("a buffer's memory", buf->fd >= 0 && buf->at, 1);
	return buf->fd >= 0 && buf->at;
}

/* In pieces of up to 1 MiB that are in a row for Linux, and not for Xen. */
bool heap_buffer(struct buffer *buf, unsigned int pages)
{
	struct dma_heap_allocation_data arg = {
		.len = pages * PAGE,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open_device("/dev/dma_heap/system");

	*buf = (struct buffer){ .fd = -1, .pages = pages };
	check_eq("heap", call(heap, DMA_HEAP_IOCTL_ALLOC, &arg), 0);
	buf->fd = arg.fd;
	close(heap);
	return show_buffer(buf, buf->fd);
}

/* Of single pages, those of a file in memory. */
bool memfd_buffer(struct buffer *buf, unsigned int pages)
{
	int dev = open_device("/dev/udmabuf");
	struct udmabuf_create arg = { .size = pages * PAGE };
	bool shown;

	*buf = (struct buffer){ .fd = -1, .pages = pages };
	arg.memfd = memfd_create("dmabuf", MFD_ALLOW_SEALING);
	check_eq("size", ftruncate(arg.memfd, arg.size), 0);
	check_eq("seal", fcntl(arg.memfd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	buf->fd = call(dev, UDMABUF_CREATE, &arg);
	shown = show_buffer(buf, arg.memfd);
	close(arg.memfd);
	close(dev);
	return shown;
}

void end_buffer(struct buffer *buf)
{
	munmap(buf->at, buf->pages * PAGE);
	close(buf->fd);
}

/* How many dma-bufs there are, whoever has them. */
long dmabufs(void)
{
	FILE *file = fopen("/sys/kernel/debug/dma_buf/bufinfo", "r");
	char line[256];
	long nr = -1;

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "Total %ld objects", &nr);
	if (file)
		fclose(file);
	return nr;
}

/* Writes to each page, by one address and by the other, that come not through. */
unsigned int differences(char *a, char *b, unsigned int pages)
{
	unsigned int i, bad = 0;

	for (i = 0; i < pages * PAGE; i++)
		a[i] = i * 5 + i / PAGE + 1;
	for (i = 0; i < pages * PAGE; i++)
		bad += b[i] != (char)(i * 5 + i / PAGE + 1);
	for (i = 0; i < pages * PAGE; i++)
		b[i] = i * 3 - i / PAGE;
	for (i = 0; i < pages * PAGE; i++)
		bad += a[i] != (char)(i * 3 - i / PAGE);
	return bad;
}
