// SPDX-License-Identifier: GPL-2.0 OR MIT
/* DMABUF_IMP_*: good and bad requests. */

#include "dmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST 1500

typedef bool (*maker)(struct buffer *buf, unsigned int pages);

/* Another driver's pages, granted to this domain, mapped and compared. */
static void imported(int gd, maker make, unsigned int pages)
{
	static uint32_t ref[MOST];
	struct buffer buf;
	uint64_t index;
	char *b;

	if (!make(&buf, pages))
		return;
	check_eq("import", import(gd, buf.fd, 0, pages, ref), 0);
	check_eq("map request", map(gd, pages, ref, &index), 0);
	b = show(gd, index, pages, PROT_READ | PROT_WRITE, MAP_SHARED);
	check_eq("mapped", !!b, 1);
	if (b)
		check_eq("bytes of an import", differences(buf.at, b, pages),
			 0);
	munmap(b, pages * PAGE);
	check_eq("unmap", unmap(gd, index, pages), 0);
	check_eq("release", import_release(gd, buf.fd), 0);
	check_eq("release again", import_release(gd, buf.fd), -ENOENT);
	end_buffer(&buf);
}

static void bad_numbers(int gd, const struct buffer *buf)
{
	static uint32_t ref[65537];
	struct ioctl_gntdev_dmabuf_imp_to_refs arg = {
		.fd = buf->fd,
		.count = ~0u,
	};
	int file = open("/selftests/bin/devices", O_RDONLY);

	check_eq("no pages", import(gd, buf->fd, 0, 0, ref), -EINVAL);
	check_eq("too few pages", import(gd, buf->fd, 0, buf->pages - 1, ref),
		 -EINVAL);
	check_eq("too many pages", import(gd, buf->fd, 0, buf->pages + 1, ref),
		 -EINVAL);
	check_eq("more than the limit", import(gd, buf->fd, 0, 65537, ref),
		 -EINVAL);
	check_eq("more than a quarter of the table",
		 import(gd, buf->fd, 0, 65536, ref), -ENOSPC);
	check_eq("2^32 - 1 pages",
		 call(gd, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, &arg), -EINVAL);
	check_eq("no file", import(gd, 999, 0, 1, ref), -EBADF);
	check_eq("no file's number", import(gd, ~0u, 0, 1, ref), -EBADF);
	check_eq("a file", import(gd, file, 0, 1, ref), -EINVAL);
	check_eq("the device itself", import(gd, gd, 0, 1, ref), -EINVAL);
	check_eq("no domain's number",
		 import(gd, buf->fd, 0x7ff0, buf->pages, ref), -EINVAL);
	check_eq("domain 2^16", import(gd, buf->fd, 0x10000, buf->pages, ref),
		 -EINVAL);
	check_eq("release of none", import_release(gd, buf->fd), -ENOENT);
	check_eq("release of no number", import_release(gd, ~0u), -ENOENT);
	/* who is granted something need not be there yet */
	check_eq("nobody's number",
		 import(gd, buf->fd, 0x7000, buf->pages, ref), 0);
	check_eq("release", import_release(gd, buf->fd), 0);
	close(file);
}

static void bad_memory(int gd, const struct buffer *buf)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs *arg;
	char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	arg = (void *)at;
	arg->fd = buf->fd;
	arg->count = buf->pages;
	mprotect(at, PAGE, PROT_READ);
	check_eq("nowhere to answer",
		 call(gd, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, arg), -EFAULT);
	check_eq("it left no import", import_release(gd, buf->fd), -ENOENT);
	check_eq("no memory", call(gd, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, NULL),
		 -EFAULT);
	check_eq("release: no memory",
		 call(gd, IOCTL_GNTDEV_DMABUF_IMP_RELEASE, NULL), -EFAULT);
	munmap(at, PAGE);
}

/* Each import of a buffer is released by itself, the last one first. */
static void twice(int gd, const struct buffer *buf)
{
	uint32_t first[4], last[4];
	uint64_t index;
	char *at;

	check_eq("import", import(gd, buf->fd, 0, 4, first), 0);
	check_eq("import again", import(gd, buf->fd, 0, 4, last), 0);
	check_eq("release", import_release(gd, buf->fd), 0);
	check_eq("request", map(gd, 4, last, &index), 0);
	check_eq("the last one's grants",
		 !!show(gd, index, 4, PROT_READ, MAP_SHARED), 0);
	unmap(gd, index, 4);
	check_eq("request", map(gd, 4, first, &index), 0);
	at = show(gd, index, 4, PROT_READ, MAP_SHARED);
	check_eq("the first one's grants", !!at, 1);
	check_eq("release again", import_release(gd, buf->fd), 0);
	check_eq("and again", import_release(gd, buf->fd), -ENOENT);
	munmap(at, 4 * PAGE);
	unmap(gd, index, 4);
}

/* With Xen's default of 64 frames all imports may have 8192 pages. */
static void quarter(int gd)
{
	static uint32_t ref[5000];
	struct buffer buf;

	if (!memfd_buffer(&buf, 5000))
		return;
	check_eq("5000 pages", import(gd, buf.fd, 0, 5000, ref), 0);
	check_eq("10000 pages", import(gd, buf.fd, 0, 5000, ref), -ENOSPC);
	check_eq("release", import_release(gd, buf.fd), 0);
	check_eq("5000 pages again", import(gd, buf.fd, 0, 5000, ref), 0);
	check_eq("release again", import_release(gd, buf.fd), 0);
	end_buffer(&buf);
}

void test_imports(void)
{
	int gd = open_device("/dev/xen/gntdev");
	struct buffer buf;

	imported(gd, memfd_buffer, 1);
	imported(gd, memfd_buffer, 700);
	imported(gd, heap_buffer, 1);
	imported(gd, heap_buffer, MOST);
	if (memfd_buffer(&buf, 4)) {
		bad_numbers(gd, &buf);
		bad_memory(gd, &buf);
		twice(gd, &buf);
		end_buffer(&buf);
	}
	quarter(gd);
	close(gd);
}
