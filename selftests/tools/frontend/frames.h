/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Frames out of dom0 into an interface, and where they are in its pages. */
#ifndef FRONTEND_FRAMES_H
#define FRONTEND_FRAMES_H

#include "wire.h"

#define FRAMES_PAGES 32 /* a power of two, of which each slot has its own */
#define FRAMES_LARGEST 65535
#define FRAMES_EXTRAS 5

struct frames {
	struct wire *wire;
	unsigned char *pages;
	uint32_t refs[FRAMES_PAGES];
};

/* What came of a frame. */
struct frame {
	unsigned int slots; /* that it took, its extras too */
	unsigned int nr_data; /* of them with data */
	unsigned int offset; /* of the data in the first of them */
	unsigned int nr_extras;
	struct netif_extra_info extra[FRAMES_EXTRAS];
	bool strayed; /* a byte was written where none belongs */
	unsigned int length;
	unsigned char data[FRAMES_LARGEST];
};

int frames_open(struct frames *frames, struct wire *wire);
void frames_close(struct frames *frames);
/* Slots for frames to come, in all; the event is sent. */
void frames_post(struct frames *frames, unsigned int slots);
/* Of a number of bytes, out of dom0. */
int frames_send(struct frames *frames, unsigned int length);
/* The same with so many of them apart from those behind, which lie in pages. */
int frames_send_head(struct frames *frames, unsigned int length,
		     unsigned int head);
/* The next one that dom0 has sent so. */
bool frames_wait(struct frames *frames, unsigned int milliseconds,
		 struct frame *frame);
/* As it was sent: its length, each byte. */
bool frames_is_sent(const struct frame *frame, unsigned int length);
/* Fills in what frames_is_sent() looks for. */
void frames_fill(unsigned char *data, unsigned int length);

#endif
