// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A played interface: the device, how its frontend is, dom0's net device. */

#include "play-vif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_ids(struct play *play, char **words)
{
	static const char *const known[] = { "zero", "one", "same", "high",
					     NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->vif->ids = chosen;
	return err;
}

static int set_slots(struct play *play, char **words)
{
	static const char *const known[] = { "place", "count", "buffer", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->vif->slots = chosen;
	return err;
}

static int set_answers(struct play *play, char **words)
{
	static const char *const known[] = { "event", "half", "poll", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->vif->answers = chosen;
	return err;
}

static int set_arrivals(struct play *play, char **words)
{
	static const char *const known[] = { "event", "poll", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->vif->polls = chosen;
	return err;
}

static int set_order(struct play *play, char **words)
{
	static const char *const known[] = { "any", "ring", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->vif->in_order = chosen;
	return err;
}

static int set_repost(struct play *play, char **words)
{
	static const char *const known[] = { "each", "rest", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	play->vif->repost_rest = chosen;
	return err;
}

/* By a call of the kernel's: a program takes much longer. */
static int change_netdev(struct play *play, int call, struct ifreq *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err;

	memcpy(request->ifr_name, play->vif->name, sizeof(request->ifr_name));
	err = fd < 0 || ioctl(fd, call, request) ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (err)
		fprintf(stderr, "cannot set up %s: %s\n", play->vif->name,
			strerror(-err));
	return err;
}

static int set_up(struct play *play, bool up)
{
	struct ifreq request = { .ifr_flags = up ? IFF_UP : 0 };

	return change_netdev(play, SIOCSIFFLAGS, &request);
}

static int set_link(struct play *play, char **words)
{
	static const char *const known[] = { "down", "up", NULL };
	unsigned int chosen;
	int err = play_choose(words[0], known, &chosen);

	return err ?: set_up(play, chosen);
}

static int set_mtu(struct play *play, char **words)
{
	struct ifreq request = { 0 };
	unsigned long mtu;
	int err = play_number(words[0], 65535, &mtu);

	request.ifr_mtu = mtu;
	return err ?: change_netdev(play, SIOCSIFMTU, &request);
}

static const struct play_command settings[] = {
	{ "ids", 1, set_ids },
	{ "slots", 1, set_slots },
	{ "answers", 1, set_answers },
	{ "arrivals", 1, set_arrivals },
	{ "order", 1, set_order },
	{ "repost", 1, set_repost },
	{ "link", 1, set_link },
	{ "mtu", 1, set_mtu },
	{},
};

static void begin(struct play *play)
{
	struct play_vif *vif = play->vif;

	vif->ids = VIF_IDS_ZERO;
	vif->slots = VIF_SLOTS_PLACE;
	vif->answers = VIF_ASKS_EVENT;
	vif->polls = false;
	vif->in_order = false;
	vif->repost_rest = false;
	vif->split = false;
	vif->target = VIF_SLOTS;
}

/* The hotplug script has the net device up when it says that it is ready. */
static int create(struct play *play, struct xs_handle *store,
		  unsigned int number)
{
	struct play_vif *vif = play->vif;
	struct device *dev = &play->dev;
	int err;

	snprintf(vif->name, sizeof(vif->name), "vif0.%u", number);
	err = device_create(dev, store, "vif", number);
	err = err ?: set_up(play, true);
	return err   ?:
		       device_write(dev, dev->back, "hotplug-status",
				    "connected");
}

static const struct play_command *const tables[] = { settings, vif_rings,
						     vif_out,  vif_in,
						     vif_ctrl, NULL };

static const struct play_kind kind = {
	.type = "vif",
	.backend = "netback",
	.tables = tables,
	.create = create,
	.begin = begin,
	.write_known = vif_write_ring,
	.is_known = vif_ring_key,
	.unring = vif_unring,
};

int play_vif(struct xs_handle *store, unsigned int number, char **scripts)
{
	struct play play = { .kind = &kind };
	int err;

	play.vif = calloc(1, sizeof(*play.vif));
	if (!play.vif)
		return -ENOMEM;
	play.vif->fd = vif_host_open();
	err = play.vif->fd < 0 ? play.vif->fd :
				 play_scripts(&play, store, number, scripts);
	if (play.vif->fd >= 0)
		close(play.vif->fd);
	free(play.vif);
	return err;
}
