# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Grants by a program in dom0, through /dev/xen/gntdev; no guest."""

SETUPS = {"dom0": []}

# grants in a call: rounds, short and long
ROUNDS = {1: (400, 4400), 16: (200, 1800), 128: (60, 560), 1024: (10, 90)}
WHAT = {"copy": "GRANT_COPY of %d", "map": "map, read and unmap of %d"}


def _job(call, count):
    return {
        "name": "grant-%s-%d" % (call, count),
        "what": "gntdev: " + WHAT[call] % count,
        "unit": "grant",
        "setup": "dom0",
        "work": "/selftests/bin/grants load %s %d {n}" % (call, count),
        "amounts": ROUNDS[count],
        "checks": (("work.grants", count),),
        "per": float(count),
        "local": True,
    }


def jobs():
    return [_job(call, count) for call in WHAT for count in ROUNDS]
