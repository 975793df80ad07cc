// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs a command while an XDP program sees all that an interface receives.
 *
 *   xdp INTERFACE look|drop COMMAND
 *
 * "look" lets a frame pass that begins where it should, as its type shows, and is no
 * longer than IP says it is; what else there is it drops. "drop" drops all. Exit status:
 * the command's, or 125 when there is no program.
 */

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_PROGRAM 125
#define HEADER 14
#define PADDING 18 /* the shortest frame has 60 bytes, the shortest packet 28 */

/* Types as the CPU reads them. */
#define IPV4 0x0008
#define ARP 0x0608
#define IPV6 0xdd86

#define INSN(c, d, s, o, i)                 \
	((struct bpf_insn){ .code = (c),    \
			    .dst_reg = (d), \
			    .src_reg = (s), \
			    .off = (o),     \
			    .imm = (i) })
#define MOVE(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD(d, i) INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define SUB_REG(d, s) INSN(BPF_ALU64 | BPF_SUB | BPF_X, d, s, 0, 0)
#define SWAP16(d) INSN(BPF_ALU | BPF_END | BPF_TO_BE, d, 0, 0, 16)
#define LOAD(size, d, s, o) INSN(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define IF_IS(d, i, o) INSN(BPF_JMP | BPF_JEQ | BPF_K, d, 0, o, i)
#define IF_MORE(d, s, o) INSN(BPF_JMP | BPF_JGT | BPF_X, d, s, o, 0)
#define EXIT() INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static const struct bpf_insn look[] = {
	LOAD(BPF_W, 2, 1, offsetof(struct xdp_md, data)),
	LOAD(BPF_W, 3, 1, offsetof(struct xdp_md, data_end)),
	MOVE(4, 2),
	ADD(4, HEADER + 4),
	SET(0, XDP_DROP),
	IF_MORE(4, 3, 4),
	LOAD(BPF_H, 5, 2, 12),
	IF_IS(5, ARP, 9),
	IF_IS(5, IPV6, 8),
	IF_IS(5, IPV4, 1),
	EXIT(),
	/* its length, by IP and as the frame has it */
	LOAD(BPF_H, 5, 2, HEADER + 2),
	SWAP16(5),
	ADD(5, HEADER + PADDING),
	MOVE(6, 3),
	SUB_REG(6, 2),
	IF_MORE(6, 5, 1),
	SET(0, XDP_PASS),
	EXIT(),
};

static const struct bpf_insn drop[] = {
	SET(0, XDP_DROP),
	EXIT(),
};

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load(const struct bpf_insn *program, unsigned int count)
{
	static const char license[] = "Dual MIT/GPL";
	static char log[16384];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)program,
		.insn_cnt = count,
		.license = (uintptr_t)license,
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		fprintf(stderr, "program: %s\n%s", strerror(errno), log);
	return fd;
}

/* By the driver itself, or not at all. It ends with the process. */
static int attach(int program, const char *interface)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = program,
			.target_ifindex = if_nametoindex(interface),
			.attach_type = BPF_XDP,
			.flags = XDP_FLAGS_DRV_MODE,
		},
	};
	int fd = bpf(BPF_LINK_CREATE, &attr);

	if (fd < 0)
		fprintf(stderr, "%s: %s\n", interface, strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	bool drops = argc == 4 && !strcmp(argv[2], "drop");
	int program, status;

	if (argc != 4 || (!drops && strcmp(argv[2], "look"))) {
		fprintf(stderr, "usage: %s INTERFACE look|drop COMMAND\n",
			argv[0]);
		return NO_PROGRAM;
	}
	program = drops ? load(drop, sizeof(drop) / sizeof(*drop)) :
			  load(look, sizeof(look) / sizeof(*look));
	if (program < 0 || attach(program, argv[1]) < 0)
		return NO_PROGRAM;
	status = system(argv[3]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : NO_PROGRAM;
}
