# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Network jobs, all on the stock frontend."""

DOM0 = "10.77.0.1"
NETWORK = "/guest/bin/network"
ONE = "bench_guest g1 '' 1 11"
SETUPS = {
    "net": [ONE, "net_servers"],
    "net-two": [ONE, "bench_guest g2 '' 1 12",
                "in_guest g2 '%s serve 7 > /dev/null 2>&1 &'" % NETWORK],
    # of its own: what drops its packets stays as long as the guest
    "net-drop": [ONE, "net_servers"],
}
BRIDGE = "02:00:00:00:00:01"
BEYOND = "02:00:00:00:00:98"    # behind an emulated NIC that drops
MSS = 1448
SEND = "/selftests/bench/network send 10.77.0.99 9 %d %d {n}"
MIB = 1 << 20
FLOWS, ROUND = 16, 8    # packets of a flow before it waits: see network.h


def _stream(name, what, setup, way, host, flows, chunk, amounts):
    return {
        "name": name, "what": what, "unit": "1448 bytes", "setup": setup,
        "work": "%s %s %s 7 $(({n} * %d)) %d %d" % (
            NETWORK, way, host, MIB, flows, chunk),
        "amounts": amounts, "stream": True, "per": MIB / MSS,
        "checks": (("work.bytes", MIB),),
    }


def _packets(name, size):
    """From the guest by pktgen; to the guest by paced UDP, for pktgen in
    dom0 would poll and its polling would count."""
    yield {
        "name": "net-tx-" + name, "what": name +
        " B packets, guest to dom0", "unit": "packet", "setup": "net",
        "work": "packets {n} %d %s" % (size, BRIDGE),
        "amounts": (4000, 32000), "slack": 20,
        "checks": (("work.sent", 1), ("vif-g1.rx_packets", 1)),
    }
    yield {
        "name": "net-rx-" + name, "what": name +
        " B packets, dom0 to guest", "unit": "packet", "setup": "net",
        "around": ("count_arrivals", "arrivals"),
        "before": "net_neighbour",
        "work": SEND % (size, 16),
        "amounts": (1600, 8000), "slack": 20,
        "checks": (("work.sent", 1), ("work.arrived", 1),
                   ("vif-g1.tx_packets", 1)),
    }


def jobs():
    found = [
        _stream("net-stream-tx", "TCP stream, guest to dom0", "net",
                "give", DOM0, 1, 131072, (16, 80)),
        _stream("net-stream-rx", "TCP stream, dom0 to guest", "net",
                "take", DOM0, 1, 131072, (16, 80)),
        {
            "name": "net-rr", "what": "TCP request/response, 1 byte",
            "unit": "transaction", "setup": "net",
            "work": "%s ping %s 7 {n}" % (NETWORK, DOM0),
            "amounts": (300, 1300), "slack": 20,
            "checks": (("work.transactions", 1), ("vif-g1.rx_packets", 1),
                       ("vif-g1.tx_packets", 1)),
        },
    ]
    found += list(_packets("64", 64)) + list(_packets("1500", 1514))
    found += [
        {
            "name": "net-flows", "unit": "1448 bytes", "setup": "net",
            "what": "%d TCP flows in turn, guest to dom0" % FLOWS,
            "work": "flows %s %d {n}" % (DOM0, FLOWS),
            "amounts": (20, 180), "stream": True, "per": FLOWS * ROUND,
            "checks": (("work.bytes", FLOWS * ROUND * MSS),),
        },
        _stream("net-guests", "TCP stream, guest to guest", "net-two",
                "give", "10.77.0.12", 1, 131072, (16, 80)),
        {
            "name": "net-nic", "what": "64 B packets, guest to NIC",
            "unit": "packet", "setup": "net",
            "before": "net_nic",
            "work": "packets {n} 64 " + BEYOND,
            "amounts": (2000, 12000), "slack": 20,
            "checks": (("work.sent", 1), ("vif-g1.rx_packets", 1),
                       ("eth0.tx_packets", 1)),
        },
    ]
    return found + _programs()


def _programs():
    """Where our vif runs an XDP program, beside what in-tree has for it."""
    return [
        {
            "name": "net-xdp-join", "unit": "packet", "setup": "net-two",
            "what": "64 B, guest to guest, XDP or bridge",
            "before": "xdp_join",
            "work": "packets_in_turn {n} 64 $(cat /tmp/mac)",
            "amounts": (4000, 32000), "slack": 20,
            "checks": (("work.sent", 1), ("vif-g1.rx_packets", 1),
                       ("vif-g2.tx_packets", 1)),
        },
        {
            "name": "net-xdp-drop", "unit": "packet", "setup": "net-drop",
            "what": "64 B dropped, XDP or nftables",
            "before": "xdp_drop",
            "work": "packets {n} 64 " + BRIDGE,
            "amounts": (2000, 12000), "slack": 20,
            "checks": (("work.sent", 1), ("vif-g1.rx_packets", 1),
                       ("work.dropped", 1)),
        },
    ]
