// SPDX-License-Identifier: GPL-2.0 OR MIT
/* What a played interface sends, and the answers to it. */

#include "play-vif.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HIGH 5 /* bits of a packet's own numbers */
#define HALF 2048
#define TAG_AT 12

struct out {
	struct vif_frame frame;
	unsigned long count;
	unsigned long at; /* of the first piece, in its page */
	unsigned long first; /* bytes of it; 0: to the end of its page */
	unsigned long piece; /* bytes of each other */
	unsigned long halves;
	unsigned long ring;
};

static int read_words(struct out *out, char **words)
{
	const struct play_option options[] = { { "size", &out->frame.size },
					       { "count", &out->count },
					       { "at", &out->at },
					       { "first", &out->first },
					       { "piece", &out->piece },
					       { "halves", &out->halves },
					       { "tcp", &out->frame.tcp },
					       { "gso", &out->frame.gso },
					       { "blank", &out->frame.blank },
					       { "valid", &out->frame.valid },
					       { "vlan", &out->frame.vlan },
					       { "ring", &out->ring },
					       {} };
	int err;

	out->count = 1;
	out->piece = PLAY_PAGE;
	err = play_options(words, options);
	if (!err && (out->at >= PLAY_PAGE || !out->piece ||
		     out->piece > PLAY_PAGE || out->count > VIF_SLOTS))
		err = -EINVAL;
	if (!out->first)
		out->first = PLAY_PAGE - out->at;
	return err;
}

static unsigned int place(unsigned int index)
{
	return index & (VIF_SLOTS - 1);
}

/* A free one, as a list of them would give; the caller has looked for room. */
static uint16_t free_id(struct vif_queue *queue, unsigned int from)
{
	while (queue->owed[from + queue->next_id % VIF_SLOTS])
		queue->next_id++;
	return from + queue->next_id++ % VIF_SLOTS;
}

/* The number of piece NR of a packet, whose first one has that number. */
static uint16_t choose_id(struct play *play, struct vif_queue *queue,
			  unsigned int nr, uint16_t first)
{
	switch (play->vif->ids) {
	case VIF_IDS_ZERO:
		return free_id(queue, 0);
	case VIF_IDS_ONE:
		return free_id(queue, 1);
	case VIF_IDS_SAME:
		return nr ? first : free_id(queue, 0);
	case VIF_IDS_HIGH:
		break;
	}
	if (nr)
		return first + nr;
	return queue->next_id++ % (VIF_NUMBERS >> HIGH) << HIGH;
}

/* A place for a piece, all of it on one page. */
static int place_piece(struct vif_queue *queue, const struct out *out,
		       unsigned int nr, unsigned int size, unsigned int *at)
{
	unsigned int left = PLAY_PAGE - queue->used % PLAY_PAGE;

	if (!nr && out->at) {
		queue->used += left % PLAY_PAGE + out->at;
	} else if (out->halves) {
		queue->used += HALF - 1;
		queue->used -= queue->used % HALF;
	} else if (size > left) {
		queue->used += left;
	}
	*at = queue->used;
	queue->used += (size + 63) / 64 * 64;
	if (queue->used <= VIF_OUT_PAGES * PLAY_PAGE)
		return 0;
	fprintf(stderr, "there are no more pages to send from\n");
	return -ENOSPC;
}

static void *next_slot(struct vif_queue *queue, uint16_t id)
{
	unsigned int index = queue->tx.req_prod_pvt++;

	queue->sent[place(index)] = id;
	queue->pending++;
	return RING_GET_REQUEST(&queue->tx, index);
}

static void put_gso(struct vif_queue *queue, uint16_t id,
		    const struct vif_frame *frame)
{
	struct netif_extra_info *extra = next_slot(queue, id);

	memset(extra, 0, sizeof(*extra));
	extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
	extra->u.gso.type = frame->tcp == 6 ? XEN_NETIF_GSO_TYPE_TCPV6 :
					      XEN_NETIF_GSO_TYPE_TCPV4;
	extra->u.gso.size = frame->gso;
	queue->extras[id] = 1;
}

static uint16_t first_flags(const struct vif_frame *frame)
{
	return (frame->blank ? NETTXF_csum_blank : 0) |
	       (frame->valid ? NETTXF_data_validated : 0) |
	       (frame->gso ? NETTXF_extra_info : 0);
}

