/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * main.c:   the count of wrong answers
 * grants.c: test_grants()
 * events.c: test_events() events_open() events_wait() events_close()
 */
#ifndef LIBXEN_H
#define LIBXEN_H

#include <stdint.h>

#include <xenevtchn.h>
#include <xengnttab.h>

#define PAGE 4096ul

void check(const char *what, int good);

/* A port and its other end, both of this domain. */
struct events {
	xenevtchn_handle *handle;
	int near;
	int far;
};

void events_open(struct events *events);
int events_wait(struct events *events, int timeout_ms);
void events_close(struct events *events);

void test_events(void);
void test_grants(void);

#endif
