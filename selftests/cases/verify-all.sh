# SPDX-License-Identifier: GPL-2.0 OR MIT
# what: fio's checksums: PV and PVH, 6.1 and 6.12, grants mapped and copied
# limit: 1200
# guests: 6.12
# tier: all

# All eight; make check has two of them, in verify. One guest after the other: see
# dom0_apart().

. /selftests/lib/common.sh
. /selftests/lib/verify.sh

for type in pv pvh; do
	for series in 6.1 6.12; do
		kernel=$series
		[ $series != 6.1 ] || kernel=
		for persistent in 1 0; do
			name=$type-$series-$persistent
			step "$type, Linux $series, persistent grants: $persistent"
			writers_start "$name" $persistent type=$type memory=256 \
				kernel="$kernel"
			writers_work "$name" $series
			writers_judge "$name"
		done
	done
done
