// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What both ends have: event channels and granted pages. */

#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/page.h>

#include "loadgen.h"

static irqreturn_t on_event(int irq, void *data)
{
	struct lg_channel *chan = data;

	chan->events++;
	chan->event(chan);
	return IRQ_HANDLED;
}

/**
 * lg_channel_open() - make an event channel that the backend may bind
 * @chan: a zeroed channel
 * @dev: the device
 * @name: of the interrupt; must stay
 * @event: called for each event, in interrupt context
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int lg_channel_open(struct lg_channel *chan, struct lg_device *dev,
		    const char *name, void (*event)(struct lg_channel *chan))
{
	int err;

	chan->dev = dev;
	chan->event = event;
	err = xenbus_alloc_evtchn(dev->xdev, &chan->port);
	if (err)
		return err;
	err = bind_evtchn_to_irqhandler(chan->port, on_event, 0, name, chan);
	if (err <= 0) {
		xenbus_free_evtchn(dev->xdev, chan->port);
		return err ? err : -EINVAL;
	}
	chan->irq = err;
	return 0;
}

/**
 * lg_channel_close() - close a channel; no event is under way afterwards
 * @chan: the channel; one that is not open is left alone
 *
 * Context: may sleep.
 */
void lg_channel_close(struct lg_channel *chan)
{
	if (chan->irq)
		unbind_from_irqhandler(chan->irq, chan);
	chan->irq = 0;
}

/**
 * lg_channel_notify() - send an event
 * @chan: an open channel
 *
 * Context: any; one at a time.
 */
void lg_channel_notify(struct lg_channel *chan)
{
	chan->notifies++;
	notify_remote_via_irq(chan->irq);
}

static int grant_page(struct lg_page *entry, domid_t domid)
{
	int ref;

	entry->page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
				 __GFP_NORETRY);
	if (!entry->page)
		return -ENOMEM;
	ref = gnttab_grant_foreign_access(domid, xen_page_to_gfn(entry->page),
					  0);
	if (ref < 0) {
		__free_page(entry->page);
		return ref;
	}
	entry->ref = ref;
	return 0;
}

/**
 * lg_pool_grow() - have at least so many granted pages
 * @pool: the pool
 * @dev: the device
 * @nr: how many
 *
 * The backend may write to all of them: it asks for that of pages it keeps.
 *
 * Context: may sleep.
 * Return: 0 or a negative errno, reported already; the pool is good either way.
 */
int lg_pool_grow(struct lg_pool *pool, struct lg_device *dev, unsigned int nr)
{
	struct lg_page *page;
	int err;

	if (nr <= pool->nr)
		return 0;
	page = kvcalloc(nr, sizeof(*page), GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	if (pool->nr)
		memcpy(page, pool->page, pool->nr * sizeof(*page));
	kvfree(pool->page);
	pool->page = page;
	while (pool->nr < nr) {
		err = grant_page(&page[pool->nr], dev->xdev->otherend_id);
		if (err) {
			dev_err(&dev->xdev->dev,
				"%u pages asked for, there are %u: %d\n", nr,
				pool->nr, err);
			return err;
		}
		pool->nr++;
	}
	return 0;
}

/**
 * lg_pool_free() - end the grants and free the pages
 * @pool: the pool; a zeroed one is left alone
 *
 * A page that the backend still has is freed when it lets go.
 *
 * Context: may sleep.
 */
void lg_pool_free(struct lg_pool *pool)
{
	while (pool->nr) {
		struct lg_page *entry = &pool->page[--pool->nr];

		gnttab_end_foreign_access(entry->ref, entry->page);
	}
	kvfree(pool->page);
	pool->page = NULL;
}
