/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Other frontends, played by scripts of selftests/frontends: a line is a
 * command, what stands behind # is for people. Several scripts that are played
 * one after the other have the same device, as firmware and the system that it
 * starts. The words here are for any device, those of disks stand in
 * play-disk.h, those of interfaces in play-vif.h.
 *
 * What the frontend does:
 *   state N...			write its own state, one after the other
 *   await N...			until the backend is in one of these states
 *   leave N			until the backend is in another state
 *   stays N			the backend is in this state, and stays in it
 *   need KEY...		keys of the backend that it cannot do without
 *   note KEY...		read keys of the backend, for what follows
 *   if KEY COMMAND...		only if the key was noted, and is not 0
 *   when N COMMAND...		only if the backend is in this state
 *   queues MOST KEY		queues: what that key says
 *   write KEY[=VALUE]...	write its own keys, one by one; without a value
 *				it is one of its rings and channels, of each queue
 *   transaction KEY[=VALUE]...	the same at once; state=N may be among them
 *   remove KEY...		remove its own keys
 * What the toolstack does:
 *   detach			ask the frontend to close
 *   destroy			remove both directories
 * What the administrator does:
 *   reload			load the backend's module again
 *
 * script.c  the lines and the scripts
 * hands.c   what is in xenstore
 */
#ifndef FRONTEND_PLAY_H
#define FRONTEND_PLAY_H

#include "frontend.h"

#define PLAY_PAGE 4096
#define PLAY_QUEUES 4
#define PLAY_NOTES 8
#define PLAY_WAIT_SECONDS 20
#define PLAY_FOLDER (PATH_SIZE + 20)

struct play;
struct play_disk;
struct play_vif;

struct play_command {
	const char *name;
	unsigned int words; /* that it needs at least */
	int (*run)(struct play *play, char **words);
};

/* What is particular to a type of device. */
struct play_kind {
	const char *type;
	const struct play_command *const
		*tables; /* of its words; NULL ends them */
	int (*create)(struct play *play, struct xs_handle *store,
		      unsigned int number);
	/* Another frontend begins: it has nothing of the one before. */
	void (*begin)(struct play *play);
	/* A key whose value is of the rings that were made. */
	int (*write_known)(struct play *play, const char *key);
	/* Whether it is such a key, and stands in each queue's folder. */
	bool (*is_known)(const char *key);
	void (*unring)(struct play *play); /* what is left at the end */
	const char *backend; /* "blkback" */
};

struct play_note {
	char key[64];
	unsigned long value; /* 0: there is no such key */
};

struct play {
	const struct play_kind *kind;
	struct device dev;
	bool gone; /* the device, with both of its directories */
	unsigned int nr_notes;
	struct play_note notes[PLAY_NOTES];
	unsigned int nr_queues; /* that were asked for */
	unsigned int nr_made; /* whose rings are made */
	unsigned int answered; /* requests */
	struct play_disk *disk; /* of a vbd */
	struct play_vif *vif; /* of a vif */
};

/* A word NAME=NUMBER of a command; NAME alone is 1. */
struct play_option {
	const char *name;
	unsigned long *value;
};

/* script.c */
int play_scripts(struct play *play, struct xs_handle *store,
		 unsigned int number, char **scripts);
int play_number(const char *word, unsigned long most, unsigned long *number);
int play_options(char **words, const struct play_option *options);
/* Which of the words it is, of a list that ends with NULL. */
int play_choose(const char *word, const char *const *known,
		unsigned int *chosen);

/* hands.c */
extern const struct play_command play_hands[];
int play_read(struct play *play, const char *key, unsigned long *number);
/* Where a queue has its keys: a folder of its own when there are several. */
void play_folder(struct play *play, unsigned int queue,
		 char folder[PLAY_FOLDER]);

#endif
