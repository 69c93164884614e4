"""What surrounds a program of vi_lab: its streams, the signals that end it, its exit code."""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from vi_lab.errors import ViLabError, error_text
from vi_lab.runtime.exit_codes import BAD_INPUT, CRASHED, ENDED, INTERRUPTED
from vi_lab.runtime.interrupts import end_by_signals, is_interrupt
from vi_lab.runtime.messages import open_closed_streams, read_in_part, say, silence
from vi_lab.runtime.own_code import find_line

LONGEST = 240  # letters of what is wrong with the words of a command


class Parser(argparse.ArgumentParser):
    """A parser, to be asked inside `run_program`: its errors are one line."""

    def error(self, message: str) -> NoReturn:
        if len(message) > LONGEST:  # argparse repeats whatever it does not know
            message = f"{message[: LONGEST - 30]}...{message[-27:]}"
        self.exit(BAD_INPUT, f"{self.prog}: error: {message} ({self.prog} --help)\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        """What it prints is a command's output: argparse says nothing of a disk that is full."""
        print(message, end="", file=file or sys.stderr, flush=True)


def ready_streams() -> None:
    """Streams that were closed are opened to nowhere, and no letter ends a program."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a notebook has streams of its own
            # a terminal without the letter ± shows ?, it does not end the run
            stream.reconfigure(errors="replace")


def run_program(work: Callable[[], int], say: Callable[[str], None] = say) -> int:
    """The exit code of a program that does this work, by `exit_codes`, whatever happens in it."""
    code = INTERRUPTED  # unless it ends before one more signal comes
    with end_by_signals() as heard, contextlib.suppress(KeyboardInterrupt), read_in_part():
        code = _run(work, say)
    return ENDED + heard[0] if code == INTERRUPTED and heard else code


def _run(work: Callable[[], int], say: Callable[[str], None]) -> int:
    try:
        code = work()
        sys.stdout.flush()  # a disk that is full is noticed here, not while Python shuts down
        return code
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        code = _explain(error, say)
        return INTERRUPTED if is_interrupt(error) else code


def _explain(error: BaseException, say: Callable[[str], None]) -> int:
    """Say how a program ended by this error; its exit code."""
    if isinstance(error, ViLabError):
        told = " ".join(str(error).splitlines())  # a name that came may hold line breaks
        line = find_line(error.__cause__) if error.__cause__ else ""
        say(f"error: {told}" + f" ({line})" * bool(line and line not in told))
        return BAD_INPUT
    if isinstance(error, OSError):  # a name that is too long, a disk that is full, no permission
        say(f"error: {error_text(error)}")
        silence(sys.stdout)  # if it is what failed, what waits in it fails again
        return BAD_INPUT
    if is_interrupt(error):
        say("interrupted")
        return INTERRUPTED
    if isinstance(error, MemoryError):
        say("error: there is not enough memory")
        return CRASHED
    if line := find_line(error):
        say(f"error: {line}: raised {type(error).__name__}: {error_text(error)}")
        return BAD_INPUT
    if isinstance(error, SystemExit):  # after --help
        raise error
    with contextlib.suppress(OSError, ValueError):
        traceback.print_exception(error)
    say("this is a fault of vi_lab itself; nothing is said by it about your model")
    return CRASHED
