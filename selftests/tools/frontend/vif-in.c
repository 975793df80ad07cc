// SPDX-License-Identifier: GPL-2.0 OR MIT
/* Slots that a played interface posts, and what arrives in them. */

#include "play-vif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUIET_MS 200
#define WHOLE_SLOTS \
	17 /* with data; Linux' frontend takes no more in all cases */
#define SUMS (NETRXF_csum_blank | NETRXF_data_validated)

/* A packet that came. */
struct in {
	unsigned int ring;
	unsigned int slots; /* of data */
	unsigned int extras;
	uint16_t flags; /* of the first */
	unsigned int gso; /* bytes of a segment */
	bool v6; /* these are IPv6's */
	bool hash;
	unsigned int size;
	uint8_t bytes[VIF_FRAME + PLAY_PAGE];
};

struct wish {
	struct vif_frame frame;
	unsigned long count;
	unsigned long late;
	unsigned long filled;
	unsigned long cut;
	unsigned long hash;
	unsigned long nothing;
	unsigned long ring;
	bool any_ring;
};

static unsigned int place(unsigned int index)
{
	return index & (VIF_SLOTS - 1);
}

static void post_one(struct play *play, struct vif_queue *queue)
{
	unsigned int index = queue->rx.req_prod_pvt++;
	unsigned int buffer = index % VIF_IN_PAGES;
	uint16_t id = place(index);

	if (play->vif->slots == VIF_SLOTS_COUNT)
		id = queue->next_post++;
	else if (play->vif->slots == VIF_SLOTS_BUFFER)
		id = VIF_SLOTS - 1 - id;
	queue->posted[place(index)] = id;
	*RING_GET_REQUEST(&queue->rx, index) = (netif_rx_request_t){
		.id = id,
		.gref = queue->in_refs[buffer],
	};
}

static void post(struct play *play, struct vif_queue *queue, bool unsaid)
{
	int notify;

	while (queue->rx.req_prod_pvt - queue->rx.rsp_cons < play->vif->target)
		post_one(play, queue);
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&queue->rx, notify);
	if (notify && !unsaid)
		vif_notify(vif_rx_share(play, queue));
}

static int post_slots(struct play *play, char **words)
{
	unsigned long number;
	int err = play_number(words[0], VIF_SLOTS, &number);
	unsigned int i;

	if (err)
		return err;
	play->vif->target = number;
	for (i = 0; i < play->nr_made; i++)
		post(play, play->vif->queue[i], words[1]);
	return 0;
}

static void post_again(struct play *play, struct vif_queue *queue)
{
	unsigned int left = queue->rx.req_prod_pvt - queue->rx.rsp_cons;

	if (!play->vif->repost_rest ||
	    play->vif->target - left >= play->vif->target * 4 / 5)
		post(play, queue, false);
}

static int take_extra(struct in *in, const netif_rx_response_t *answer,
		      bool *more)
{
	struct netif_extra_info extra;

	memcpy(&extra, answer, sizeof(*answer));
	*more = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	in->extras++;
	if (extra.type == XEN_NETIF_EXTRA_TYPE_GSO && !in->gso) {
		in->gso = extra.u.gso.size;
		in->v6 = extra.u.gso.type == XEN_NETIF_GSO_TYPE_TCPV6;
		return 0;
	}
	if (extra.type == XEN_NETIF_EXTRA_TYPE_HASH && !in->hash) {
		in->hash = true;
		return 0;
	}
	fprintf(stderr, "an extra of type %u\n", extra.type);
	return -EPROTO;
}

static int take_data(struct vif_queue *queue, struct in *in, unsigned int index,
		     const netif_rx_response_t *answer)
{
	const uint8_t *page =
		queue->in + (size_t)(index % VIF_IN_PAGES) * PLAY_PAGE;

	if (answer->id != queue->posted[place(index)] ||
	    answer->status <= NETIF_RSP_NULL ||
	    answer->offset + answer->status > PLAY_PAGE ||
	    in->size + answer->status > sizeof(in->bytes)) {
		fprintf(stderr, "slot %u: answer %d to %u at %u, not to %u\n",
			index, answer->status, answer->id, answer->offset,
			queue->posted[place(index)]);
		return -EPROTO;
	}
	memcpy(in->bytes + in->size, page + answer->offset, answer->status);
	in->size += answer->status;
	in->slots++;
	return 0;
}

/* A packet is there with all of its slots, or not at all. */
static int take(struct play *play, struct vif_queue *queue, struct in *in)
{
	RING_IDX end = queue->rx.sring->rsp_prod;
	bool extra = false, more = true;
	int err = 0;

	rmb(); /* an answer is read after the index that tells of it */
	in->slots = 0;
	in->extras = 0;
	in->size = 0;
	in->gso = 0;
	in->v6 = false;
	in->hash = false;
	while ((more || extra) && !err) {
		unsigned int index = queue->rx.rsp_cons++;
		netif_rx_response_t answer;

		if (index == end) {
			fprintf(stderr, "a packet without its end\n");
			return -EPROTO;
		}
		answer = *RING_GET_RESPONSE(&queue->rx, index);
		if (extra) {
			err = take_extra(in, &answer, &extra);
			continue;
		}
		if (!in->slots)
			in->flags = answer.flags;
		extra = !in->slots && answer.flags & NETRXF_extra_info;
		more = answer.flags & NETRXF_more_data;
		err = take_data(queue, in, index, &answer);
	}
	play->answered += in->slots;
	post_again(play, queue);
	return err;
}

