# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: grants as dma-bufs, dma-bufs as grants, byte by byte, in every order
# limit: 200
# budget: 40
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$

# The scan's own message is judged by leaks_none(); the trace is of an MSR that
# the kernel reads when it boots and Xen does not show.
. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

bufinfo=/sys/kernel/debug/dma_buf/bufinfo
refcnt=/sys/module/xen_gntdev/refcnt

buffers() {
	sed -n 's/^Total \([0-9]*\) objects.*/\1/p' $bufinfo
}

leaks_clear
grants=$(_grants)
users=$(cat $refcnt)
expect "buffers at first" 0 "$(buffers)"
step "calls, good and bad"
run /selftests/bin/devices dmabuf
expect "grants mapped" "$grants" "$(_grants)"
expect "buffers at last" 0 "$(buffers)"
expect "users of the module" "$users" "$(cat $refcnt)"
did "xen-gntdev" "dma-bufs of grants, and grants of dma-bufs"
leaks_none
