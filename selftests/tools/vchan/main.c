// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One end of a channel of libxenvchan that moves a known stream and checks it.
 *
 *   vchan server|client DOMID PATH send|receive MIB
 *
 * The receiver compares every byte and answers with one byte at the end, which
 * the sender waits for. Exit status 0: all arrived right. 3: the other end went
 * away first. 1: anything else.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxenvchan.h>

#define RING_BYTES 65536
#define WORDS 8192

struct stream {
	uint64_t state;
	uint64_t word[WORDS];
};

/* xorshift64, the same on both sides */
static void stream_fill(struct stream *stream)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++) {
		stream->state ^= stream->state << 13;
		stream->state ^= stream->state >> 7;
		stream->state ^= stream->state << 17;
		stream->word[i] = stream->state;
	}
}

static int ended(const char *what)
{
	fprintf(stderr, "%s: the other end is gone\n", what);
	return 3;
}

/*
 * The other end writes its answer and closes at once. libxenvchan looks for data
 * first and for the other end second: where both came in between it says that
 * the end is gone, though the answer is there.
 */
static int read_answer(struct libxenvchan *chan)
{
	char done;

	return libxenvchan_read(chan, &done, 1) == 1 ||
	       (libxenvchan_data_ready(chan) > 0 &&
		libxenvchan_read(chan, &done, 1) == 1);
}

static int send_all(struct libxenvchan *chan, struct stream *stream,
		    unsigned long rounds)
{
	while (rounds--) {
		size_t sent = 0;

		stream_fill(stream);
		while (sent < sizeof(stream->word)) {
			int n = libxenvchan_write(chan,
						  (char *)stream->word + sent,
						  sizeof(stream->word) - sent);

			if (n <= 0)
				return ended("write");
			sent += n;
		}
	}
	return read_answer(chan) ? 0 : ended("answer");
}

static int receive_all(struct libxenvchan *chan, struct stream *stream,
		       unsigned long rounds)
{
	static char got[sizeof(stream->word)];

	while (rounds--) {
		size_t have = 0;

		while (have < sizeof(got)) {
			int n = libxenvchan_read(chan, got + have,
						 sizeof(got) - have);

			if (n <= 0)
				return ended("read");
			have += n;
		}
		stream_fill(stream);
		if (memcmp(got, stream->word, sizeof(got))) {
			fprintf(stderr, "wrong data, %lu rounds left\n",
				rounds);
			return 1;
		}
	}
	return libxenvchan_write(chan, "y", 1) == 1 ? 0 : ended("answer");
}

static struct libxenvchan *open_end(const char *role, int domid,
				    const char *path)
{
	if (!strcmp(role, "server"))
		return libxenvchan_server_init(NULL, domid, path, RING_BYTES,
					       RING_BYTES);
	return libxenvchan_client_init(NULL, domid, path);
}

int main(int argc, char **argv)
{
	struct stream stream = { .state = 88172645463325252ull };
	struct libxenvchan *chan;
	unsigned long rounds;
	int status;

	if (argc != 6) {
		fprintf(stderr, "usage: %s %s\n", argv[0],
			"server|client DOMID PATH send|receive MIB");
		return 2;
	}
	chan = open_end(argv[1], atoi(argv[2]), argv[3]);
	if (!chan) {
		perror("no channel");
		return 1;
	}
	chan->blocking = 1;
	rounds = strtoul(argv[5], NULL, 0) * (1048576 / sizeof(stream.word));
	status = strcmp(argv[4], "send") ? receive_all(chan, &stream, rounds) :
					   send_all(chan, &stream, rounds);
	libxenvchan_close(chan);
	printf("%s: %s MiB, status %d\n", argv[4], argv[5], status);
	return status;
}
