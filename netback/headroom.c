// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Room in front of packets for a frontend's XDP programs: read when it connects, when
 * it says that it is being reconfigured, and when it goes on.
 */

#include <linux/err.h>
#include <linux/slab.h>

#include "netback.h"

static const struct xbe_key key = {
	.name = "xdp-headroom",
	.max = NETBACK_HEADROOM_MAX,
};

/* What waits for slots may want more of them by now, or fewer. */
static void wake_queues(struct netback_vif *vif)
{
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < vif->nr_queues; i++)
		napi_schedule(&vif->queue[i].rx.napi);
	local_bh_enable();
}

static void set(struct netback_vif *vif, u16 bytes)
{
	if (vif->headroom.bytes == bytes)
		return;
	WRITE_ONCE(vif->headroom.bytes, bytes);
	if (!vif->connected)
		return;
	/*
	 * A poll goes on with what it began with. None does by the time that the
	 * frontend hears of it, and looks for its packets elsewhere.
	 */
	synchronize_net();
	wake_queues(vif);
}

static void take(struct netback_vif *vif, const char *text)
{
	struct netback_headroom *headroom = &vif->headroom;
	char why[96];
	u32 bytes;
	int err;

	err = xbe_key_parse(&key, text, &bytes, why, sizeof(why));
	if (err) {
		xbe_error(vif->xbe, err, "%s: %s", vif->xbe->frontend_dir, why);
		headroom->complained = true;
		return;
	}
	/* The error may be another's by now: of a broken ring, for one. */
	if (headroom->complained && !READ_ONCE(vif->carrier.broken))
		xbe_error_clear(vif->xbe);
	headroom->complained = false;
	set(vif, bytes);
}

/**
 * netback_headroom_read() - have packets put where the frontend wants them
 * @vif: a vif that is being connected, or connected
 *
 * With a wrong number it stays as it was, and that is reported, once.
 *
 * Context: the device's work; may sleep.
 */
void netback_headroom_read(struct netback_vif *vif)
{
	struct netback_headroom *headroom = &vif->headroom;
	char *text;

	if (!headroom->offered)
		return;
	text = xenbus_read(XBT_NIL, vif->xbe->frontend_dir, key.name, NULL);
	if (IS_ERR(text) && PTR_ERR(text) != -ENOENT) {
		xbe_error(vif->xbe, PTR_ERR(text), "cannot read %s/%s",
			  vif->xbe->frontend_dir, key.name);
		return;
	}
	if (IS_ERR(text))
		text = NULL;
	if (strncmp(headroom->seen, text ?: "", sizeof(headroom->seen) - 1)) {
		strscpy(headroom->seen, text ?: "", sizeof(headroom->seen));
		take(vif, text);
	}
	kfree(text);
}

/**
 * netback_headroom_start() - begin with a frontend
 * @vif: a vif that is not connected
 *
 * One that a module loaded anew finds connected has its key still.
 *
 * Context: the device's work; may sleep.
 */
void netback_headroom_start(struct netback_vif *vif)
{
	vif->headroom.bytes = 0;
	vif->headroom.complained = false;
	vif->headroom.seen[0] = '\0';
	netback_headroom_read(vif);
}