static int put_piece(struct play *play, struct vif_queue *queue,
		     const struct out *out, unsigned int nr, uint16_t *first,
		     unsigned long done, unsigned long size)
{
	bool last = done + size == out->frame.size;
	netif_tx_request_t *slot;
	unsigned int at;
	uint16_t id;
	int err = place_piece(queue, out, nr, size, &at);

	if (err)
		return err;
	memcpy(queue->out + at, out->frame.bytes + done, size);
	id = choose_id(play, queue, nr, *first);
	if (!nr)
		*first = id;
	slot = next_slot(queue, id);
	slot->gref = queue->out_refs[at / PLAY_PAGE];
	slot->offset = at % PLAY_PAGE;
	slot->id = id;
	/* the first one has the size of all */
	slot->size = nr ? size : out->frame.size;
	slot->flags = (nr ? 0 : first_flags(&out->frame)) |
		      (last ? 0 : NETTXF_more_data);
	queue->owed[id]++;
	if (!nr && out->frame.gso)
		put_gso(queue, id, &out->frame);
	return 0;
}

static int put_packet(struct play *play, struct vif_queue *queue,
		      const struct out *out)
{
	unsigned long done = 0, size = out->first;
	unsigned int nr = 0;
	uint16_t first = 0;
	int err = 0;

	while (done < out->frame.size && !err) {
		if (size > out->frame.size - done)
			size = out->frame.size - done;
		if (RING_FULL(&queue->tx)) {
			fprintf(stderr, "the ring is full\n");
			return -ENOSPC;
		}
		err = put_piece(play, queue, out, nr++, &first, done, size);
		done += size;
		size = out->piece;
	}
	return err;
}

/* Whether more answers are there by now. */
static bool ask_half(struct vif_queue *queue, RING_IDX end)
{
	queue->tx.sring->rsp_event =
		end + ((queue->tx.req_prod_pvt - end) >> 1) + 1;
	mb(); /* the event that it asks for is seen, or what it was for */
	return queue->tx.sring->rsp_prod != end;
}

static void push(struct play *play, struct vif_queue *queue)
{
	unsigned int answered = queue->tx.rsp_cons;
	int notify;

	/* as those do that have no final check: before the slots are there */
	if (play->vif->answers == VIF_ASKS_HALF)
		queue->tx.sring->rsp_event =
			answered + ((queue->tx.req_prod_pvt - answered) >> 1) +
			1;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&queue->tx, notify);
	if (notify)
		vif_notify(&queue->share[0]);
}

/* An extra is answered right behind the slot that it belongs to. */
static int take_null(struct vif_queue *queue)
{
	if (!queue->nulls) {
		fprintf(stderr, "an answer to an extra that is none\n");
		return -EPROTO;
	}
	queue->nulls--;
	return 0;
}

static int take_answer(struct play *play, struct vif_queue *queue)
{
	unsigned int index = queue->tx.rsp_cons++;
	netif_tx_response_t answer = *RING_GET_RESPONSE(&queue->tx, index);
	uint16_t id = answer.id;

	queue->pending--;
	if (answer.status == NETIF_RSP_NULL)
		return take_null(queue);
	if (queue->nulls || !queue->owed[id] ||
	    (play->vif->in_order && id != queue->sent[place(index)])) {
		fprintf(stderr, "answer %d to %u, which is none%s\n",
			answer.status, id,
			queue->nulls ? ": an extra comes first" : "");
		return -EPROTO;
	}
	queue->owed[id]--;
	queue->nulls = queue->extras[id];
	queue->extras[id] = 0;
	play->answered++;
	if (answer.status == NETIF_RSP_OKAY || play->vif->any_status)
		return 0;
	fprintf(stderr, "answer %d to %u\n", answer.status, id);
	return -EIO;
}

static int take_answers(struct play *play, struct vif_queue *queue)
{
	int more = 0, err = 0;

	do {
		RING_IDX end = queue->tx.sring->rsp_prod;

		rmb(); /* an answer is read after the index that tells of it */
		while (queue->tx.rsp_cons != end && !err)
			err = take_answer(play, queue);
		if (play->vif->answers == VIF_ASKS_EVENT)
			RING_FINAL_CHECK_FOR_RESPONSES(&queue->tx, more);
		else
			more = ask_half(queue, end);
	} while (more && !err);
	return err;
}

static int wait_answers(struct play *play, struct vif_queue *queue)
{
	bool polls = play->vif->answers == VIF_ASKS_POLL;
	int tries = PLAY_WAIT_SECONDS * 1000;
	int err = take_answers(play, queue);

	while (!err && queue->pending) {
		err = vif_wait(play, polls);
		if (polls && !tries--)
			err = -ETIMEDOUT;
		err = err ?: take_answers(play, queue);
	}
	if (err)
		fprintf(stderr, "%u slots are not answered\n", queue->pending);
	else
		queue->used = 0;
	return err;
}

static int fill(struct play *play, struct out *out)
{
	out->frame.flow = play->vif->next_flow++;
	return vif_frame_fill(&out->frame);
}

