// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A device that uses dma-bufs, by the addresses it is given for DMA, which have
 * to be those of memory (no IOMMU, no PV domain). A process writes "FD VALUE" to
 * the parameter add: VALUE is added to each byte of that buffer.
 */

#include <linux/device.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>

static unsigned int pieces;
module_param(pieces, uint, 0444);
MODULE_PARM_DESC(pieces, "that the last buffer was in, of addresses in a row");

/* Protects @pieces. */
static DEFINE_MUTEX(add_lock);
static struct device *device;

static void add_to_table(struct sg_table *sgt, u8 value)
{
	dma_addr_t end = 0;
	struct scatterlist *sg;
	unsigned int n;
	u8 *at;
	int i;

	pieces = 0;
	for_each_sgtable_dma_sg(sgt, sg, i) {
		if (!i || sg_dma_address(sg) != end)
			pieces++;
		end = sg_dma_address(sg) + sg_dma_len(sg);
		at = phys_to_virt(sg_dma_address(sg));
		for (n = 0; n < sg_dma_len(sg); n++)
			at[n] += value;
	}
}

static int add_to_buffer(struct dma_buf *buf, u8 value)
{
	struct dma_buf_attachment *attach = dma_buf_attach(buf, device);
	struct sg_table *sgt;

	if (IS_ERR(attach))
		return PTR_ERR(attach);
	sgt = dma_buf_map_attachment_unlocked(attach, DMA_BIDIRECTIONAL);
	if (!IS_ERR(sgt)) {
		add_to_table(sgt, value);
		dma_buf_unmap_attachment_unlocked(attach, sgt,
						  DMA_BIDIRECTIONAL);
	}
	dma_buf_detach(buf, attach);
	return PTR_ERR_OR_ZERO(sgt);
}

static int set_add(const char *text, const struct kernel_param *param)
{
	struct dma_buf *buf;
	unsigned int value;
	int fd, err;

	if (sscanf(text, "%d %u", &fd, &value) != 2 || value > U8_MAX)
		return -EINVAL;
	buf = dma_buf_get(fd);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	mutex_lock(&add_lock);
	err = add_to_buffer(buf, value);
	mutex_unlock(&add_lock);
	dma_buf_put(buf);
	return err;
}

static const struct kernel_param_ops add_ops = { .set = set_add };
module_param_cb(add, &add_ops, NULL, 0200);
MODULE_PARM_DESC(add, "FD VALUE: adds 0 to 255 to each byte of that dma-buf");

static int __init testbuf_init(void)
{
	device = root_device_register("testbuf");
	if (IS_ERR(device))
		return PTR_ERR(device);
	return dma_coerce_mask_and_coherent(device, DMA_BIT_MASK(64));
}
module_init(testbuf_init);

static void __exit testbuf_exit(void)
{
	root_device_unregister(device);
}
module_exit(testbuf_exit);

MODULE_DESCRIPTION("A user of dma-bufs, for tests");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_IMPORT_NS(DMA_BUF);
