# SPDX-License-Identifier: GPL-2.0 OR MIT
# Guests: create them, have them work, see them go.

# guest_start NAME KEY=VALUE...: writes NAME.cfg and creates the guest.
# Keys: type (pv, pvh), memory, vcpus, disks ("spec spec"), vifs (a number) or nets
# ("spec spec", as xl has them),
# address (the last byte of 10.77.0.x), root (a device), extra, cpus,
# device_model (a program, for qdisk), kernel (a series; not for 6.1, and one
# that the case's header names), scripts (stock: Xen's own hotplug scripts, which
# take seconds; otherwise selftests/tools/hotplug does what they do), tsc (native;
# "default" has Xen emulate each read of the counter, as QEMU's is not invariant:
# a PV guest takes a tenth longer to boot and a third longer to work).
guest_start() {
	local name=$1 type=pv memory=192 vcpus=1 disks= vifs=0 nets= address= root=
	local extra= cpus=all device_model= kernel= scripts=quick tsc=native
	local setting
	shift
	for setting in "$@"; do local "$setting"; done
	if [ "$type" = pvh ]; then
		dom0_apart
		cpus=1
	fi
	guest_config > "$name.cfg"
	cat "$name.cfg"
	run timeout 120 xl create -q "$name.cfg"
}

# dom0_apart: leaves CPU 1 to a PVH guest until the case ends. QEMU 7.2 kills
# such guests (a triple fault at Xen's own address, or a wrong GS base) where
# their CPU changes to PV domains and back: of 18 that were booted two at a time
# 6 died; none of 12 that had a CPU to themselves.
dom0_apart() {
	run xl vcpu-pin Domain-0 all 0
	touch /run/dom0-apart
}

_quick=/selftests/bin/hotplug

# disk_spec DISK: "phy:PATH,VDEV,MODE" as it is for Xen's own script, or for ours.
disk_spec() {
	local path vdev mode
	case ${scripts:-quick}/$1 in
	quick/phy:*)
		IFS=, read -r path vdev mode <<< "${1#phy:}"
		echo "vdev=$vdev,access=$mode,script=$_quick,target=$path" ;;
	*)	echo "$1" ;;
	esac
}

# vif_spec: an interface in the bridge, the same way.
vif_spec() {
	case ${scripts:-quick} in
	quick)	echo "bridge=xenbr0,script=$_quick" ;;
	*)	echo bridge=xenbr0 ;;
	esac
}

guest_config() {
	local disk list= number net= more=
	for disk in $disks; do list="$list'$(disk_spec "$disk")', "; done
	for number in $(seq 1 "$vifs"); do
		net="$net'$(vif_spec)', "
	done
	for number in $nets; do net="$net'$number', "; done
	[ -z "$device_model" ] ||
		more="device_model_override = \"$device_model\""
	cat <<-END
	name = "$name"
	type = "$type"
	memory = $memory
	vcpus = $vcpus
	cpus = "$cpus"
	kernel = "/assets/vmlinux${kernel:+-$kernel}"
	ramdisk = "/assets/guest${kernel:+-$kernel}.cpio"
	extra = "console=hvc0 loglevel=4 panic=1 oops=panic cryptomgr.notests \
	${root:+root=$root} ${address:+ip4=10.77.0.$address/24} $extra"
	disk = [ $list ]
	vif = [ $net ]
	$more
	tsc_mode = "$tsc"
	on_poweroff = "destroy"
	on_reboot = "destroy"
	on_crash = "destroy"
	END
}

guest_id() {
	domain_of "$1"
}

# _wait_reply DOMID NUMBER SECONDS: sleeps on a watch; sets $key_value.
_wait_reply() {
	local end=$((SECONDS + $3)) last=
	while [ $SECONDS -lt $end ]; do
		# a guest that is gone writes no more: look every few seconds
		if key_changed "/local/domain/$1/data/reply" "$last" 5; then
			last=$key_value
			[ "${last%% *}" != "$2" ] || return 0
		else
			key_exists "/local/domain/$1" || return 1
		fi
	done
	return 1
}

guest_wait_ready() {
	local id
	id=$(guest_id "$1") || fail "no guest $1"
	_wait_reply "$id" 0 "${2:-240}" || fail "guest $1 is not ready"
}

# guest_ask NAME COMMAND...: starts work in a guest and returns at once. Lines are
# joined: one that is a command's end needs a semicolon.
declare -A _asked
guest_ask() {
	local name=$1 id
	shift
	id=$(guest_id "$name") || fail "no guest $name"
	_asked[$name]=$((${_asked[$name]:-0} + 1))
	echo "$name: $*"
	# a command is one line
	write_keys "/local/domain/$id/data/command" \
		"${_asked[$name]} ${*//[$'\n\t']/ }" ||
		fail "cannot reach guest $name"
}

# guest_answer NAME [SECONDS]: waits for the work; sets $answer, returns its
# status.
guest_answer() {
	local id line
	id=$(guest_id "$1") || fail "no guest $1"
	_wait_reply "$id" "${_asked[$1]}" "${2:-180}" ||
		fail "guest $1 does not answer"
	line=${key_value#* }
	answer=${line#* }
	echo "$answer"
	return "${line%% *}"
}

# guest_is_at_work NAME: it has not answered what it was asked last.
guest_is_at_work() {
	local id reply
	id=$(guest_id "$1") || fail "no guest $1"
	reply=$(read_key "/local/domain/$id/data/reply")
	[ "${reply%% *}" != "${_asked[$1]}" ]
}

# guest_do NAME COMMAND...: work that must succeed.
guest_do() {
	guest_ask "$@"
	guest_answer "$1" "${limit:-180}" || fail "$1: failed: ${*:2}: $answer"
}

_guest_gone() {
	! guest_id "$1" > /dev/null
}

# guest_end NAME: the guest powers off by itself.
guest_end() {
	guest_ask "$1" "sync; poweroff -f"
	wait_until 120 _guest_gone "$1" || fail "guest $1 does not power off"
	sleep 0.5
}
