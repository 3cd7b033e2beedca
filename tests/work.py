"""The work of a piece of code as a number that is the same on every machine: calls of functions, C functions included.

Seconds depend on the machine and on what else runs there, so no test asserts them; ``benchmarks/`` measures them.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


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


@contextmanager
def untraced() -> Iterator[None]:
    """Suspend the tracer that measures coverage, which doubles the processor time of what other tests cover."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
