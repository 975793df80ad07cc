// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Joins net devices: what comes in at one goes out at the other, with no bridge. The
 * map names the one where packets go out by the index of the one where they come in;
 * Documentation/xdp.rst tells how it is used.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} joined SEC(".maps");

/* Without frags: what is sent on must be as it is on a wire. */
SEC("xdp")
int join(struct xdp_md *ctx)
{
	return bpf_redirect_map(&joined, ctx->ingress_ifindex, XDP_DROP);
}

char _license[] SEC("license") = "Dual MIT/GPL";
