# SPDX-License-Identifier: GPL-2.0 OR MIT
"""One boot of Xen with dom0: start it, run cases in it, end it."""

import io
import os
import re
import tarfile
import time

from . import images, paths, qemu, ui

XEN_ARGS = ("console=com1 com1=115200,8n1 loglvl=all guest_loglvl=all "
            "dom0_mem=2048M,max:2048M dom0_max_vcpus=2 "
            # FPU state switched lazily is lost at times under emulation
            "spec-ctrl=eager-fpu")
# While it boots only warnings are printed: each line is slow to emulate. From
# selftests/dom0/init on all is. The crypto library's self-tests take half a second.
DOM0_ARGS = ("console=hvc0 net.ifnames=0 loglevel=5 oops=panic panic=1 "
             "printk.devkmsg=on cryptomgr.notests")
BOOT_LIMIT = 400


class Outcome:
    """What is known of a case after it ran."""

    def __init__(self, name):
        self.name = name
        self.status = None      # exit status, None: it hung or dom0 died
        self.seconds = 0.0
        self.figures = []       # (name, value), in the order reported
        self.done = []          # (driver, what was done on it)
        self.notes = []
        self.console = ""       # what dom0 and Xen printed meanwhile


class Dom0:
    """`arguments` replace boot_arguments(), `machine` goes to the Machine, which
    is of the given `kind`."""

    def __init__(self, kernel=None, initramfs=None, assets=None,
                 log_folder=None, parameters="mode=agent", arguments=None,
                 machine=None, kind=qemu.Machine):
        os.makedirs(log_folder, exist_ok=True)
        self.log_folder = log_folder
        self.console = os.path.join(log_folder, "console.log")
        self.arguments = arguments or boot_arguments(kernel, initramfs,
                                                      assets, parameters)
        self.machine_options = machine or {}
        self.kind = kind
        self.machine = None
        self.scanned = 0
        self.boot_seconds = 0.0

    def begin(self):
        open(self.console, "wb").close()
        self.machine = self.kind(self.arguments, self.console,
                                 **self.machine_options)

    def start(self, until="ready"):
        """Come up, to where dom0 says that word."""
        begin = time.monotonic()
        self.begin()
        while True:
            line = self.machine.read_line(begin + BOOT_LIMIT)
            if line is None:
                self.machine.stop()
                raise ui.Failure("dom0 did not come up; console: %s %s" % (
                    self.console, self.machine.complaint()))
            word, _, rest = line.partition(" ")
            if word == "problem":
                self.machine.stop(3)
                raise ui.Failure("dom0 came up with a problem: %s; "
                                 "console: %s" % (rest, self.console))
            if word == until:
                break
        self.boot_seconds = time.monotonic() - begin
        ui.say("Xen and dom0 up in %.1f s" % self.boot_seconds)
        ui.spent("booting Xen and dom0", self.boot_seconds)

    def run(self, name, limit, on_progress, rounds=""):
        outcome = Outcome(name)
        begin = time.monotonic()
        # dom0 ends a case at its limit; the host waits for that a while
        deadline = begin + limit + 60
        try:
            self.machine.send("run %s %d %s" % (name, limit, rounds))
        except OSError:
            # the console since the case before says why
            outcome.notes.append("dom0 went down before this case")
            outcome.console = self._console_of(name, False)
            return outcome
        while outcome.status is None:
            line = self.machine.read_line(deadline)
            if line is None:
                outcome.notes.append("no answer from dom0 in time"
                                     if self.machine.running()
                                     else "dom0 went down, QEMU's status %s %s"
                                     % (self.machine.process.returncode,
                                        self.machine.complaint()))
                break
            self._handle(line, outcome, deadline, on_progress)
        outcome.seconds = time.monotonic() - begin
        outcome.console = self._console_of(name, outcome.status is not None)
        return outcome

    def _handle(self, line, outcome, deadline, on_progress):
        word, _, rest = line.partition(" ")
        if word == "progress":
            on_progress(rest)
        elif word == "figure":
            name, _, value = rest.partition("=")
            outcome.figures.append((name, value))
        elif word == "did":
            driver, _, text = rest.partition(": ")
            outcome.done.append((driver, text))
        elif word in ("note", "problem"):
            outcome.notes.append(rest)
        elif word == "log":
            name, size = rest.split()
            data = self.machine.read_bulk(int(size), deadline)
            save_logs(data, os.path.join(paths.LOGS, name))
        elif word == "done":
            outcome.status = int(rest.split()[1])

    def _console_of(self, name, wait_for_end):
        """The part of the console since the last call, for one case."""
        marker = ("selftests: end %s" % name).encode()
        for _ in range(50):
            with open(self.console, "rb") as stream:
                stream.seek(self.scanned)
                data = stream.read()
            if marker in data or not wait_for_end:
                break
            time.sleep(0.1)
        self.scanned += len(data)
        text = clean(data)
        folder = os.path.join(paths.LOGS, name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "dom0-and-xen.log"), "w") as stream:
            stream.write(text)
        return text

    def stop(self):
        if self.machine and self.machine.running():
            try:
                self.machine.send("halt")
            except OSError:
                pass
            self.machine.stop(15)
        elif self.machine:
            self.machine.stop()


def clean(data):
    text = data.decode(errors="replace").replace("\r", "")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def save_logs(data, folder):
    os.makedirs(folder, exist_ok=True)
    if data is None:
        return
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            if not member.isfile():
                continue
            target = os.path.join(folder, os.path.basename(member.name))
            with open(target, "wb") as stream:
                stream.write(archive.extractfile(member).read())


def xen_arguments(kernel, initramfs, assets, xen, dom0):
    """Xen, dom0 with its initramfs, the assets as /dev/vda."""
    return ["-kernel", images.hypervisor(), "-append", xen,
            "-initrd", "%s %s,%s" % (kernel.vmlinux, dom0, initramfs)
            ] + qemu.drive("assets", os.path.join(assets, "assets.img"),
                           read_only=True)


def boot_arguments(kernel, initramfs, assets, parameters):
    arguments = xen_arguments(kernel, initramfs, assets, XEN_ARGS,
                              "%s %s" % (DOM0_ARGS, parameters))
    arguments += qemu.drive("rootdisk", os.path.join(
        assets, "content/root.img"))
    arguments += qemu.drive("data", qemu.blank("data.img", 512))
    return arguments
