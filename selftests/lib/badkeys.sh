# SPDX-License-Identifier: GPL-2.0 OR MIT
# Frontends written by hand with wrong keys. There is no frontend driver and
# no ring behind them: a backend must refuse before it would map anything.

domain=/local/domain/0
number=52224

# new_device TYPE: the toolstack's part; sets $front and $back.
new_device() {
	number=$((number + 16))
	front=$domain/device/$1/$number
	back=$domain/backend/$1/0/$number
	write_keys "$front/backend" "$back" "$front/backend-id" 0 \
		"$front/state" 1 || fail "cannot write the frontend"
	if [ "$1" = vbd ]; then
		write_keys "$front/virtual-device" $number \
			"$back/mode" w "$back/type" phy "$back/dev" xvdz \
			"$back/device-type" disk
	else
		write_keys "$front/handle" $number "$back/handle" $number \
			"$back/mac" 00:16:3e:00:00:01 \
			"$back/script" /etc/xen/scripts/vif-bridge
	fi
	write_keys "$back/frontend" "$front" "$back/frontend-id" 0 \
		"$back/online" 1 "$back/state" 1
	if ! wait_until 10 state_is "$back" 2; then
		fail "$back is not in InitWait"
	fi
}

end_device() {
	local type=$1
	write_keys "$back/online" 0
	write_keys "$back/state" 5
	write_keys "$front/state" 6
	wait_until 10 _device_gone "$type" || fail "$back stays"
	remove_keys "$front"
	remove_keys "$back"
	remove_keys "$domain/error/backend/$type/0/$number"
}

_device_gone() {
	state_is "$back" 6 && return 0
	[ ! -e "/sys/bus/xen-backend/devices/$1-0-$number" ]
}

_refused() {
	error=$(read_key "$domain/error/backend/$1/0/$number/error") ||
		return 1
	! state_is "$back" 2
}

# bad_frontend TYPE STATE KEY [NAME VALUE]...: the keys NAME are written with
# VALUE, back/NAME in the backend's directory, the frontend goes to STATE; the backend
# must name KEY in its error.
bad_frontend() {
	local type=$1 state=$2 key=$3 name pair=() error=
	shift 3
	new_device "$type"
	while [ $# -gt 0 ]; do
		case $1 in
		back/*)	pair+=("$back/${1#back/}" "$2") ;;
		*)	pair+=("$front/$1" "$2") ;;
		esac
		shift 2
	done
	write_keys "${pair[@]}" || fail "cannot write the keys"
	if [ "$type" = vbd ]; then
		write_keys "$back/physical-device" "$device" \
			"$back/hotplug-status" connected
	else
		write_keys "$back/hotplug-status" connected
	fi
	write_keys "$front/state" "$state"
	wait_until 10 _refused "$type" ||
		fail "not refused: $key in ${pair[*]}; state $(read_key "$back/state")"
	state_is "$back" 4 && fail "connected in spite of: $key"
	case $error in
	*"$key"*) echo "ok: $error" ;;
	*) fail "the error does not name $key: $error" ;;
	esac
	end_device "$type"
	refused=$((${refused:-0} + 1))
}
