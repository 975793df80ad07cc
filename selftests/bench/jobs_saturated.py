# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Jobs that keep a backend busy: xen-loadgen in place of the frontends.

A stock frontend is slower than a backend here, so that wake-ups hide what a
request costs. The load generator offers requests in bursts.
"""

import os

from harness import paths

from .jobs_net import BRIDGE, SEND

LOADGEN = os.path.join(paths.SELFTESTS, "loadgen")
# a ring of one page, as the stock frontend has it by default, is full with 32
# requests of a vbd and with 256 packets
BURSTS = ("1", "8", "32", "full")
# by a program of dom0, which must not send more than an interface queues
SENT = (1, 8, 32, 256)
GUEST = "bench_guest g1 null 1 '' frontends=none"
LOAD = "in_guest g1 '. /guest/work; load_generator%s'"
SETUPS = {
    "loadgen": [GUEST, "net_servers", LOAD % ""],
    "loadgen-np": [GUEST, "net_servers", LOAD % " persistent=0"],
}


def available():
    return os.path.exists(os.path.join(LOADGEN, "Kbuild"))


def reason(name):
    """Why a job of this name is not there, if that is known."""
    if name.startswith("sat-") and not available():
        return "%s needs selftests/loadgen, which is not in this tree" % name
    return None


def _job(name, what, setup, work, amounts, checks, **more):
    return {"name": name, "what": "saturated: " + what, "setup": setup,
            "work": work, "amounts": amounts, "checks": checks, **more}


def words(burst):
    return "a full ring" if burst == "full" else burst


def _disk(op, burst, suffix, note):
    return _job(
        "sat-blk-%s-%s%s" % (op, burst, suffix),
        "4k %s, bursts of %s%s" % (op, words(burst), note), "loadgen" + suffix,
        "offer vbd op=%s size=4096 burst=%s count={n}" % (op, burst),
        (400, 2400) if burst == "1" else (1024, 5120),
        (("work.requests", 1), ("work.responses", 1),
         ("vbd.rd_req" if op == "read" else "vbd.wr_req", 1)),
        unit="request")


def _transmit(burst):
    return _job(
        "sat-net-tx-" + burst,
        "64 B packets to dom0, bursts of " + words(burst), "loadgen",
        "offer vif op=tx size=64 dst=%s burst=%s count={n}" % (
            BRIDGE, burst),
        (640, 3200) if burst == "1" else (2560, 12800),
        (("work.requests", 1), ("work.responses", 1),
         ("vif-g1.rx_packets", 1)), unit="packet", slack=20)


def _receive(burst):
    return _job(
        "sat-net-rx-%d" % burst,
        "64 B packets from dom0, bursts of %d" % burst, "loadgen",
        SEND % (64, burst), (256, 1280) if burst == 1 else (2560, 12800),
        (("work.sent", 1), ("work.packets", 1), ("vif-g1.tx_packets", 1)),
        unit="packet", slack=20, before="net_neighbour",
        around=("expect_load {n}", "load_arrivals"))


def jobs():
    if not available():
        return []
    disks = [_disk(op, burst, suffix, note)
             for suffix, note in (("", ""), ("-np", ", not persistent"))
             for op in ("read", "write") for burst in BURSTS if burst != "32"]
    return (disks + [_transmit(burst) for burst in BURSTS] +
            [_receive(burst) for burst in SENT])
