/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * main.c:   the command line
 * calls.c:  the calls and the count
 * evtchn.c: test_evtchn()
 * gnt.c:    test_grants()
 * rules.c:  test_rules()
 * dmabuf.h: the files dmabuf-*.c
 */
#ifndef DEVICES_H
#define DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#define __user
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

#define PAGE 4096ul
#define GREF_SOURCE 1
#define GREF_DEST 2

extern int checks, failures;
extern bool intree;

void check_eq(const char *what, long got, long want);
void check_differs(const char *what, long got, long ours, long theirs);
long call(int fd, unsigned long cmd, void *arg);
int open_device(const char *name);

long port_call(int fd, unsigned long cmd, unsigned int port);
long bind_unbound(int fd, unsigned int domid);
long bind_remote(int fd, unsigned int domid, unsigned int port);
long read_port(int fd);
long unmask(int fd, uint32_t port);
short events(int fd, int timeout_ms);

long share(int fd, unsigned int count, uint64_t *index, uint32_t *ref);
long map(int fd, unsigned int count, const uint32_t *ref, uint64_t *index);
char *show(int fd, uint64_t index, unsigned int count, int prot, int flags);
long unmap(int fd, uint64_t index, unsigned int count);

void test_evtchn(void);
void test_grants(void);
void test_rules(void);

#endif
