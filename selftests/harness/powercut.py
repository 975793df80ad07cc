# SPDX-License-Identifier: GPL-2.0 OR MIT
"""The case powercut: QEMU killed while a guest writes and syncs.

The machine is brought to where the guest is about to write, and written to a
file. Each round goes on from there with fresh copies of the disks, kills QEMU
at another moment, and looks on the disks for all that the guest had been told
is synced. What is told comes out by the control channel: it is known outside
before the cut.

What QEMU's disk has taken is on the image even when QEMU is killed; what is
lost is all that dom0 still had in its memory. The order of what reaches a disk
with a cache of its own is the case logwrites'.
"""

import os
import shutil
import subprocess
import time

from . import dom0, paths, snapshot, ui

# A round's cut comes after 1 to MOST_TOLD tellings, and a part of a second.
MOST_TOLD, PART = 7, 0.05
ROUND_LIMIT = 90
DISKS = (("bdev.img", 64), ("files.img", 128))
# A record is the numbers from its own on, one a line.
RECORD_LINES = 500


class Broken(Exception):
    """What was promised is not on the disk."""


def tool(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def files_of(image, folder):
    """Replay the journal, have everything consistent, take the files out."""
    status, said = tool("/sbin/e2fsck", "-p", image)
    if status > 1:
        raise Broken("e2fsck -p: " + said)
    status, said = tool("/sbin/e2fsck", "-f", "-n", image)
    if status:
        raise Broken("e2fsck -f -n: " + said)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    status, said = tool("/sbin/debugfs", "-R", "rdump / " + folder, image)
    if status:
        raise Broken("debugfs: " + said)
    return folder


def record(number):
    return "".join("%d\n" % line for line in
                   range(number, number + RECORD_LINES + 1)).encode()


def look_for_records(folder, told):
    """All up to the told one are there and right."""
    for number in range(1, told + 1):
        path = os.path.join(folder, "n%d" % number)
        if not os.path.exists(path):
            raise Broken("record %d of %d is not there" % (number, told))
        with open(path, "rb") as stream:
            if stream.read() != record(number):
                raise Broken("record %d of %d is wrong" % (number, told))


class Rounds:
    def __init__(self, images, case, progress, rounds):
        self.images = images
        self.case = case
        self.rounds = rounds
        self.progress = progress
        self.folder = os.path.join(paths.BUILD, "tmp", "powercut")
        self.state = os.path.join(self.folder, "state")
        self.outcome = dom0.Outcome(case.name)
        self.logs = os.path.join(paths.LOGS, case.name)
        self.console = os.path.join(self.logs, "console.log")

    def path(self, name, fresh=False):
        return os.path.join(self.folder, ("fresh-" if fresh else "") + name)

    def drives(self):
        arguments = []
        for name, _ in DISKS:
            arguments += ["-drive", "file=%s,format=raw,if=none,id=%s" %
                          (self.path(name), name),
                          "-device", "virtio-blk-pci,drive=" + name]
        return arguments

    def arguments(self):
        return dom0.boot_arguments(
            self.images.kernel, self.images.initramfs, self.images.assets,
            "mode=agent") + self.drives()

    def prepare(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        for name, mib in DISKS:
            with open(self.path(name), "wb") as stream:
                stream.truncate(mib << 20)

    def boot(self):
        """To where the guest is about to write."""
        boot = dom0.Dom0(self.images.kernel, self.images.initramfs,
                         self.images.assets, self.logs,
                         arguments=self.arguments(),
                         kind=snapshot.Machine)
        boot.start()
        machine = boot.machine
        machine.send("run %s %d" % (self.case.name, self.case.limit))
        self.wait_for(machine, "cut", self.case.limit)
        machine.save(self.state)
        machine.stop()
        for name, _ in DISKS:
            os.rename(self.path(name), self.path(name, fresh=True))

    def wait_for(self, machine, wanted, seconds):
        """The word `wanted`; what a failing case says ends it."""
        end = time.monotonic() + seconds
        while True:
            line = machine.read_line(end)
            word, _, rest = (line or "ended").partition(" ")
            if word == wanted:
                return
            if word == "progress":
                self.progress(rest)
            elif word in ("note", "problem"):
                self.outcome.notes.append(rest)
            elif word in ("done", "ended"):
                machine.stop()
                raise Broken("the guest did not come as far as writing")

    def one_round(self, tellings, delay):
        """Return what was told before the cut."""
        for name, _ in DISKS:
            tool("cp", "--sparse=always", self.path(name, fresh=True),
                 self.path(name))
        machine = snapshot.Machine(self.arguments(), self.console + ".round",
                                   state=self.state)
        machine.resume()
        told, end = 0, time.monotonic() + ROUND_LIMIT
        while True:
            line = machine.read_line(end)
            if line is None:
                break
            word, _, rest = line.partition(" ")
            if word != "told" or not rest:
                continue
            told = int(rest)
            tellings -= 1
            if not tellings:
                end = time.monotonic() + delay
        if not machine.running():
            raise Broken("QEMU ended: " + machine.complaint())
        machine.cut()
        if tellings > 0:
            raise Broken("the guest syncs nothing for %d s" % ROUND_LIMIT)
        return told

    def check(self, told):
        bdev, files = (self.path(name) for name, _ in DISKS)
        look_for_records(files_of(bdev, self.path("bdev")), told)
        outer = files_of(files, self.path("files"))
        look_for_records(files_of(os.path.join(outer, "guest.img"),
                                  self.path("file")), told)

    def run(self):
        self.prepare()
        self.boot()
        tolds = []
        for number in range(self.rounds):
            told = self.one_round(1 + number % MOST_TOLD, number * PART)
            try:
                self.check(told)
            except Broken as broken:
                raise Broken("round %d, %d told: %s" % (number + 1, told,
                                                        broken))
            tolds.append(told)
            if number % 5 == 4:
                self.progress("%d of %d cuts" % (number + 1, self.rounds))
        self.outcome.figures = [
            ("cuts", self.rounds),
            ("records told before a cut", ", ".join(map(str, tolds)))]
        self.outcome.status = 0


def run(images, case, progress, number):
    """What Dom0.run() returns, for the case that no dom0 can run itself."""
    begin = time.monotonic()
    rounds = Rounds(images, case, progress, number)
    try:
        rounds.run()
    except (Broken, ui.Failure) as broken:
        rounds.outcome.status = 1
        rounds.outcome.notes.append(str(broken))
    else:
        shutil.rmtree(rounds.folder)
    rounds.outcome.seconds = time.monotonic() - begin
    return rounds.outcome
