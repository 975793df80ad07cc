// SPDX-License-Identifier: GPL-2.0 OR MIT
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/*
 * Pages for a dma-buf whose importer wants them in a row, or uncached: memory of
 * the DMA API, whose frames go back to Xen so that grants can take their place.
 */

#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "dmabuf.h"

/* Whom the memory is allocated for: a device without limits. */
static struct device *owner;

static int dma_get(struct gnt_umap *map, bool coherent)
{
	struct gnttab_dma_alloc_args *args = kzalloc(sizeof(*args), GFP_KERNEL);
	int err;

	if (!args)
		return -ENOMEM;
	args->frames =
		kvmalloc_array(map->count, sizeof(*args->frames), GFP_KERNEL);
	if (!args->frames) {
		kfree(args);
		return -ENOMEM;
	}
	args->dev = owner;
	args->coherent = coherent;
	args->nr_pages = map->count;
	args->pages = map->page;
	err = gnttab_dma_alloc_pages(args);
	if (err) {
		kvfree(args->frames);
		kfree(args);
		return err;
	}
	map->backing_data = args;
	return 0;
}

static void dma_put(struct gnt_umap *map)
{
	struct gnttab_dma_alloc_args *args = map->backing_data;

	/* What has no frame is Linux's all the same by now. */
	if (gnttab_dma_free_pages(args))
		pr_err_ratelimited("Xen gave too few of %u pages back\n",
				   map->count);
	kvfree(args->frames);
	kfree(args);
}

static int wc_get(struct gnt_umap *map)
{
	return dma_get(map, false);
}

static int coherent_get(struct gnt_umap *map)
{
	return dma_get(map, true);
}

/* GNTDEV_DMA_FLAG_WC */
const struct gnt_backing gnt_backing_wc = {
	.get = wc_get,
	.put = dma_put,
};

/* GNTDEV_DMA_FLAG_COHERENT */
const struct gnt_backing gnt_backing_coherent = {
	.get = coherent_get,
	.put = dma_put,
};

/**
 * gnt_dma_pages_init() - get ready to allocate memory of the DMA API
 *
 * Context: may sleep.
 * Return: 0 or an errno of the driver core.
 */
int gnt_dma_pages_init(void)
{
	owner = root_device_register("xen-gntdev-export");
	if (IS_ERR(owner))
		return PTR_ERR(owner);
	dma_coerce_mask_and_coherent(owner, DMA_BIT_MASK(64));
	return 0;
}

/**
 * gnt_dma_pages_exit() - undo gnt_dma_pages_init() when no mapping is left
 *
 * Context: may sleep.
 */
void gnt_dma_pages_exit(void)
{
	root_device_unregister(owner);
}
