"""The work of a piece of code as a number that is the same on every machine: calls of functions, C functions included.

Seconds depend on the machine and on what else runs there, so no test asserts them; ``benchmarks/`` measures them.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from app.publish import Published, publish


class Calls:
    """A counter of the function calls that this thread makes.

    Attributes:
        count: calls of Python and C functions since it was made; a generator counts at each resumption.
    """

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _frame: FrameType, event: str, _argument: object) -> None:
        """Count one event of the interpreter (``sys.setprofile``)."""
        if event in ("call", "c_call"):
            self.count += 1


@contextmanager
def counted_calls() -> Iterator[Calls]:
    """Count the calls that this thread makes within the block."""
    before = sys.getprofile()
    calls = Calls()
    sys.setprofile(calls)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def calls_of(run: Callable[[], object]) -> int:
    """Count the calls that a function makes, itself included."""
    with counted_calls() as calls:
        run()
    return calls.count


RUNAWAY_SECONDS = 60
"""Processor time that is taken to have no end; work that grows with its input takes less than a second."""


@contextmanager
def no_runaway() -> Iterator[None]:
    """End a block whose work does not end, and fail.

    This is no measure of time: megabytes that are read in the square of their length take hours on any machine. Calls
    do not count such work, as a regular expression is one call.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("the work grows with the square of the input, or worse")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, RUNAWAY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def untraced() -> Iterator[None]:
    """Suspend the tracer that measures coverage, which doubles the processor time of what other tests cover."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)


def publish_untraced(seed: Path, database: Path) -> Published:
    """Publish a seed without measuring coverage, where publishing is not what is tested.

    Args:
        seed: its folder.
        database: the file to publish to.
    """
    with untraced():
        return publish(seed, database)
