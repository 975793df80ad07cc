// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The limit of a vif: the tx polls of its queues draw from one bucket. What is over
 * the limit stays in the shared ring, and the guest's own queue fills.
 */

#include <linux/ktime.h>
#include <linux/slab.h>

#include "netback.h"

/**
 * netback_rate_init() - no limit
 * @rate: of a new vif
 *
 * Context: any.
 */
void netback_rate_init(struct netback_rate *rate)
{
	spin_lock_init(&rate->lock);
}

/* What is the same stays as it is: a bucket is not filled by being set again. */
static void set(struct netback_rate *rate, const struct netback_rate_text *text)
{
	u64 burst, bytes = netback_rate_of(text, &burst);

	spin_lock_bh(&rate->lock);
	if (text->bytes != rate->text.bytes || text->usec != rate->text.usec) {
		rate->text = *text;
		xbe_bucket_set(&rate->bucket, bytes, burst, ktime_get_ns());
		WRITE_ONCE(rate->on, bytes);
	}
	spin_unlock_bh(&rate->lock);
}

/* Those that sleep for an earlier limit have a look. */
static void wake_queues(struct netback_vif *vif)
{
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < vif->nr_queues; i++)
		napi_schedule(&vif->queue[i].tx.napi);
	local_bh_enable();
}

static void take(struct netback_vif *vif, const char *read)
{
	struct netback_rate *rate = &vif->rate;
	struct netback_rate_text text;
	char why[192];
	int err;

	err = netback_rate_parse(read, &text, why, sizeof(why));
	if (err) {
		xbe_error(vif->xbe, err, "%s", why);
		rate->complained = true;
		return;
	}
	/* The error may be another's by now: of a broken ring, for one. */
	if (rate->complained && !READ_ONCE(vif->carrier.broken))
		xbe_error_clear(vif->xbe);
	rate->complained = false;
	set(rate, &text);
	wake_queues(vif);
}

/**
 * netback_rate_read() - set the limit that stands in xenstore
 * @vif: the vif
 *
 * With a wrong one it stays as it was, and that is reported, once: the guest can
 * have it read again and again.
 *
 * Context: the device's work; may sleep.
 */
void netback_rate_read(struct netback_vif *vif)
{
	struct xbe_device *xbe = vif->xbe;
	char *read = xenbus_read(XBT_NIL, xbe->xdev->nodename, "rate", NULL);

	if (IS_ERR(read) && PTR_ERR(read) != -ENOENT) {
		xbe_error(xbe, PTR_ERR(read), "cannot read %s/rate",
			  xbe->xdev->nodename);
		return;
	}
	if (IS_ERR(read))
		read = NULL;
	if (strncmp(vif->rate.seen, read ?: "", sizeof(vif->rate.seen) - 1)) {
		strscpy(vif->rate.seen, read ?: "", sizeof(vif->rate.seen));
		take(vif, read);
	}
	kfree(read);
}

/**
 * netback_rate_wait() - how long until the guest may send something
 * @rate: a limit that is on
 *
 * Context: a tx poll.
 * Return: nanoseconds; 0 when it may.
 */
u64 netback_rate_wait(struct netback_rate *rate)
{
	u64 wait;

	spin_lock(&rate->lock);
	wait = xbe_bucket_wait(&rate->bucket, ktime_get_ns());
	spin_unlock(&rate->lock);
	return wait;
}

/**
 * netback_rate_charge() - count what the guest has sent
 * @rate: a limit that is on
 * @bytes: of a packet
 *
 * Context: a tx poll.
 */
void netback_rate_charge(struct netback_rate *rate, unsigned int bytes)
{
	spin_lock(&rate->lock);
	xbe_bucket_charge(&rate->bucket, bytes, ktime_get_ns());
	spin_unlock(&rate->lock);
}
