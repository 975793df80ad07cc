/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * dmabuf-calls.c:  the DMABUF calls and buffers of other drivers
 * dmabuf-export.c: test_exports()
 * dmabuf-import.c: test_imports()
 * dmabuf-life.c:   test_lives()
 * dmabuf-far.c:    offer_pages() test_taken()
 */
#ifndef DMABUF_H
#define DMABUF_H

#include "devices.h"

/* A buffer of memory, and where this process sees it. */
struct buffer {
	int fd;
	unsigned int pages;
	char *at;
};

bool has_dmabufs(void);
bool is_pv(void);
long read_number(const char *name);
long export_refs(int gd, unsigned int flags, unsigned int domid,
		 unsigned int count, const uint32_t *ref);
long export_wait(int gd, unsigned int fd, unsigned int ms);
long import(int gd, unsigned int fd, unsigned int domid, unsigned int count,
	    uint32_t *ref);
long import_release(int gd, unsigned int fd);

bool heap_buffer(struct buffer *buf, unsigned int pages);
bool memfd_buffer(struct buffer *buf, unsigned int pages);
void end_buffer(struct buffer *buf);
long dmabufs(void);
unsigned int differences(char *a, char *b, unsigned int pages);

void test_exports(void);
void test_imports(void);
void test_lives(void);

/* What domain 0 offers: few enough for a command through xenstore. */
#define FAR_PAGES 300

void offer_pages(unsigned int domid);
void test_taken(const uint32_t *ref);

#endif
