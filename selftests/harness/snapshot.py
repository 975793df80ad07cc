# SPDX-License-Identifier: GPL-2.0 OR MIT
"""A machine's whole state in a file, to go on from many times.

QEMU's migration to and from a file, without the migration's other half.
"""

import json
import socket
import time

from . import qemu, ui


class Monitor:
    """QEMU's monitor on a socket that is handed over at its start."""

    def __init__(self):
        self.socket, self.theirs = socket.socketpair()
        self.stream = self.socket.makefile("rw")

    def arguments(self):
        return ["-chardev", "socket,id=monitor,fd=%d" % self.theirs.fileno(),
                "-mon", "chardev=monitor,mode=control"]

    def started(self):
        self.theirs.close()
        self.stream.readline()          # the greeting
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.stream.write(json.dumps({"execute": command,
                                      "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            line = self.stream.readline()
            if not line:
                raise ui.Failure("QEMU ended at '%s'" % command)
            answer = json.loads(line)
            if "error" in answer:
                raise ui.Failure("%s: %s" % (command,
                                             answer["error"]["desc"]))
            if "return" in answer:
                return answer["return"]

    def close(self):
        self.stream.close()
        self.socket.close()


class Machine(qemu.Machine):
    """One that can be written to a file, or comes out of one."""

    def __init__(self, arguments, console, state=None, **options):
        self.monitor = Monitor()
        extra = self.monitor.arguments()
        if state:
            extra += ["-incoming", "exec:cat %s" % state]
        super().__init__(arguments + extra, console,
                         pass_fds=[self.monitor.theirs.fileno()], **options)
        try:
            self.monitor.started()
        except (ui.Failure, ValueError, OSError):
            raise ui.Failure("QEMU did not start: " + self.complaint())

    def save(self, path, limit=120):
        """Halt the machine and write what it is; its disks are not in it."""
        self.monitor.ask("stop")
        self.monitor.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self.monitor.ask("migrate", uri="exec:cat > %s" % path)
        self._await("query-migrate", ("completed",), limit)

    def resume(self, limit=120):
        """Go on from the file, once it is read."""
        self._await("query-status", ("paused", "prelaunch", "postmigrate"),
                    limit)
        self.monitor.ask("cont")

    def _await(self, question, wanted, limit):
        end = time.monotonic() + limit
        while True:
            status = self.monitor.ask(question).get("status")
            if status in wanted:
                return
            if status in ("failed", "internal-error") or \
                    time.monotonic() > end:
                raise ui.Failure("%s says %s: %s" % (question, status,
                                                     self.complaint()))
            time.sleep(0.05)

    def cut(self):
        """The power fails: nothing is finished, nothing is told."""
        self.process.kill()
        self.stop()

    def stop(self, grace=0):
        super().stop(grace)
        self.monitor.close()
