# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Disk jobs, all on the stock frontend."""

# How a file becomes a disk: the functions file_NAME of dom0/disks.sh.
LOOP, NATIVE, QDISK = "loop", "native", "qdisk"
# the kernel's statistics of a vbd that QEMU has not
QDISK_UNCOUNTED = ("vbd.f_req", "vbd.ds_req")

DISKS = "bench_guest g1 'null file:{file} memory scratch:{file}' 0 ''"
NULL, FILE, MEMORY, SCRATCH = "xvda", "xvdb", "xvdc", "xvdd"
FILE_KIB = 128 << 10    # as in dom0/disks.sh
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
# name, what, amounts, checks, on what
CALLS = (
    # QEMU does nothing for a flush when it has written nothing
    ("flush", "flush", (300, 1300),
     (("work.flushes", 1), ("vbd.f_req", 1)), (MEMORY, SCRATCH)),
    ("sync", "4k write, then flush", (300, 1300),
     (("work.flushes", 1), ("vbd.f_req", 1), ("vbd.wr_sect", 8)), (FILE,)),
    # each of a place of its own: the file has 1024 of them
    ("discard", "discard, 64k", (200, 1000),
     (("work.discards", 1), ("vbd.ds_req", 1)), (MEMORY, SCRATCH)),
)


def _within_file(size, short, long):
    """fio ends a sequential run at the end of the disk."""
    most = FILE_KIB // size
    return min(short, most // 5), min(long, most)


def _fio(below, backing, disk, suffix, note):
    for name, what, rw, size, depth, amounts, stream in FIO:
        if below == "file":
            amounts = _within_file(size, *amounts)
        sectors = "rd_sect" if "read" in rw else "wr_sect"
        yield {
            "name": "%s-%s%s" % (below, name, suffix),
            "what": "%s: %s%s" % (backing, what, note),
            "unit": "request of fio",
            "setup": "disks" + suffix,
            "work": "blk %s %s %dk %d {n}" % (disk, rw, size, depth),
            "amounts": amounts,
            "stream": stream,
            "qdisk": below == "file",
            "checks": (("work.sectors", size * 2),
                       ("vbd." + sectors, size * 2)),
        }


def _calls(below, backing, disks, suffix, note):
    for name, what, amounts, checks, places in CALLS:
        file = below == "file"
        disk = next((disk for disk in places if disk in disks), None)
        if not disk:
            continue
        yield {
            "name": "%s-%s%s" % (below, name, suffix),
            "what": "%s: %s%s" % (backing, what, note),
            "unit": "request", "setup": "disks" + suffix,
            "work": "blk_calls %s %s {n}" % (disk, name),
            "amounts": amounts, "checks": checks,
            "qdisk": file and name != "flush",
            "each": "refill_scratch" if file and name == "discard" else "",
        }


def jobs():
    found = []
    for suffix, note in (("", ""), ("-np", ", frontend not persistent")):
        found += _fio("blk", "null_blk", NULL, suffix, note)
        found += _calls("blk", "null_blk", (MEMORY,), suffix, note)
        found += _fio("file", "file", FILE, suffix, note)
        found += _calls("file", "file", (FILE, SCRATCH), suffix,
                        note)
    return found
