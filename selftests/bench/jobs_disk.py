# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Disk jobs, all on the stock frontend."""

# How a file becomes a vbd: the function disk_NAME of rig.sh. A driver that
# opens files itself gets another name here.
FILE_BACKING = {"intree": "file_loop", "ours": "file_loop"}

DISKS = "bench_guest g1 'null {file} memory' 0 ''"
NULL, FILE, MEMORY = "xvda", "xvdb", "xvdc"
SETUPS = {
    "disks": [DISKS],
    "disks-np": [DISKS + " xen_blkfront.feature_persistent=0"],
}

# name, what, fio's rw, size in KiB, depth, amounts, stream
FIO = (
    ("4k-qd1", "4k random read, QD1", "randread", 4, 1, (300, 1300), False),
    ("4k-qd32", "4k random read, QD32", "randread", 4, 32, (1600, 9600),
     False),
    ("4k-write-qd32", "4k random write, QD32", "randwrite", 4, 32,
     (1600, 9600), False),
    ("64k-qd8", "64k sequential read, QD8", "read", 64, 8, (400, 3600),
     True),
    ("512k-qd8", "512k sequential write, QD8", "write", 512, 8, (80, 480),
     True),
)
CALLS = (
    ("flush", "flush", "blk_calls %s flush {n}" % MEMORY, (300, 1300),
     (("work.flushes", 1), ("vbd.f_req", 1))),
    ("discard", "discard, 64k", "blk_calls %s discard {n}" % MEMORY,
     (300, 1300), (("work.discards", 1), ("vbd.ds_req", 1))),
)


def _fio(below, backing, disk, suffix, note):
    for name, what, rw, size, depth, amounts, stream in FIO:
        sectors = "rd_sect" if "read" in rw else "wr_sect"
        yield {
            "name": "%s-%s%s" % (below, name, suffix),
            "what": "%s: %s%s" % (backing, what, note),
            "unit": "request of fio",
            "setup": "disks" + suffix,
            "work": "blk %s %s %dk %d {n}" % (disk, rw, size, depth),
            "amounts": amounts,
            "stream": stream,
            "checks": (("work.sectors", size * 2),
                       ("vbd." + sectors, size * 2)),
        }


def _calls(suffix, note):
    for name, what, work, amounts, checks in CALLS:
        yield {
            "name": "blk-%s%s" % (name, suffix),
            "what": "null_blk: %s%s" % (what, note),
            "unit": "request", "setup": "disks" + suffix,
            "work": work, "amounts": amounts, "checks": checks,
        }


def jobs():
    found = []
    for suffix, note in (("", ""), ("-np", ", frontend not persistent")):
        found += _fio("blk", "null_blk", NULL, suffix, note)
        found += _calls(suffix, note)
        found += _fio("file", "file", FILE, suffix, note)
    return found
