# SPDX-License-Identifier: GPL-2.0 OR MIT
"""One side of a comparison: a boot under icount, and measuring in it."""

import os
import re
import shlex
import socket
import subprocess
import time

from harness import (dom0, fio, images, modules, packages, paths, qemu,
                     sysroot, ui)

from . import counts, jobs, jobs_disk, result

ENGINE = qemu.SIMULATED_TIME
MEMORY = 2048
XEN_ARGS = ("console=com1 com1=115200,8n1 loglvl=warning guest_loglvl=warning "
            "bootscrub=0 dom0_mem=1024M,max:1024M "
            "dom0_max_vcpus=1 dom0_vcpus_pin "
            # FPU state switched lazily is lost at times under emulation
            "spec-ctrl=no,eager-fpu")
DOM0_ARGS = dom0.DOM0_ARGS + " mitigations=off mode=agent"
DOM0_MODULES = images.DOM0_MODULES + ("e1000e", "nf_tables")
# what an XDP program that drops is compared with
NFT_PACKAGES = ("nftables", "libnftables1", "libnftnl11", "libjansson4",
                "libedit2")
# What is sent to the hub goes nowhere.
NIC = ("-netdev", "hubport,hubid=0,id=nowhere", "-device",
       "e1000e,netdev=nowhere,mac=02:00:00:00:00:99,romfile=")
METER_LIBRARIES = ("libxenctrl.so.4.17", "libxenstore.so.4",
                   "libxentoolcore.so.1", "libxentoollog.so.1",
                   "libxencall.so.1")
HERE = os.path.join(paths.SELFTESTS, "bench")
WORK_LIMIT = 240
GUEST_LIMIT = 300
SKIP = "4"              # exit status in dom0 of what is not possible


class Refused(ui.Failure):
    """Work that failed and said so: dom0 and the guests are still there."""


class NotOffered(Refused):
    """The backend has not what the job is about."""


def _program(name, libraries=()):
    return modules.program(os.path.join(HERE, "programs", name), libraries)


def plugin():
    target = os.path.join(paths.BUILD, "bench", "plugin.so")
    done = subprocess.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
         "-fvisibility=hidden", "-o", target,
         os.path.join(HERE, "plugin.c")], text=True, capture_output=True)
    if done.returncode:
        raise ui.Failure("the plugin does not build:\n" + done.stderr)
    return target


class Images:
    """What the boots of all sides share."""

    def __init__(self, kernel):
        os.makedirs(os.path.join(paths.BUILD, "bench"), exist_ok=True)
        self.kernel = kernel
        self.meter = _program("meter", METER_LIBRARIES)
        self.network = _program("network")
        self.plugin = plugin()
        self.assets = images.assets(kernel, self._guest())

    def _guest(self):
        tree = images.guest_tree(self.kernel, images.GUEST_MODULES)
        fio.add(tree)
        tree.file("guest/work", os.path.join(HERE, "guest/work"))
        for program in (self.network, _program("diskcalls")):
            sysroot.add_program(
                tree, "guest/bin/" + os.path.basename(program), program)
        return tree

    def dom0(self, side):
        tree = images.dom0_base(self.kernel, DOM0_MODULES)
        sysroot.use(*NFT_PACKAGES)
        sysroot.add_program(tree, "usr/sbin/nft",
                            sysroot.find("usr/sbin/nft"))
        tree.folder("selftests/bench", os.path.join(HERE, "dom0"))
        for program in (self.network, self.meter):
            sysroot.add_program(
                tree, "selftests/bench/" + os.path.basename(program), program)
        with ui.step("building dom0's image for " + side.name):
            return images.dom0_initramfs(
                images.dom0_tree(self.kernel, side.drivers, side.modules,
                                 tree), "bench/dom0-%s.cpio" % side.name)


class Side:
    """Whose drivers: `drivers` is intree or ours, `modules` our build.

    `backing` is how a file becomes a disk; QEMU's side has no other jobs.
    """

    def __init__(self, name, drivers, backing, module_folder=None):
        self.name = name
        self.drivers = drivers
        self.backing = backing
        self.modules = module_folder
        self.uncounted = (jobs_disk.QDISK_UNCOUNTED
                          if backing == jobs_disk.QDISK else ())

    def does(self, job):
        return job.qdisk or self.backing != jobs_disk.QDISK


