/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * main.c:    the command line
 * stress.c:  stress()
 * load.c:    load()
 * race.c:    grants_race()
 * grants.c:  the calls
 */
#ifndef GRANTS_H
#define GRANTS_H

#include <stdint.h>

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#define __user
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#define PAGE 4096ul
#define THREADS_MAX 64

/* Pages of this domain that are granted to itself; each holds its number. */
struct shared {
	int alloc_fd;
	int fd; /* a gntdev that every thread uses */
	unsigned int count;
	uint64_t offset;
	uint32_t *ref;
	char *at;
};

/* A copy of grants into memory, made ready to be run any number of times. */
struct copy {
	unsigned int count;
	struct gntdev_grant_copy_segment *seg;
	char *local;
};

void copy_prepare(struct copy *copy, const struct shared *shared,
		  unsigned int first, unsigned int count);
int copy_run(struct copy *copy, int fd);
unsigned int copy_compare(const struct copy *copy, unsigned int first);
void copy_free(struct copy *copy);

int grants_share(struct shared *shared, unsigned int count);
int grants_request(int fd, const struct shared *shared, unsigned int first,
		   unsigned int count, uint64_t *offset);
void grants_forget(int fd, uint64_t offset, unsigned int count);
unsigned int grants_copy(int fd, const struct shared *shared,
			 unsigned int first, unsigned int count);
unsigned int grants_all_at_once(const struct shared *shared);
unsigned int grants_race(const struct shared *shared);
unsigned int grants_outlive(struct shared *shared);

int stress(unsigned int seconds, unsigned int threads, unsigned int pages);
int load(const char *what, unsigned int count, unsigned int rounds);

#endif
