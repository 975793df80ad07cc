# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: paths that are no file are refused, each with a message
# limit: 200
# budget: 40
# drivers: ours
# allow: physical-device-path

. /selftests/lib/common.sh
file_script=block-file

# refused WHAT PATH MESSAGE [MODE]
refused() {
	step "$1"
	offer_vbd "${4:-w}" physical-device-path "$2"
	vbd_refused "$3"
	withdraw_vbd
}

mkfifo fifo
mkdir folder
truncate -s 1M file
chmod 400 file
refused "a relative path" "file" \
	'physical-device-path is "file", allowed is an absolute path'
refused "a missing file" "$PWD/none" \
	"physical-device-path $PWD/none cannot be found"
refused "a folder" "$PWD/folder" \
	"physical-device-path $PWD/folder is no regular file and no block device"
# to open one would wait for ever
refused "a pipe" "$PWD/fifo" \
	"physical-device-path $PWD/fifo is no regular file and no block device"
refused "a character device" /dev/zero \
	"physical-device-path /dev/zero is no regular file and no block device"

step "where the message is read"
offer_vbd w physical-device-path "$PWD/none"
vbd_refused "cannot be found"
xenstore-read error/backend/vbd/0/51952/error | grep "cannot be found" ||
	fail "xenstore-read does not show it"
withdraw_vbd

step "a file on a read-only file system"
run mkdir ro
run mount -t tmpfs -o size=2m ro ro
run truncate -s 1M ro/file
run mount -o remount,ro ro
refused "for writing" "$PWD/ro/file" \
	"physical-device-path $PWD/ro/file cannot be opened for writing"
offer_vbd r physical-device-path "$PWD/ro/file"
wait_until 10 vbd_opened || fail "not opened for reading"
withdraw_vbd

step "a block device by its path"
make_disk disk 8
offer_vbd w physical-device-path "$disk"
wait_until 10 vbd_opened || fail "not opened"
expect physical_device "$(stat -c %t:%T "$disk")" \
	"$(cat /sys/bus/xen-backend/devices/vbd-0-51952/physical_device)"
withdraw_vbd

step "the script refuses as well"
bad() {
	! xl block-attach 0 "$(file_disk xvdy w "$1")" 2> said ||
		fail "attached $1"
	grep -F "script: block-file: $2" said || fail "says: $(cat said)"
	# xl leaves what it could not attach, and nobody is there to close it
	run xl block-detach --force 0 xvdy
}
bad "$PWD/none" "target $PWD/none does not exist"
bad "$PWD/folder" "target $PWD/folder is not a regular file"
bad "file" 'target is "file", allowed is an absolute path'
truncate -s 8M looped
loop=$(losetup -f --show looped)
bad "$PWD/looped" "target $PWD/looped is in use by $loop"
run losetup -d "$loop"
truncate -s 8M golden
chmod 444 golden
bad "$PWD/golden" "target $PWD/golden may be written by nobody (-r--r--r--)"

step "the toolstack gives up while the script waits for the others"
# as the toolstack does it, in a directory that is no device
place=/local/domain/0/data/attached
attach() {
	env XENBUS_PATH=$place XENBUS_TYPE=vbd XENBUS_BASE_PATH=backend \
		/etc/xen/scripts/block-file add
}
prepare() {
	write_keys $place/params "$PWD/looped" $place/mode "$1" \
		$place/frontend-id 0 $place/state 2
}
prepare r
attach || fail "status $?"
expect "its path" "$PWD/looped" "$(read_key $place/physical-device-path)"
remove_keys $place
# given_up COMMAND...: it happens meanwhile
given_up() {
	prepare w
	mkdir -p /var/run/xen-hotplug
	exec 9> /var/run/xen-hotplug/block
	flock 9
	attach 9>&- &
	sleep 2
	"$@"
	exec 9>&-
	wait $!
	expect "status of the script" 1 $?
}
given_up remove_keys $place
gone $place || fail "the directory has come back: $(xenstore-ls $place)"
! attach || fail "attached what is not there"
gone $place || fail "the directory has come back: $(xenstore-ls $place)"
given_up write_keys $place/state 5
gone $place/physical-device-path || fail "attached while it was closed"
read_key $place/hotplug-error |
	grep -F 'block-file: the backend'"'"'s state is "5", not 2' ||
	fail "says: $(read_key $place/hotplug-error)"
remove_keys $place
