/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The instructions between which plugin.c counts: a nopl whose displacement
 * nobody else has, "bnc" and a byte that tells which one it is.
 */
#ifndef MARKER_H
#define MARKER_H

/* in two parts, for "b" would belong to the number before it */
#define MARKER_START       \
	"\x0f\x1f\x84\x00" \
	"bnc"
#define MARKER_LENGTH 8
#define MARKER_BEGIN 1
#define MARKER_END 2

_Static_assert(sizeof(MARKER_START) == MARKER_LENGTH,
	       "the last byte is the marker's number");

static inline void mark_begin(void)
{
	asm volatile("nopl 0x01636e62(%%rax,%%rax,1)" : : : "memory");
}

static inline void mark_end(void)
{
	asm volatile("nopl 0x02636e62(%%rax,%%rax,1)" : : : "memory");
}

#endif
