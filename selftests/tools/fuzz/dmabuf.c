// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The DMABUF calls of gntdev, where the kernel has them, on buffers of any kind. */

#define _GNU_SOURCE /* memfd_create() */
#include "fuzz.h"

#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST 4096

static void export(struct fuzz *fuzz, int fd)
{
	unsigned int i, count = fuzz_count(fuzz);
	unsigned int filled = count < MOST ? count : MOST;
	struct ioctl_gntdev_dmabuf_exp_from_refs *arg;

	arg = calloc(1, sizeof(*arg) + sizeof(arg->refs[0]) * filled);
	if (!arg)
		return;
	arg->flags = fuzz_random(fuzz) % 16 ? 0 : fuzz_random(fuzz) % 5;
	arg->domid = fuzz_random(fuzz) % 16 ? 0 : fuzz_random(fuzz);
	arg->count = count;
	for (i = 0; i < filled; i++)
		arg->refs[i] = fuzz_pick(fuzz, &fuzz->memory->grefs);
	if (!ioctl(fd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, arg))
		fuzz_keep(fuzz, &fuzz->memory->buffers, arg->fd);
	free(arg);
}

static void import(struct fuzz *fuzz, int fd)
{
	struct {
		struct ioctl_gntdev_dmabuf_imp_to_refs arg;
		uint32_t more[8];
	} req = {
		.arg.fd = fuzz_pick(fuzz, &fuzz->memory->buffers),
		.arg.count = fuzz_count(fuzz),
		.arg.domid = fuzz_random(fuzz) % 16 ? 0 : fuzz_random(fuzz),
	};

	/* an answer beyond these would be written over the stack */
	if (req.arg.count > 9 && req.arg.count <= 65536)
		req.arg.count = 1;
	if (!ioctl(fd, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, &req))
		fuzz_keep(fuzz, &fuzz->memory->grefs, req.arg.refs[0]);
}

/* Memory of this process, as another driver gives it. */
static void make_buffer(struct fuzz *fuzz)
{
	struct udmabuf_create arg = { .size = fuzz_random(fuzz) % 9 * PAGE };
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int buf;

	arg.memfd = memfd_create("fuzz", MFD_ALLOW_SEALING);
	if (!ftruncate(arg.memfd, arg.size)) {
		fcntl(arg.memfd, F_ADD_SEALS, F_SEAL_SHRINK);
		buf = ioctl(dev, UDMABUF_CREATE, &arg);
		if (buf >= 0)
			fuzz_keep(fuzz, &fuzz->memory->buffers, buf);
	}
	close(arg.memfd);
	close(dev);
}

/* One that exists, and so none of the devices' own files. */
static void end_buffer(struct fuzz *fuzz)
{
	const struct known *buffers = &fuzz->memory->buffers;

	if (buffers->nr)
		close(buffers->value[fuzz_random(fuzz) % buffers->nr % KNOWN]);
}

void fuzz_dmabuf(struct fuzz *fuzz, int fd)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released wait = {
		.fd = fuzz_pick(fuzz, &fuzz->memory->buffers),
		.wait_to_ms = fuzz_random(fuzz) % 8,
	};
	struct ioctl_gntdev_dmabuf_imp_release gone = {
		.fd = fuzz_pick(fuzz, &fuzz->memory->buffers),
	};

	switch (fuzz_random(fuzz) % 8) {
	case 0 ... 1:
		export(fuzz, fd);
		break;
	case 2 ... 3:
		import(fuzz, fd);
		break;
	case 4:
		make_buffer(fuzz);
		break;
	case 5:
		end_buffer(fuzz);
		break;
	case 6:
		ioctl(fd, IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, &wait);
		break;
	default:
		ioctl(fd, IOCTL_GNTDEV_DMABUF_IMP_RELEASE, &gone);
		break;
	}
}
