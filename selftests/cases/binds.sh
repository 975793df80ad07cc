# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: programs that bind event channels do not wait for each other
# limit: 60
# budget: 10
# drivers: both

. /selftests/lib/common.sh

run /selftests/bin/devices crowd 4
[ -e /sys/module/xenbus_be ] || exit 0
step "a call's argument is in memory that does not come"
# in-tree has the file locked while it waits
run modprobe dm-mod
make_disk zeros 64
map_disk away "0 131072 linear $disk 0"
run /selftests/bin/devices stuck away
unmap_disk away
