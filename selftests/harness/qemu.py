# SPDX-License-Identifier: GPL-2.0 OR MIT
"""One emulated machine: its command line, its channels, its end."""

import ctypes
import fcntl
import functools
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time

from . import paths, ui

PR_SET_PDEATHSIG = 1
# loaded once: a child of a threaded process must not load anything itself
LIBC = ctypes.CDLL(None)
CPU = "max,-smap,-pku,-rdtscp,-fsgsbase"
# in the environment of what a case starts that has the turn already
TURN_IS_HELD = "XEN_BACKENDS_TURN_IS_HELD"
MULTI_THREADED = ("-accel", "tcg,thread=multi", "-cpu", CPU)
# One instruction is a nanosecond, both processors are one thread, and what the
# host is busy with does not show: times in dom0 can be compared. ERMS and FSRM
# off: `rep movsb` would count one instruction a byte.
SIMULATED_TIME = ("-accel", "tcg", "-cpu", CPU + ",-erms,-fsrm",
                  "-icount", "shift=0,sleep=off",
                  "-rtc", "base=2026-01-01T00:00:00,clock=vm")


class _Turn:
    """Two machines on two cores slow each other down to a quarter, and cases run
    into their limits. So runs of the tests that share a machine take turns, case
    by case. Threads of one run share its turn, and so does what a case starts
    that is a script for this machine."""

    def __init__(self):
        self.lock = threading.Lock()
        self.holders = 0
        self.file = None
        self.shared = TURN_IS_HELD in os.environ

    def __enter__(self):
        with self.lock:
            if not self.holders and not self.shared:
                self._wait()
            self.holders += 1

    def _wait(self):
        # not in the cache, of which there may be several
        self.file = open(os.path.join(tempfile.gettempdir(),
                                      "xen-backends-%d.turn" % os.getuid()),
                         "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            with ui.step("waiting for another run of the tests"):
                fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        with self.lock:
            self.holders -= 1
            if self.holders or self.shared:
                return
            self.file.close()
        # whoever waits is let in before the next case of this run
        time.sleep(0.2)


turn = _Turn()


def die_with_parent():
    """In the child: it must not outlive a harness that is killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """A QEMU process with a control and a bulk channel besides the console.

    A verdict comes from the control channel alone: what a console shows can
    be anybody's output.
    """

    def __init__(self, arguments, console, memory=6144,
                 engine=MULTI_THREADED, pass_fds=()):
        os.makedirs(os.path.join(paths.BUILD, "tmp"), exist_ok=True)
        self.console = console
        ours, theirs = zip(socket.socketpair(), socket.socketpair())
        self.control, self.bulk = ours
        command = ["qemu-system-x86_64", "-M", "q35", *engine, "-m",
                   str(memory), "-smp", "2", "-nographic", "-nodefaults",
                   "-no-reboot", "-serial", "file:" + console,
                   "-device", "virtio-serial-pci"]
        for name, end in zip(("control", "bulk"), theirs):
            command += ["-chardev", "socket,id=%s,fd=%d" % (name,
                                                            end.fileno()),
                        "-device", "virtserialport,chardev=%s,name=%s" %
                        (name, name)]
        # -snapshot files of drives go where TMPDIR says
        env = dict(os.environ, TMPDIR=os.path.join(paths.BUILD, "tmp"))
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command + arguments, stdin=subprocess.DEVNULL, env=env,
            stdout=self.errors, stderr=self.errors,
            preexec_fn=die_with_parent,
            pass_fds=[end.fileno() for end in theirs] + list(pass_fds))
        for end in theirs:
            end.close()
        self._pending = b""

    def running(self):
        return self.process.poll() is None

    def send(self, line):
        self.control.sendall(line.encode() + b"\n")

    def read_line(self, deadline):
        """The next control line; None at the deadline or QEMU's end."""
        while b"\n" not in self._pending:
            left = deadline - time.monotonic()
            if left <= 0 or not self._receive(left):
                return None
        line, self._pending = self._pending.split(b"\n", 1)
        return line.decode(errors="replace").rstrip("\r")

    def _receive(self, seconds):
        ready, _, _ = select.select([self.control], [], [], min(seconds, 1))
        if ready:
            data = self.control.recv(65536)
            self._pending += data
            if not data:
                # QEMU is at its end; let running() see that
                self._wait_for_end()
            return bool(data)
        return self.running()

    def _wait_for_end(self):
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass

    def read_bulk(self, size, deadline):
        """Exactly `size` bytes of the bulk channel, or None."""
        chunks = []
        while size:
            self.bulk.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                data = self.bulk.recv(min(size, 1 << 20))
            except socket.timeout:
                return None
            if not data:
                return None
            chunks.append(data)
            size -= len(data)
        return b"".join(chunks)

    def write_bulk(self, data, seconds):
        """All of it to the bulk channel, or an OSError."""
        self.bulk.settimeout(seconds)
        self.bulk.sendall(data)

    def stop(self, grace=0):
        """End QEMU, after `grace` seconds for it to end by itself."""
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.control.close()
        self.bulk.close()

    def complaint(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()


def drive(name, path, read_only=False):
    """A virtio disk; writes go to a temporary overlay, never to `path`."""
    options = "file=%s,format=raw,if=none,id=%s" % (path, name)
    options += ",readonly=on" if read_only else ",snapshot=on"
    return ["-drive", options, "-device", "virtio-blk-pci,drive=" + name]


def blank(name, mib):
    """A sparse raw file in the build folder."""
    path = os.path.join(paths.BUILD, name)
    os.makedirs(paths.BUILD, exist_ok=True)
    # other machines may be reading it: it is never written, see drive()
    with open(path, "ab") as stream:
        stream.truncate(mib << 20)
    return path


@functools.lru_cache(maxsize=None)
def version():
    return subprocess.run(["qemu-system-x86_64", "--version"], text=True,
                          capture_output=True).stdout.splitlines()[:1]


def require(machine, what):
    if not machine.running():
        raise ui.Failure("%s: QEMU ended: %s" % (what, machine.complaint()))
