// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The control ring of a played interface, as Windows uses it. */

#include "play-vif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 5000 /* after which XENVIF gives up */
#define KEY_SIZE 40
#define ENTRIES 128
#define ALL_TYPES 15

static int make_ctrl(struct play *play, char **words)
{
	struct vif_ctrl *ctrl = calloc(1, sizeof(*ctrl));
	xen_netif_ctrl_sring_t *ring;
	int err;

	(void)words;
	if (!ctrl)
		return -ENOMEM;
	play->vif->ctrl = ctrl;
	err = share_open(&ctrl->share);
	if (err)
		return err;
	err = share_page(&ctrl->share, &ctrl->ring, &ctrl->ring_ref);
	err = err ?: share_page(&ctrl->share, &ctrl->page, &ctrl->ref);
	err = err ?: share_bind(&ctrl->share);
	if (err)
		return err;
	ring = ctrl->ring;
	SHARED_RING_INIT(ring);
	FRONT_RING_INIT(&ctrl->front, ring, PLAY_PAGE);
	ctrl->next_id = 0xfffe; /* it skips 0 */
	return 0;
}

void vif_unctrl(struct play *play)
{
	struct vif_ctrl *ctrl = play->vif->ctrl;

	if (!ctrl)
		return;
	if (ctrl->share.grants) {
		share_unbind(&ctrl->share);
		share_free(&ctrl->share, ctrl->ring);
		share_free(&ctrl->share, ctrl->page);
		share_close(&ctrl->share);
	}
	free(ctrl);
	play->vif->ctrl = NULL;
}

int vif_write_ctrl(struct play *play, const char *key)
{
	struct device *dev = &play->dev;
	struct vif_ctrl *ctrl = play->vif->ctrl;

	if (ctrl && !strcmp(key, "ctrl-ring-ref"))
		return device_write(dev, dev->front, key, "%u", ctrl->ring_ref);
	if (ctrl && !strcmp(key, "event-channel-ctrl"))
		return device_write(dev, dev->front, key, "%d",
				    ctrl->share.port);
	fprintf(stderr, "%s needs a value\n", key);
	return -EINVAL;
}

static int take_answer(struct vif_ctrl *ctrl, uint16_t id, uint16_t type)
{
	struct xen_netif_ctrl_response *answer;
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&ctrl->front, more);
		if (more)
			break;
		if (share_wait(&ctrl->share, ANSWER_MS)) {
			fprintf(stderr, "message %u is not answered\n", type);
			return -ETIMEDOUT;
		}
	}
	answer = RING_GET_RESPONSE(&ctrl->front, ctrl->front.rsp_cons++);
	if (answer->id == id && answer->type == type &&
	    answer->status == XEN_NETIF_CTRL_STATUS_SUCCESS)
		return 0;
	fprintf(stderr, "answer %u to %u of type %u, not to %u of %u\n",
		answer->status, answer->id, answer->type, id, type);
	return -EPROTO;
}

static int ask(struct vif_ctrl *ctrl, uint16_t type, uint32_t a, uint32_t b)
{
	struct xen_netif_ctrl_request *request;
	uint16_t id = ++ctrl->next_id ?: ++ctrl->next_id;
	int notify;

	request = RING_GET_REQUEST(&ctrl->front, ctrl->front.req_prod_pvt++);
	*request = (struct xen_netif_ctrl_request){
		.id = id,
		.type = type,
		.data = { a, b, 0 },
	};
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ctrl->front, notify);
	if (notify)
		vif_notify(&ctrl->share);
	return take_answer(ctrl, id, type);
}

/* In the order of XENVIF's __FrontendUpdateHash(). */
static int set_toeplitz(struct play *play, struct vif_ctrl *ctrl)
{
	uint32_t *entry = ctrl->page;
	unsigned int i;
	int err;

	err = ask(ctrl, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
		  XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0);
	err = err   ?:
		      ask(ctrl, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE,
			  ENTRIES, 0);
	for (i = 0; i < ENTRIES; i++)
		entry[i] = play->nr_made - 1;
	err = err   ?:
		      ask(ctrl, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, ctrl->ref,
			  ENTRIES);
	memset(ctrl->page, 0x5a, KEY_SIZE);
	err = err   ?:
		      ask(ctrl, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, ctrl->ref,
			  KEY_SIZE);
	return err   ?:
		       ask(ctrl, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, ALL_TYPES,
			   0);
}

static int set_hash(struct play *play, char **words)
{
	static const char *const known[] = { "none", "toeplitz", NULL };
	struct vif_ctrl *ctrl = play->vif->ctrl;
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	if (err || !ctrl)
		return err ?: -EINVAL;
	if (chosen)
		return set_toeplitz(play, ctrl);
	return ask(ctrl, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
		   XEN_NETIF_CTRL_HASH_ALGORITHM_NONE, 0);
}

const struct play_command vif_ctrl[] = {
	{ "ctrl", 0, make_ctrl },
	{ "hash", 1, set_hash },
	{},
};
