# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: GRUB in a guest reads a kernel from our disks and boots it
# limit: 300
# budget: 60

. /selftests/lib/common.sh

step "a disk with a kernel and what GRUB does with it"
make_store 160
run truncate -s 144M "$store/boot.img"
run mke2fs -q -F -t ext4 "$store/boot.img"
run mount -o loop "$store/boot.img" /mnt
mkdir -p /mnt/boot/grub
run cp /assets/vmlinux /assets/guest.cpio /mnt/
cat > /mnt/boot/grub/grub.cfg <<-'END'
	linux /vmlinux console=hvc0 loglevel=4 panic=1 cryptomgr.notests
	initrd /guest.cpio
	boot
END
run umount /mnt

# boots NAME DISK: pv-grub is the domain's kernel, and finds the rest by itself
boots() {
	cat > "$1.cfg" <<-END
		name = "$1"
		type = "pv"
		memory = 384
		kernel = "/assets/grub-xen"
		disk = [ '$2' ]
		on_poweroff = "destroy"
		on_reboot = "destroy"
		on_crash = "destroy"
	END
	step "from $2"
	run timeout 120 xl create -q "$1.cfg"
	guest_wait_ready "$1"
	guest_do "$1" "mount_disk /dev/xvda /mnt && cat /mnt/boot/grub/grub.cfg |
		grep -c vmlinux && fill_and_check /mnt/work 2 2 && cd / &&
		umount /mnt"
	guest_end "$1"
}

disk=$(losetup -f --show "$store/boot.img") || fail "no loop device"
boots g1 "$(disk_spec "phy:$disk,xvda,w")"
run losetup -d "$disk"
if [ -e /sys/module/xenbus_be ]; then
	boots g2 "$(file_disk xvda rw "$store/boot.img")"
fi
run e2fsck -f -n "$store/boot.img"
