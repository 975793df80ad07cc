# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: frontends other than Linux's, played by scripts, connect, work and close
# limit: 240
# budget: 25
# drivers: both

. /selftests/lib/common.sh

make_null_disk nullb0 size=64 discard=1 cache_size=16
modprobe -r xen-blkfront 2>/dev/null
# in-tree has 1024 pages; two indirect requests and their read-back take as many
limit=/sys/module/xen_gntalloc/parameters/limit
if (($(<$limit) < 4096)); then
	echo 4096 >$limit
fi
# also makes the folders that stay in xenstore
run /selftests/bin/frontend vbd 1 51968 /dev/nullb0
take_stock before

# play SCRIPT...: one device, which each of them finds as the one before left it
number=51984
node=/dev/nullb0
play() {
	step "$*"
	run /selftests/bin/frontend play 1 $number "$node" \
		"${@/#//selftests/frontends/}"
	number=$((number + 16))
	played=$((${played:-0} + $#))
}

step "firmware and boot loaders, and what they start"
play ovmf xenvbd xenvbd
play ovmf vmdp vmdp
play ovmf freebsd
play grub linux
play minios netbsd

step "those that begin on a new device"
play xenvbd
play vmdp
play netbsd
play netbsd-9
play freebsd
play openbsd
# it writes no protocol: for in-tree that is a 32-bit one
if [ -d /sys/module/xenbus_be ]; then
	play unikraft unikraft
fi

# Those that count in blocks where blkif.h counts in 512 bytes.
if [ -d /sys/module/xenbus_be ]; then
	step "a disk of 4096-byte blocks that are 512 for the guest"
	make_null_disk nullb1 size=64 blocksize=4096 cache_size=16
	node=/dev/nullb1
	echo Y > /sys/module/xen_blkback/parameters/emulate_512
	for script in xenvbd vmdp freebsd netbsd-9 openbsd unikraft; do
		play $script
	done
	echo N > /sys/module/xen_blkback/parameters/emulate_512
fi
figure "scripts played" "$played"

sleep 1
take_stock after
compare_stock before after 1024
drop_null_disk nullb0
[ ! -b /dev/nullb1 ] || drop_null_disk nullb1
