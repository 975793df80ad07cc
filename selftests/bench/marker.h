/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The instructions between which plugin.c counts: a nopl whose displacement
 * nobody else has, "bnc" and a byte that tells which one it is.
 */
#ifndef MARKER_H
#define MARKER_H

#define MARKER_START "\x0f\x1f\x84\x00bnc"
#define MARKER_LENGTH sizeof(MARKER_START)
#define MARKER_BEGIN 1
#define MARKER_END 2

static inline void mark_begin(void)
{
	asm volatile("nopl 0x01636e62(%%rax,%%rax,1)" : : : "memory");
}

static inline void mark_end(void)
{
	asm volatile("nopl 0x02636e62(%%rax,%%rax,1)" : : : "memory");
}

#endif
