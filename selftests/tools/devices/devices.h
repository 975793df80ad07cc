/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * main.c:      the command line
 * calls.c:     the calls and the count
 * hypercall.c: xen_alloc_unbound() xen_close() xen_port_status()
 * evtchn.c:    test_evtchn()
 * ports.c:     test_ports() test_restricted()
 * fixed.c:     test_static() has_static_binds()
 * storm.c:     run_storm()
 * gnt.c:       test_grants()
 * both.c:      both_open() both_close() write_signal() grants_mapped()
 * rules.c:     test_rules()
 * move.c:      test_move()
 * copies.c:    test_copies()
 * limits.c:    test_parameters() set_parameter() restore_parameter()
 * kept.c:      test_kept()
 * swapped.c:   test_swapped()
 * balanced.c:  test_balanced()
 * large.c:     test_large()
 * crowd.c:     run_crowd() sleeps()
 * stuck.c:     test_stuck()
 * faults.c:    test_faults()
 * exec.c:      test_exec() hold()
 * dmabuf.h:    the files dmabuf-*.c
 */
#ifndef DEVICES_H
#define DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t;
#define __user
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/gntdev.h>

/* 6.6 and later; the headers that this is built with may be older. */
#ifndef IOCTL_EVTCHN_BIND_STATIC
#define IOCTL_EVTCHN_BIND_STATIC \
	_IOC(_IOC_NONE, 'E', 7, sizeof(struct ioctl_evtchn_unbind))
#endif

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

long share_with(int fd, unsigned int domid, unsigned int count, uint64_t *index,
		uint32_t *ref);
long share(int fd, unsigned int count, uint64_t *index, uint32_t *ref);
long map(int fd, unsigned int count, const uint32_t *ref, uint64_t *index);
char *show(int fd, uint64_t index, unsigned int count, int prot, int flags);
long unmap(int fd, uint64_t index, unsigned int count);

#define ALLOC "/sys/module/xen_gntalloc/parameters/"

/* A file of a parameter, and what it was. */
struct parameter {
	const char *file;
	char was[32];
};

void set_parameter(struct parameter *par, const char *file, const char *text);
void restore_parameter(struct parameter *par);

/* Four pages, shared by gntalloc at @a and mapped by gntdev at @b. */
struct both {
	int ga;
	int gd;
	uint64_t mine;
	uint64_t theirs;
	uint32_t ref[4];
	char *a;
	char *b;
};

void both_open(struct both *both);
void both_close(struct both *both);
int write_signal(char *at);
long grants_mapped(void);

/* What EVTCHNOP_status says of a port. */
enum {
	PORT_CLOSED = 0,
	PORT_UNBOUND = 1,
	PORT_INTERDOMAIN = 2,
	PORT_VIRQ = 4,
	PORT_IPI = 5,
};

long xen_alloc_unbound(void);
long xen_close(uint32_t port);
long xen_port_status(uint32_t port);

void test_evtchn(void);
void test_ports(void);
void test_restricted(unsigned int domid, unsigned int port);
void test_static(void);
bool has_static_binds(void);
int run_storm(unsigned int seconds);
void test_grants(void);
void test_rules(void);
void test_move(void);
void test_copies(void);
void test_parameters(void);
void test_kept(void);
void test_swapped(const char *device);
void test_balanced(void);
void test_large(void);
int run_crowd(unsigned int seconds);
bool sleeps(int thread);
void test_stuck(const char *disk);
void test_faults(void);
void test_exec(void);
int hold(char **argv);

#endif