static int put_frame(struct play *play, struct vif_queue *queue,
		     struct out *out)
{
	struct vif_frame *frame = &out->frame;
	unsigned int tag = frame->vlan ? VIF_TAG : 0;
	int err = fill(play, out);

	if (err)
		return err;
	if (tag) {
		memmove(frame->bytes + TAG_AT + VIF_TAG, frame->bytes + TAG_AT,
			frame->size - TAG_AT);
		memcpy(frame->bytes + TAG_AT, "\x81\x00", 2);
		frame->bytes[TAG_AT + 2] = frame->vlan >> 8;
		frame->bytes[TAG_AT + 3] = frame->vlan & 255;
	}
	frame->size += tag;
	err = put_packet(play, queue, out);
	frame->size -= tag;
	return err;
}

/* All at once, then a look at each of them in dom0. */
static int send_all(struct play *play, struct vif_queue *queue, struct out *out)
{
	unsigned int flow = play->vif->next_flow;
	int fd = vif_host_listen(play);
	unsigned long i;
	int err = fd < 0 ? fd : 0;

	for (i = 0; i < out->count && !err; i++)
		err = put_frame(play, queue, out);
	if (!err) {
		push(play, queue);
		err = wait_answers(play, queue);
	}
	play->vif->next_flow = flow;
	for (i = 0; i < out->count && !err; i++)
		err = fill(play, out) ?: vif_host_expect(fd, &out->frame);
	if (err)
		fprintf(stderr, "packet %lu of %lu\n", i, out->count);
	if (fd >= 0)
		close(fd);
	return err;
}

static int send_packets(struct play *play, char **words)
{
	static struct out out;
	struct vif_queue *queue;
	int err;

	memset(&out, 0, sizeof(out));
	err = read_words(&out, words);
	queue = err ? NULL : vif_find_queue(play, out.ring);
	return queue ? send_all(play, queue, &out) : -EINVAL;
}

static int put_packets(struct play *play, char **words)
{
	static struct out out;
	struct vif_queue *queue;
	unsigned long i;
	int err;

	memset(&out, 0, sizeof(out));
	err = read_words(&out, words);
	queue = err ? NULL : vif_find_queue(play, out.ring);
	if (!queue)
		return -EINVAL;
	for (i = 0; i < out.count && !err; i++)
		err = put_frame(play, queue, &out);
	if (!err)
		push(play, queue);
	return err;
}

static int collect(struct play *play, char **words)
{
	unsigned int i;
	int err = 0;

	play->vif->any_status = words[0] && !strcmp(words[0], "any");
	for (i = 0; i < play->nr_made && !err; i++)
		err = wait_answers(play, play->vif->queue[i]);
	play->vif->any_status = false;
	return err;
}

/* A frontend that lets go of a buffer when its answer comes keeps the others. */
static int all_answered(struct play *play, char **words)
{
	unsigned int i;

	(void)words;
	for (i = 0; i < play->nr_made; i++) {
		struct vif_queue *queue = play->vif->queue[i];
		RING_IDX end = queue->tx.sring->rsp_prod;

		if (end == queue->tx.req_prod_pvt)
			continue;
		fprintf(stderr, "%u slots are not answered\n",
			queue->tx.req_prod_pvt - end);
		return -EPROTO;
	}
	return 0;
}

static int set_group(struct play *play, char **words)
{
	static const char *const known[] = { "add", "del", NULL };
	struct vif_queue *queue = vif_find_queue(play, 0);
	struct netif_extra_info *extra;
	netif_tx_request_t *slot;
	unsigned int chosen;
	unsigned long group;
	uint16_t id;
	int err = play_choose(words[0], known, &chosen);

	err = err ?: play_number(words[1], 255, &group);
	if (!queue || err)
		return err ?: -EINVAL;
	id = choose_id(play, queue, 0, 0);
	slot = next_slot(queue, id);
	*slot = (netif_tx_request_t){ .id = id, .flags = NETTXF_extra_info };
	extra = next_slot(queue, id);
	if (!words[2])
		memset(extra, 0, sizeof(*extra));
	extra->type = chosen ? XEN_NETIF_EXTRA_TYPE_MCAST_DEL :
			       XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
	memcpy(extra->u.mcast.addr, "\x01\x00\x5e\x00\x00", 5);
	extra->u.mcast.addr[5] = group;
	queue->owed[id]++;
	queue->extras[id] = 1;
	push(play, queue);
	return wait_answers(play, queue);
}

const struct play_command vif_out[] = {
	{ "send", 1, send_packets }, { "put", 1, put_packets },
	{ "collect", 0, collect },   { "answered", 0, all_answered },
	{ "group", 2, set_group },   {},
};