class Rig:
    """A booted side. Measures one piece of work at a time.

    `number` tells machines apart that run at once, for their logs.
    """

    def __init__(self, built, side, number=0):
        self.built = built
        self.side = side
        self.setup = None
        self.symbols = None
        ours, theirs = socket.socketpair()
        self.blocks = counts.Blocks(ours)
        self.folder = os.path.join(paths.LOGS, "bench-%s-%d" % (side.name,
                                                                number))
        arguments = dom0.xen_arguments(built.kernel, built.dom0(side),
                                       built.assets, XEN_ARGS, DOM0_ARGS)
        arguments += [*NIC, "-plugin", "%s,fd=%d" % (built.plugin,
                                                     theirs.fileno())]
        self.dom0 = dom0.Dom0(
            built.kernel, None, built.assets, self.folder,
            arguments=arguments,
            machine={"memory": MEMORY, "engine": ENGINE,
                     "pass_fds": [theirs.fileno()]})
        self.dom0.start()
        theirs.close()
        self.dom0.machine.send("bench")

    def do(self, command, limit=GUEST_LIMIT):
        """Run a function of rig.sh in dom0; its figures as a dictionary."""
        deadline = time.monotonic() + limit
        figures, notes, ran = {}, [], []
        try:
            self.dom0.machine.send("do " + command)
        except OSError:
            raise ui.Failure("%s: dom0 is gone: %s" % (
                self.side.name, self.dom0.machine.complaint()))
        while True:
            line = self.dom0.machine.read_line(deadline)
            if line is None:
                raise ui.Failure("%s: dom0 does not answer: %s" % (
                    self.side.name, command))
            word, _, rest = line.partition(" ")
            if word == "figure":
                name, _, value = rest.partition("=")
                figures[name] = figures.get(name, 0) + int(value)
            elif word == "note":
                notes.append(rest)
            elif word == "mark":
                ran.append(self.blocks.dump())
                self.dom0.machine.send("go")
            elif word == "log":
                self._receive(int(rest.split()[1]), deadline)
            elif word == "status":
                break
        if rest == SKIP:
            raise NotOffered("; ".join(notes))
        if rest != "0":
            raise Refused("%s: %s: %s" % (self.side.name, command,
                                          "; ".join(notes)))
        return figures, ran[0] if ran else None

    def measure(self, job, repeats):
        """[(short Run, long Run), ...] of a job."""
        self._bring_up(job)
        if job.before:
            self.do(job.before)
        # What is allocated at first use, for all that the job touches; and
        # the plugin does not count this one.
        self._work(job, job.amounts[1])
        if not self.symbols:
            self.do("fetch_symbols")
            self.symbols = counts.Symbols(self.folder)
        return [tuple(self._run(job, n) for n in job.amounts)
                for _ in range(repeats)]

    def _bring_up(self, job):
        """The guests a job needs; kept as long as jobs need the same."""
        if job.setup == self.setup:
            return
        self.setup = self.symbols = None
        self.blocks.rest()
        self.do("end_guests")
        for command in jobs.setup(job, self.side.backing):
            self.do(command)
        self.setup = job.setup

    def _work(self, job, n):
        if job.each:
            self.do(job.each)
        if job.local:
            return self.do("measure_dom0 " + job.work.format(n=n), WORK_LIMIT)
        words = [work.format(n=n) for work in (*job.around, job.work)]
        how = "measure_local" if job.around else "measure_guest"
        return self.do("%s g1 %s" % (how, shlex.join(words)), WORK_LIMIT)

    def _run(self, job, n):
        figures, blocks = self._work(job, n)
        if not blocks:
            raise Refused("the plugin has counted nothing")
        profile = counts.Profile(blocks, self.symbols)
        return result.Run(n, profile.total, profile.events,
                          plain_names(figures), profile.functions)

    def end(self):
        """Fetch logs and symbols, stop."""
        try:
            if self.dom0.machine.running():
                self.do("fetch_logs", 60)
        except ui.Failure as failure:
            ui.say("%s: no logs: %s" % (self.side.name, failure))
        finally:
            self.dom0.stop()

    def _receive(self, size, deadline):
        data = self.dom0.machine.read_bulk(size, deadline)
        dom0.save_logs(data, self.folder)


def plain_names(figures):
    """Figures without the numbers of domains and devices in their names.

    Guests are numbered in the order they were made: vif-g1 is the first's.
    """
    domains = sorted({int(found[1]) for found in (
        re.match(r"vif(\d+)\.", name) for name in figures) if found})
    plain = {}
    for name, value in figures.items():
        name = re.sub(r"^vif(\d+)\.0", lambda found: "vif-g%d" % (
            domains.index(int(found[1])) + 1), name)
        name = re.sub(r"^(ours\.v[bi][df])-\d+-\d+", r"\1", name)
        plain[name] = plain.get(name, 0) + value
    return plain
