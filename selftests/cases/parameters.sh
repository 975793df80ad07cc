# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: no value of a module parameter stops a load; too much is all there is
# limit: 300
# budget: 25
# drivers: ours
# boot: last

. /selftests/lib/common.sh
. /selftests/lib/unload.sh

# said WORDS: the log since the last call has them.
said() {
	local log
	log=$(dmesg -c)
	[[ $log == *"$1"* ]] || fail "the log does not say: $1"
}

# load MODULE ARGUMENT...: as an administrator does, or a line in modprobe.d.
load() {
	run rmmod "$1"
	dmesg -c > /dev/null
	run modprobe "$@"
}

# writable FILE: root may write what its mode does not let anybody write.
writable() {
	[[ $(stat -c %A "$1") == -?w* ]]
}

# takes MODULE NAME VALUE IN_FORCE [WORDS]: at load, then by sysfs.
takes() {
	local file=/sys/module/${1//-/_}/parameters/$2
	load "$1" "$2=$3"
	[ $# -lt 5 ] || said "$5"
	expect "$2=$3" "$4" "$(cat "$file")"
	writable "$file" || return 0
	echo "$3" > "$file" || fail "sysfs refuses $3 for $2"
	[ $# -lt 5 ] || said "$5"
	expect "$2, $3 written" "$4" "$(cat "$file")"
}

# refuses MODULE NAME VALUE DEFAULT OTHER RANGE: at load the default is in force;
# by sysfs OTHER, a good value, stays.
refuses() {
	local file=/sys/module/${1//-/_}/parameters/$2
	local words="${1//-/_}: $2 is \"$3\", allowed is $6"
	load "$1" "$2=$3"
	said "$words; it has its default"
	expect "$2=$3" "$4" "$(cat "$file")"
	writable "$file" || return 0
	echo "$5" > "$file" || fail "sysfs refuses $5 for $2"
	! echo "$3" 2> /dev/null > "$file" || fail "sysfs takes $3 for $2"
	said "$words; it stays as it was"
	expect "$2, $3 written" "$5" "$(cat "$file")"
}

# number MODULE NAME DEFAULT LEAST MOST: every kind of value.
number() {
	local bad range="$4 to $5"
	step "$1: $2"
	for bad in -1 many 12k ""; do
		refuses "$1" "$2" "$bad" "$3" "$4" "$range"
	done
	takes "$1" "$2" "$4" "$4"
	takes "$1" "$2" "$5" "$5"
	# what an agent of Qubes OS writes
	takes "$1" "$2" 1073741824 "$5" \
		"$2 is \"1073741824\", allowed is $range; it is $5 now"
	takes "$1" "$2" 99999999999999999999999 "$5" "it is $5 now"
	load "$1" "$2"
	said "$2 is \"\", allowed is $range; it has its default"
}

unload_modules
for module in xen-evtchn xen-gntdev xen-gntalloc; do
	run modprobe "$module"
done
number xen-gntdev limit 65536 0 16777216
# half of the grant table of 64 frames, and half of that
number xen-gntalloc limit 16384 0 16384
number xen-gntalloc limit_per_file 8192 0 16384

step "a limit that was given is a file's as well"
each=/sys/module/xen_gntalloc/parameters/limit_per_file
load xen-gntalloc limit=5000
expect "limit_per_file" 5000 "$(cat $each)"
load xen-gntalloc
expect "limit_per_file" 8192 "$(cat $each)"
echo 1073741824 > ${each%_per_file}
expect "limit_per_file" 16384 "$(cat $each)"
echo 100 > $each
echo 7000 > ${each%_per_file}
expect "limit_per_file, given" 100 "$(cat $each)"
load xen-gntalloc

step "modules without parameters"
load xen-evtchn limit=-1
run rmmod xen-evtchn
run rmmod xen-gntdev
run rmmod xen-gntalloc
load xenbus-be limit=many
for module in xen-evtchn xen-gntdev xen-gntalloc; do
	run modprobe "$module"
done

step "the devices work"
run /selftests/bin/libxen
