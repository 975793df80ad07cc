# SPDX-License-Identifier: GPL-2.0 OR MIT
"""From the plugin's counts to instructions by function and to events."""

import bisect
import functools
import os
import re
import struct

from harness import images, ui

DOM0_CPU, GUEST_CPU = 0, 1
XEN_START, XEN_END = 0xffff82d040000000, 0xffff82d080000000
KERNEL_START = 0xffff800000000000
USER, XEN_STUBS = "[programs]", "[xen: trap stubs]"

# key, label, CPU, where, functions. "entry": calls of these functions. "call":
# executions of the calls of the second function inside the first.
EVENTS = (
    ("hypercalls", "hypercalls", DOM0_CPU, "entry", ("xen:pv_hypercall",)),
    ("grant", "  of grant tables", DOM0_CPU, "entry",
     ("xen:do_grant_table_op",)),
    ("evtchn", "  of event channels", DOM0_CPU, "entry",
     ("xen:do_event_channel_op",)),
    ("sched", "  to sleep (sched_op)", DOM0_CPU, "entry",
     ("xen:do_sched_op",)),
    ("timer", "  to set a timer", DOM0_CPU, "entry",
     ("xen:do_set_timer_op",)),
    ("iret", "  iret", DOM0_CPU, "entry", ("xen:do_iret",)),
    ("switch", "  of task switches (stack, FPU, segments)", DOM0_CPU, "entry",
     ("xen:do_stack_switch", "xen:do_fpu_taskswitch",
      "xen:do_set_segment_base", "xen:do_update_descriptor")),
    ("mmu", "  of page tables", DOM0_CPU, "entry",
     ("xen:do_mmu_update", "xen:do_mmuext_op", "xen:do_update_va_mapping")),
    ("multicall", "  multicalls (their parts are above)", DOM0_CPU, "entry",
     ("xen:do_multicall",)),
    ("version", "  to have events delivered (xen_version)", DOM0_CPU, "entry",
     ("xen:do_xen_version",)),
    ("maps", "grants mapped", DOM0_CPU, "entry",
     ("xen:create_grant_pv_mapping",)),
    ("unmaps", "grants unmapped", DOM0_CPU, "entry", ("xen:unmap_common",)),
    ("copies", "grant copies", DOM0_CPU, "call", ("gnttab_copy", "memcpy")),
    ("unmap_flushes", "TLB flushes after unmaps", DOM0_CPU, "call",
     ("gnttab_unmap_grant_ref", "flush_area_mask")),
    ("flushes", "TLB flushes, all", DOM0_CPU, "entry",
     ("xen:flush_area_local",)),
    ("notified", "notifications sent", DOM0_CPU, "entry",
     ("xen:evtchn_send",)),
    ("guest_notified", "notifications by the guest", GUEST_CPU, "entry",
     ("xen:evtchn_send",)),
    ("upcalls", "upcalls taken", DOM0_CPU, "entry",
     ("__xen_pv_evtchn_do_upcall",)),
    ("events", "events handled", DOM0_CPU, "entry", ("handle_irq_for_port",)),
    ("wakeups", "thread wake-ups", DOM0_CPU, "entry", ("try_to_wake_up",)),
    ("switches", "context switches in dom0", DOM0_CPU, "entry",
     ("finish_task_switch",)),
    ("vcpu_switches", "switches of dom0 to or from idle", DOM0_CPU, "entry",
     ("xen:context_switch",)),
)


class Blocks:
    """The plugin's end of a socket, and what it sends."""

    def __init__(self, connection):
        self.connection = connection
        self.stream = connection.makefile("rb")

    def _ask(self, word):
        try:
            self.connection.sendall(word + b"\n")
        except OSError as error:
            raise ui.Failure("the plugin is gone: %s" % error)
        while True:
            line = self.stream.readline()
            if not line or line == b"end\n":
                return
            yield line

    def rest(self):
        """Until the next marker nothing will be counted."""
        list(self._ask(b"rest"))

    def dump(self):
        """{(cpu, address): (instructions, executions)}"""
        found = {}
        for line in self._ask(b"dump"):
            cpu, address, length, count = line.split()
            key = (int(cpu), int(address, 16))
            before = found.get(key, (0, 0))
            found[key] = (before[0] + int(length) * int(count),
                          before[1] + int(count))
        return found


