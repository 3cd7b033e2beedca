"""Run the targets of fuzzing under atheris, each for a bounded time, and print how many inputs were tried.

    python -m benchmarks.fuzz.run [--seconds 60] [--keep FOLDER] [TARGET …]

Ends with 1 if a target failed; the input at fault is then in the folder of ``--keep``, and ``--try FILE TARGET``
tries it again. atheris is the extra ``fuzz``; it has wheels for Linux on x86-64 only.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

NAMES = ("cursor", "edtf", "un-list", "batch")
"""The names of the targets, here too, as atheris has to be set up before the parsers are imported."""

SECONDS_OF_ONE_INPUT = 5
"""An input that takes longer is a failure."""


def _fuzz(name: str, arguments: Sequence[str]) -> None:
    """Run one target in this process, which libFuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["app"]):
        from benchmarks.fuzz.targets import TARGETS
    target = TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(target.seeds):
            (Path(folder) / f"seed-{number}").write_bytes(seed)

        def run(content: bytes) -> None:
            target.run(content)

        atheris.Setup([name, f"-max_len={target.longest}", *arguments, folder], run)
        atheris.Fuzz()


def _run(name: str, seconds: int, keep: Path) -> bool:
    """Run one target in a process of its own; print its outcome, and return whether it found nothing."""
    options = [f"-max_total_time={seconds}", f"-timeout={SECONDS_OF_ONE_INPUT}", "-print_final_stats=1"]
    command = [
        sys.executable,
        "-m",
        "benchmarks.fuzz.run",
        "--in-process",
        name,
        *options,
        f"-artifact_prefix={keep}/{name}-",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    tried = re.search(r"stat::number_of_executed_units: *([0-9]+)", done.stdout)
    covered = re.findall(r"\bft: ([0-9]+)", done.stdout)
    is_sound = done.returncode == 0 and tried is not None
    print(
        f"{name}: {int(tried[1]) if tried else 0:,} inputs in {seconds} s, "
        f"{covered[-1] if covered else 0} features of coverage; {'nothing found' if is_sound else 'FAILED'}",
        flush=True,
    )
    if not is_sound:
        print(done.stdout[-4000:])
    return is_sound


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the targets that are named, or all, one after the other."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--in-process"]:
        _fuzz(given[1], given[2:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="*", choices=[*NAMES, []], help="names of targets; none for all")
    parser.add_argument("--seconds", type=int, default=60, help="time of each target")
    parser.add_argument("--keep", type=Path, default=Path(), help="folder for inputs at which a target failed")
    parser.add_argument("--try", type=Path, dest="again", metavar="FILE", help="try one input again, without atheris")
    options = parser.parse_args(given)
    if options.again:
        from benchmarks.fuzz.targets import TARGETS

        for name in options.target:
            TARGETS[name].run(options.again.read_bytes())
        return 0
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed here: pip install -e '.[fuzz]', on Linux on x86-64", file=sys.stderr)
        return 1
    failed = [name for name in options.target or NAMES if not _run(name, options.seconds, options.keep)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