/* Whether something is there; if not it is asked for an event. */
static bool look(struct play *play, struct vif_queue *queue)
{
	int more;

	if (play->vif->polls)
		return RING_HAS_UNCONSUMED_RESPONSES(&queue->rx);
	RING_FINAL_CHECK_FOR_RESPONSES(&queue->rx, more);
	return more;
}

static int find(struct play *play, struct in *in)
{
	int tries = VIF_WAIT_MS;
	int err = 0;

	while (!err && tries-- > 0) {
		for (in->ring = 0; in->ring < play->nr_made; in->ring++) {
			struct vif_queue *queue = play->vif->queue[in->ring];

			if (look(play, queue))
				return take(play, queue, in);
		}
		err = vif_wait(play, play->vif->polls);
	}
	fprintf(stderr, "nothing arrives\n");
	return err ?: -ETIMEDOUT;
}

static int nothing_comes(struct play *play)
{
	unsigned int i;

	usleep(QUIET_MS * 1000);
	for (i = 0; i < play->nr_made; i++) {
		if (!look(play, play->vif->queue[i]))
			continue;
		fprintf(stderr, "something arrives\n");
		return -EPROTO;
	}
	return 0;
}

static int check_sum(const struct wish *wish, const struct in *in)
{
	uint16_t want = wish->frame.blank && !wish->filled ? SUMS : 0;

	if (!wish->frame.tcp)
		return 0;
	if ((in->flags & SUMS) != want) {
		fprintf(stderr, "flags %#x of a checksum, not %#x\n",
			in->flags & SUMS, want);
		return -EPROTO;
	}
	if (want || vif_frame_summed(&wish->frame, in->bytes, in->size))
		return 0;
	fprintf(stderr, "the checksum is wrong\n");
	return -EILSEQ;
}

/* A backend may leave slots with room in them where less has to be copied then. */
static int check_slots(const struct wish *wish, const struct in *in)
{
	unsigned int least = (in->size + PLAY_PAGE - 1) / PLAY_PAGE;
	unsigned int most = least + least / 8;
	unsigned int gso = wish->cut ? 0 : wish->frame.gso;
	unsigned int hash = wish->hash && wish->frame.tcp;
	unsigned int extras = hash + (gso ? 1 : 0);

	if (in->slots >= least && in->slots <= most &&
	    in->slots <= WHOLE_SLOTS && in->gso == gso && in->hash == hash &&
	    in->v6 == (gso && wish->frame.tcp == 6) && in->extras == extras &&
	    (wish->any_ring || in->ring == wish->ring))
		return 0;
	fprintf(stderr,
		"%u slots, %u extras, segments of %u bytes, %s, in queue %u\n",
		in->slots, in->extras, in->gso, in->hash ? "a hash" : "no hash",
		in->ring);
	return -EPROTO;
}

/* Its segments, one after the other: their payload is that of the packet. */
static int take_segments(struct play *play, const struct wish *wish,
			 struct in *in)
{
	const struct vif_frame *frame = &wish->frame;
	unsigned long headers = vif_frame_headers(frame), done = headers;
	int err = 0;

	while (done < frame->size && !err) {
		err = find(play, in);
		err = err ?: check_slots(wish, in) ?: check_sum(wish, in);
		if (err)
			break;
		if (in->size <= headers ||
		    in->size - headers > frame->size - done ||
		    memcmp(in->bytes + headers, frame->bytes + done,
			   in->size - headers)) {
			fprintf(stderr, "a segment that is none\n");
			return -EILSEQ;
		}
		done += in->size - headers;
	}
	return err;
}

static int take_whole(struct play *play, const struct wish *wish, struct in *in)
{
	int err = find(play, in);

	err = err ?: check_slots(wish, in) ?: check_sum(wish, in);
	if (!err && !vif_frame_is(&wish->frame, in->bytes, in->size))
		err = -EILSEQ;
	return err;
}

static int receive_one(struct play *play, struct wish *wish, struct in *in)
{
	unsigned int i;
	int err;

	wish->frame.flow = play->vif->next_flow++;
	err = vif_frame_fill(&wish->frame);
	err = err ?: vif_host_send(play, &wish->frame);
	if (err)
		return err;
	if (wish->nothing || wish->late) {
		err = nothing_comes(play);
		for (i = 0; wish->late && i < play->nr_made; i++)
			post(play, play->vif->queue[i], false);
	}
	if (err || wish->nothing)
		return err;
	return wish->cut ? take_segments(play, wish, in) :
			   take_whole(play, wish, in);
}

static int receive(struct play *play, char **words)
{
	static struct wish wish;
	static struct in in;
	const struct play_option options[] = { { "size", &wish.frame.size },
					       { "count", &wish.count },
					       { "tcp", &wish.frame.tcp },
					       { "gso", &wish.frame.gso },
					       { "blank", &wish.frame.blank },
					       { "group", &wish.frame.group },
					       { "filled", &wish.filled },
					       { "late", &wish.late },
					       { "cut", &wish.cut },
					       { "hash", &wish.hash },
					       { "nothing", &wish.nothing },
					       { "ring", &wish.ring },
					       {} };
	unsigned long i;
	int err;

	memset(&wish, 0, sizeof(wish));
	wish.count = 1;
	wish.ring = PLAY_QUEUES;
	err = play_options(words, options);
	wish.any_ring = wish.ring == PLAY_QUEUES;
	wish.frame.blank |= wish.filled || wish.frame.gso;
	for (i = 0; i < wish.count && !err; i++)
		err = receive_one(play, &wish, &in);
	if (err)
		fprintf(stderr, "packet %lu of %lu\n", i, wish.count);
	return err;
}

const struct play_command vif_in[] = {
	{ "post", 1, post_slots },
	{ "receive", 1, receive },
	{},
};
