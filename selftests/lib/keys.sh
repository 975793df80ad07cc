# SPDX-License-Identifier: GPL-2.0 OR MIT
# Xenstore, by one program that answers for a whole case (selftests/tools/keys).
# A program for each key takes 85 ms under emulation, and a CPU from the
# guests; an answer of this one takes 6. Two at a time must not ask.

coproc _keys { exec /selftests/bin/keys 9>&-; }
# moved: a coprocess's own are closed in subshells
exec {_keys_to}>&"${_keys[1]}"- {_keys_from}<&"${_keys[0]}"-
disown "$_keys_PID"

# _keys_ask FIELD...: sets $key_value, returns the status.
_keys_ask() {
	local head
	key_value=
	printf '%s\0' $# "$@" >&"$_keys_to" &&
		IFS= read -r -t "${_keys_limit:-60}" -N 8 -u "$_keys_from" head ||
		fail "keys does not answer: $*"
	set -- $head
	[ "$2" = 0 ] || IFS= read -r -t 60 -N "$2" -u "$_keys_from" key_value
	return "$1"
}

# get_key PATH: sets $key_value; fails where there is none.
get_key() {
	_keys_ask read "$1"
}

# read_key PATH: prints it.
read_key() {
	_keys_ask read "$1" && echo "$key_value"
}

key_exists() {
	_keys_ask read "$1"
}

gone() {
	! key_exists "$1"
}

# key_changed PATH VALUE SECONDS: sets $key_value as soon as it is another one
# than VALUE; fails when it is not in time. "" is any.
key_changed() {
	_keys_limit=$(($3 + 60)) _keys_ask changed "$@"
}

# write_keys PATH VALUE...: all of them or none
write_keys() {
	_keys_ask write "$@"
}

# remove_keys PATH...: fails if one was not there
remove_keys() {
	_keys_ask remove "$@"
}

# state_is PATH STATE: the state node of a device half.
state_is() {
	get_key "$1/state" && [ "$key_value" = "$2" ]
}

# domain_of NAME: prints the number of the domain with this name.
domain_of() {
	_keys_ask domain "$1" && echo "$key_value"
}
