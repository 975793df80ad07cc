# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Cases that are scripts for the machine that runs the tests: what a reader of
README and Documentation types there."""

import os
import shutil
import signal
import subprocess
import threading
import time

from . import dom0, kernels, paths, qemu


def _listen(stream, outcome, on_progress):
    """What a case says on file descriptor 9, as a case in dom0 does."""
    for line in stream:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "progress":
            on_progress(rest)
        elif word == "figure":
            name, _, value = rest.partition("=")
            outcome.figures.append((name, value))
        elif word == "note":
            outcome.notes.append(rest)


def _script(case, folder, rounds, says, output):
    """Start the script in an empty folder, as a group of its own. Its parent
    need not be waited for by what it starts: all of it ends with the case."""
    env = dict(os.environ, CASE=case.name, ROUNDS=str(rounds),
               TREE=paths.TREE, SELFTESTS=paths.SELFTESTS,
               XEN_BACKENDS_RESULTS=os.path.join(folder, "results"),
               KDIR=kernels.Kernel("6.1").kdir)
    # what a make above was told is not for those of the case
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        env.pop(name, None)
    env[qemu.TURN_IS_HELD] = "1"
    # 9 is what a case speaks on; it may be the one already
    move = "" if says == 9 else "exec 9>&%d %d>&-; " % (says, says)
    command = ["bash", "-c", move + ". " + case.path]
    return subprocess.Popen(command, cwd=folder, env=env, pass_fds=[says],
                            stdin=subprocess.DEVNULL, stdout=output,
                            stderr=subprocess.STDOUT, start_new_session=True,
                            preexec_fn=qemu.die_with_parent)


def run(case, on_progress, rounds=""):
    """What Dom0.run() returns."""
    outcome = dom0.Outcome(case.name)
    begin = time.monotonic()
    folder = os.path.join(paths.BUILD, "tmp", case.name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    os.makedirs(os.path.join(paths.LOGS, case.name), exist_ok=True)
    read, write = os.pipe()
    with open(os.path.join(paths.LOGS, case.name, "output"), "wb") as output:
        process = _script(case, folder, rounds, write, output)
        os.close(write)
        with os.fdopen(read, errors="replace") as stream:
            listener = threading.Thread(target=_listen, args=(
                stream, outcome, on_progress))
            listener.start()
            try:
                outcome.status = process.wait(case.limit)
            except subprocess.TimeoutExpired:
                outcome.notes.insert(0, "not done in %d s" % case.limit)
            _end(process)
            listener.join(10)
    outcome.seconds = time.monotonic() - begin
    if outcome.status == 0:
        shutil.rmtree(folder, ignore_errors=True)
    return outcome


def _end(process):
    """Nothing of it stays."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
