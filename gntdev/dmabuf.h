/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The DMABUF calls of /dev/xen/gntdev; without CONFIG_XEN_GNTDEV_DMABUF there
 * are none.
 *
 * dmabuf-export.c: gnt_export_from_refs() gnt_export_wait()
 *                  gnt_export_orphan_all()
 * dmabuf-import.c: gnt_import_to_refs() gnt_import_release()
 *                  gnt_import_release_all() gnt_import_init()
 *                  gnt_import_exit()
 * dmabuf-pages.c:  gnt_backing_wc gnt_backing_coherent gnt_dma_pages_init()
 *                  gnt_dma_pages_exit()
 */
#ifndef XEN_BACKENDS_GNTDEV_DMABUF_H
#define XEN_BACKENDS_GNTDEV_DMABUF_H

#include <linux/errno.h>

#include "chardev.h"

#ifdef CONFIG_XEN_GNTDEV_DMABUF

extern const struct gnt_backing gnt_backing_wc;
extern const struct gnt_backing gnt_backing_coherent;

int gnt_dma_pages_init(void);
void gnt_dma_pages_exit(void);

long gnt_export_from_refs(struct gnt_file *gf, void __user *arg);
long gnt_export_wait(struct gnt_file *gf, void __user *arg);
void gnt_export_orphan_all(struct gnt_file *gf);

long gnt_import_to_refs(struct gnt_file *gf, void __user *arg);
long gnt_import_release(struct gnt_file *gf, void __user *arg);
void gnt_import_release_all(struct gnt_file *gf);
int gnt_import_init(void);
void gnt_import_exit(void);

#else

static inline int gnt_dma_pages_init(void)
{
	return 0;
}

static inline void gnt_dma_pages_exit(void)
{
}

static inline long gnt_export_from_refs(struct gnt_file *gf, void __user *arg)
{
	return -ENOTTY;
}

static inline long gnt_export_wait(struct gnt_file *gf, void __user *arg)
{
	return -ENOTTY;
}

static inline void gnt_export_orphan_all(struct gnt_file *gf)
{
}

static inline long gnt_import_to_refs(struct gnt_file *gf, void __user *arg)
{
	return -ENOTTY;
}

static inline long gnt_import_release(struct gnt_file *gf, void __user *arg)
{
	return -ENOTTY;
}

static inline void gnt_import_release_all(struct gnt_file *gf)
{
}

static inline int gnt_import_init(void)
{
	return 0;
}

static inline void gnt_import_exit(void)
{
}

#endif

#endif
