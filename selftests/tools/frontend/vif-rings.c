// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The rings of a played interface, their channels and keys. */

#include "play-vif.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_US 500

struct vif_queue *vif_find_queue(struct play *play, unsigned long number)
{
	if (number < play->nr_made)
		return play->vif->queue[number];
	fprintf(stderr, "there is no queue %lu\n", number);
	return NULL;
}

struct share *vif_rx_share(struct play *play, struct vif_queue *queue)
{
	return &queue->share[play->vif->split];
}

void vif_notify(struct share *share)
{
	xen_wmb(); /* it is there when the event comes */
	xenevtchn_notify(share->events, share->port);
}

/* Which share an event came by is no matter: the caller looks at all rings. */
int vif_wait(struct play *play, bool polls)
{
	struct share *share[2 * PLAY_QUEUES];
	struct pollfd polled[2 * PLAY_QUEUES];
	unsigned int i, nr = 0;

	if (polls) {
		usleep(POLL_US);
		return 0;
	}
	for (i = 0; i < play->nr_made; i++) {
		share[nr++] = &play->vif->queue[i]->share[0];
		if (play->vif->split)
			share[nr++] = &play->vif->queue[i]->share[1];
	}
	for (i = 0; i < nr; i++)
		polled[i] = (struct pollfd){
			.fd = xenevtchn_fd(share[i]->events),
			.events = POLLIN,
		};
	if (poll(polled, nr, VIF_WAIT_MS) <= 0)
		return -ETIMEDOUT;
	for (i = 0; i < nr; i++)
		if (polled[i].revents)
			share_wait(share[i], 0);
	return 0;
}

static int set_split(struct play *play, char **words)
{
	unsigned long value = 0;
	int err = play_read(play, words[0], &value);

	play->vif->split = !err && value == 1;
	return err == -ENOENT ? 0 : err;
}

static int share_memory(struct vif_queue *queue)
{
	struct share *share = &queue->share[0];
	int err;

	err = share_page(share, &queue->tx_ring, &queue->tx_ref);
	err = err ?: share_page(share, &queue->rx_ring, &queue->rx_ref);
	err = err   ?:
		      share_pages(share, VIF_OUT_PAGES, false,
				  (void **)&queue->out, queue->out_refs);
	return err   ?:
		       share_pages(share, VIF_IN_PAGES, true,
				   (void **)&queue->in, queue->in_refs);
}

static int make_queue(struct play *play, struct vif_queue *queue)
{
	netif_tx_sring_t *tx;
	netif_rx_sring_t *rx;
	int err;

	err = share_open(&queue->share[0]);
	if (err)
		return err;
	err = share_open(&queue->share[1]);
	err = err ?: share_memory(queue);
	err = err ?: share_bind(&queue->share[0]);
	if (play->vif->split)
		err = err ?: share_bind(&queue->share[1]);
	if (err)
		return err;
	tx = queue->tx_ring;
	rx = queue->rx_ring;
	SHARED_RING_INIT(tx);
	SHARED_RING_INIT(rx);
	FRONT_RING_INIT(&queue->tx, tx, PLAY_PAGE);
	FRONT_RING_INIT(&queue->rx, rx, PLAY_PAGE);
	return 0;
}

static int make_rings(struct play *play, char **words)
{
	int err = 0;

	if (play->nr_made || *words) {
		fprintf(stderr, "there are rings already\n");
		return -EBUSY;
	}
	play->nr_queues = play->nr_queues ?: 1;
	while (play->nr_made < play->nr_queues && !err) {
		struct vif_queue *queue = calloc(1, sizeof(*queue));

		if (!queue)
			return -ENOMEM;
		play->vif->queue[play->nr_made++] = queue;
		err = make_queue(play, queue);
	}
	return err;
}

static int unbind(struct play *play, char **words)
{
	unsigned int i;

	(void)words;
	for (i = 0; i < play->nr_made; i++) {
		share_unbind(&play->vif->queue[i]->share[0]);
		share_unbind(&play->vif->queue[i]->share[1]);
	}
	return 0;
}

static void free_queue(struct vif_queue *queue)
{
	struct share *share = &queue->share[0];

	if (share->grants) {
		share_free(share, queue->tx_ring);
		share_free(share, queue->rx_ring);
		share_free_pages(share, queue->out, VIF_OUT_PAGES);
		share_free_pages(share, queue->in, VIF_IN_PAGES);
		share_close(share);
	}
	if (queue->share[1].grants)
		share_close(&queue->share[1]);
	free(queue);
}

void vif_unring(struct play *play)
{
	unsigned int i;

	unbind(play, NULL);
	for (i = 0; i < play->nr_made; i++)
		free_queue(play->vif->queue[i]);
	vif_unctrl(play);
	play->nr_made = 0;
	play->nr_queues = 0;
}

static int take_back(struct play *play, char **words)
{
	(void)words;
	vif_unring(play);
	return 0;
}

static int send_events(struct play *play, char **words)
{
	unsigned long nr;
	int err = play_number(words[0], 1000, &nr);
	struct vif_queue *queue = err ? NULL : vif_find_queue(play, 0);

	if (!queue)
		return -EINVAL;
	while (nr-- > 0) {
		vif_notify(&queue->share[0]);
		usleep(1000);
	}
	return 0;
}

bool vif_ring_key(const char *key)
{
	static const char *const known[] = {
		"tx-ring-ref",	    "rx-ring-ref",	"event-channel",
		"event-channel-tx", "event-channel-rx", NULL
	};
	unsigned int i;

	for (i = 0; known[i]; i++)
		if (!strcmp(key, known[i]))
			return true;
	return false;
}

static int write_channels(struct play *play, const char *folder,
			  struct vif_queue *queue)
{
	struct device *dev = &play->dev;
	int err;

	if (!play->vif->split)
		return device_write(dev, folder, "event-channel", "%d",
				    queue->share[0].port);
	err = device_write(dev, folder, "event-channel-tx", "%d",
			   queue->share[0].port);
	return err   ?:
		       device_write(dev, folder, "event-channel-rx", "%d",
				    queue->share[1].port);
}

static int write_of_queue(struct play *play, const char *key, unsigned int nr)
{
	struct vif_queue *queue = play->vif->queue[nr];
	char folder[PLAY_FOLDER];

	play_folder(play, nr, folder);
	if (!strcmp(key, "event-channel"))
		return write_channels(play, folder, queue);
	return device_write(&play->dev, folder, key, "%u",
			    !strcmp(key, "tx-ring-ref") ? queue->tx_ref :
							  queue->rx_ref);
}

int vif_write_ring(struct play *play, const char *key)
{
	unsigned int i;
	int err = 0;

	if (!strcmp(key, "multi-queue-num-queues"))
		return device_write(&play->dev, play->dev.front, key, "%u",
				    play->nr_made);
	if (!vif_ring_key(key))
		return vif_write_ctrl(play, key);
	for (i = 0; i < play->nr_made && !err; i++)
		err = write_of_queue(play, key, i);
	return err;
}

const struct play_command vif_rings[] = {
	{ "split", 1, set_split },    { "ring", 0, make_rings },
	{ "unbind", 0, unbind },      { "unring", 0, take_back },
	{ "events", 1, send_events }, {},
};
