# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: netback under lockdep, KFENCE and kmemleak: good and odd packets, with and without XDP programs
# limit: 300
# budget: 80
# drivers: ours
# kernel: debug
# allow: kmemleak: [0-9]+ new suspected memory leaks
# allow: ^Call Trace:$
# allow: disabled|halted|producer

# The scan's own message is judged by leaks_none(); the trace is of an MSR that
# the kernel reads when it boots and Xen does not show.
. /selftests/lib/common.sh
. /selftests/lib/leaks.sh

autoprobe=/sys/bus/xen/drivers_autoprobe
tool=/selftests/bin/frontend
pins=/sys/fs/bpf/verdicts

leaks_clear
ipv6=/proc/sys/net/ipv6/conf/default/disable_ipv6
[ ! -e $ipv6 ] || echo 1 > $ipv6
# this kernel's own netfront, if it has one, would take the devices
echo 0 > $autoprobe
run bpftool prog loadall /selftests/bpf/verdicts.o $pins
run modprobe -r xen-netback
run modprobe xen-netback rx_drain_timeout_msecs=1000 rx_stall_timeout_msecs=2000
for program in none plain pieces; do
	step "XDP: $program"
	XDP_PIN=
	[ $program = none ] || XDP_PIN=$pins/$program
	export XDP_PIN
	run $tool vif 1 8 -
	run $tool packets 1 20 -
done
unset XDP_PIN
for name in linux xenvif vmdp; do
	run $tool play-vif 1 50 - /selftests/frontends/vif-$name
done
echo 1 > $autoprobe
rm -r $pins
run modprobe -r xen-netback
run modprobe xen-netback
[ ! -e $ipv6 ] || echo 0 > $ipv6
leaks_none
