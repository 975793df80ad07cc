/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * evtchn.c:  fuzz_evtchn()
 * gnt.c:     fuzz_gntdev() fuzz_gntalloc()
 * dmabuf.c:  fuzz_dmabuf()
 * bytes.c:   fuzz_anything() fuzz_pick() fuzz_keep() fuzz_count()
 * main.c:    fuzz_random()
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#define __user
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#define PAGE 4096ul
#define FDS 3
#define KNOWN 32

/* Values the kernel gave out before, to be used again, rightly or not. */
struct known {
	uint64_t value[KNOWN];
	unsigned int nr;
};

/* What the threads of a process know together; that they race is meant. */
struct memory {
	struct known ports;
	struct known grefs;
	struct known map_offsets;
	struct known alloc_offsets;
	struct known addresses;
	struct known buffers;
};

struct fuzz {
	uint64_t seed;
	struct memory *memory;
	int fd[3][FDS];
};

uint64_t fuzz_random(struct fuzz *fuzz);
uint64_t fuzz_pick(struct fuzz *fuzz, const struct known *known);
void fuzz_keep(struct fuzz *fuzz, struct known *known, uint64_t value);
unsigned int fuzz_count(struct fuzz *fuzz);
void fuzz_anything(struct fuzz *fuzz, int fd);
void fuzz_evtchn(struct fuzz *fuzz, int fd);
void fuzz_gntdev(struct fuzz *fuzz, int fd);
void fuzz_dmabuf(struct fuzz *fuzz, int fd);
void fuzz_gntalloc(struct fuzz *fuzz, int fd);

#endif
