"""The processes of a campaign: forked from this one, watched, killed and frozen by their number."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

DONE, BROKEN = 0, 1


@dataclass
class Crew:
    """Who is running. The parent has no thread and no loop, so forking it is safe and quick."""

    folder: Path
    running: dict[int, str] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def start(self, name: str, run: Callable[[], None]) -> int:
        """A new process that does ``run`` and ends; what goes wrong in it is kept in NAME.error."""
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            code = BROKEN
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                run()
                code = DONE
            except BaseException:
                with (self.folder / f"{name}.error").open("a") as file:
                    file.write(traceback.format_exc())
            finally:
                os._exit(code)
        self.running[pid] = name
        return pid

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self._bury(pid, os.waitpid(pid, 0)[1])

    def freeze(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)

    def wait(self, pid: int) -> int:
        """Its exit code."""
        return self._bury(pid, os.waitpid(pid, 0)[1])

    def alive(self, pid: int) -> bool:
        if pid not in self.running:
            return False
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            name = self.running[pid]
            code = self._bury(pid, status)
            self.ended.append(f"{name} ended by itself with {code}: {self.error(name)}")
        return not found

    def stop(self, pid: int, patience: float) -> int | None:
        """Ask it to end; None when it does not in time and has to be killed."""
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                return self._bury(pid, status)
            time.sleep(0.02)
        self.kill(pid)
        return None

    def close(self) -> None:
        for pid in list(self.running):
            self.kill(pid)

    def error(self, name: str) -> str:
        file = self.folder / f"{name}.error"
        return file.read_text()[-8000:] if file.exists() else ""

    def _bury(self, pid: int, status: int) -> int:
        del self.running[pid]
        return os.waitstatus_to_exitcode(status)