@functools.lru_cache(maxsize=None)
def xen_calls(function_start, function_end, target):
    """Where calls of `target` inside a function of Xen return to.

    A direct call is e8 and the distance; the hypervisor's file is linked at
    XEN_START plus the address it is loaded at.
    """
    with open(images.hypervisor(), "rb") as stream:
        data = stream.read()
    table, size, number = (struct.unpack_from("<I", data, 28)[0],
                           *struct.unpack_from("<HH", data, 42))
    found = []
    for i in range(number):
        kind, offset, place, _, length = struct.unpack_from(
            "<IIIII", data, table + i * size)
        begin = max(function_start - XEN_START - place, 0)
        end = min(function_end - XEN_START - place, length - 5)
        if kind != 1:
            continue
        for at in range(begin, end):
            if data[offset + at] != 0xe8:
                continue
            distance = struct.unpack_from("<i", data, offset + at + 1)[0]
            after = XEN_START + place + at + 5
            if after + distance == target:
                found.append(after)
    return tuple(found)


class Symbols:
    """Names of dom0's kernel, its modules and Xen, by address."""

    def __init__(self, folder):
        self.start = {}     # name to address; Xen's begin with "xen:"
        entries = []
        for file, prefix in (("kallsyms", ""), ("xensyms", "xen:")):
            with open(os.path.join(folder, file)) as stream:
                for line in stream:
                    entries += self._parse(line, prefix)
        entries.sort()
        self.addresses = [address for address, _ in entries]
        self.names = [name for _, name in entries]

    def _parse(self, line, prefix):
        fields = line.split()
        if len(fields) < 3 or fields[1] not in "tTwW":
            return []
        # "file.c#name" in Xen; what gcc appends to names does not matter
        name = prefix + fields[2].split("#")[-1]
        plain = re.sub(r"\.(constprop|isra|part)\.\d+.*", "", name)
        module = fields[3].strip("[]") + ":" if len(fields) > 3 else ""
        address = int(fields[0], 16)
        self.start.setdefault(plain, address)
        return [(address, module + plain)]

    def name(self, address):
        if address < KERNEL_START:
            return USER
        place = bisect.bisect_right(self.addresses, address) - 1
        if place < 0:
            return "[unknown]"
        name = self.names[place]
        xen = XEN_START <= address < XEN_END
        if xen != name.startswith("xen:"):
            return XEN_STUBS if xen else "[unknown]"
        # stubs for traps lie behind Xen's last function
        if xen and address - self.addresses[place] > 1 << 20:
            return XEN_STUBS
        return name

    def end(self, name):
        place = bisect.bisect_right(self.addresses, self.start[name])
        return self.addresses[place]

    @functools.lru_cache(maxsize=None)
    def places(self, how, names):
        """The addresses whose executions make up an event; None: unknown."""
        if how == "entry":
            found = [self.start[name] for name in names if name in self.start]
            return tuple(found) if found else None
        inside, target = ("xen:" + name for name in names)
        if inside not in self.start or target not in self.start:
            return None
        return xen_calls(self.start[inside], self.end(inside),
                         self.start[target])


class Profile:
    """What ran between two marks: instructions on dom0's CPU, events."""

    def __init__(self, blocks, symbols):
        self.functions = {}
        for (cpu, address), (instructions, _) in blocks.items():
            if cpu == DOM0_CPU:
                name = symbols.name(address)
                self.functions[name] = (self.functions.get(name, 0) +
                                        instructions)
        self.total = sum(self.functions.values())
        self.events = {}
        for key, _, cpu, how, names in EVENTS:
            places = symbols.places(how, names)
            if places is not None:
                self.events[key] = sum(blocks.get((cpu, place), (0, 0))[1]
                                       for place in places)


def group(name):
    """The part of the system a function belongs to."""
    if name.startswith("xen:") or name == XEN_STUBS:
        return "Xen"
    if name in (USER, "[unknown]"):
        return name
    return name.split(":")[0] if ":" in name else "kernel"
