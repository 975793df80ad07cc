// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Memory that packets are copied to: of the queue's pool, whole pages and cells. */

#include COMPAT_PAGE_POOL_H

#include "netback.h"

/**
 * netback_page_alloc() - take a page
 * @queue: the queue
 *
 * Context: the queue's tx poll.
 * Return: the page, nobody else's, or NULL for want of memory.
 */
struct page *netback_page_alloc(struct netback_queue *queue)
{
	struct page *page = page_pool_dev_alloc_pages(queue->tx.pool);

	if (page)
		compat_page_pool_whole(page);
	return page;
}

static bool alloc_cell(struct netback_queue *queue,
		       struct netback_packet *packet)
{
	unsigned int size = packet->place.cell;
	struct page *page;

	if (likely(size < PAGE_SIZE)) {
		page = page_pool_dev_alloc_frag(queue->tx.pool,
						&packet->cell_at, size);
	} else {
		page = netback_page_alloc(queue);
		packet->cell_at = 0;
	}
	packet->cell = page;
	return page;
}

/**
 * netback_packet_alloc() - take a packet's memory
 * @queue: its queue
 * @packet: the packet, its place known; filled with its memory
 *
 * Context: the queue's tx poll.
 * Return: false for want of memory; then it has none.
 */
bool netback_packet_alloc(struct netback_queue *queue,
			  struct netback_packet *packet)
{
	packet->nr_pages = 0;
	if (!alloc_cell(queue, packet))
		return false;
	while (packet->nr_pages < packet->place.nr_pages) {
		struct page *page = netback_page_alloc(queue);

		if (!page) {
			netback_packet_free(queue, packet);
			return false;
		}
		packet->page[packet->nr_pages++] = page;
	}
	return true;
}

/**
 * netback_packet_free() - give a packet's memory back
 * @queue: its queue
 * @packet: the packet; it has no cell and no pages afterwards
 *
 * Context: the queue's tx poll.
 */
void netback_packet_free(struct netback_queue *queue,
			 struct netback_packet *packet)
{
	if (packet->cell)
		page_pool_recycle_direct(queue->tx.pool, packet->cell);
	packet->cell = NULL;
	while (packet->nr_pages)
		page_pool_recycle_direct(queue->tx.pool,
					 packet->page[--packet->nr_pages]);
}
