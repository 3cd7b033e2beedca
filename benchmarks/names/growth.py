"""How long a search takes as the list grows: CPU time over synthetic names from a fixed seed, held in memory.

python -m benchmarks.names.growth --write docs/names-growth.md
"""

import argparse
import platform
import random
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from app.matching.index import MIN_REPORTED_SCORE, THRESHOLD, Index, IndexedName
from app.matching.romanization import GIVEN as GIVEN_SYLLABLES
from app.matching.romanization import SURNAMES
from benchmarks.names.spellings import romanised

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 5
FAMILY = sorted(romanised(block, "north") for block in SURNAMES)
GIVEN = sorted(romanised(block, "north") for block in GIVEN_SYLLABLES)
COMMON = ("Trading", "Shipping", "Company", "Limited", "Bank", "International", "General", "Corporation")
QUERIES = (
    *("Kim Yong-chul", "Choi Sung-il", "김영철", "Kim Jogn Un", "Lee Byung-chul", "Jo Yongwon"),
    *("Ocean Maritime Management Company Limited", "MI RIM 2", "Golden Star Shipping Co", "Daesong Trading"),
)


def synthetic(size: int) -> list[IndexedName]:
    """Return so many names: half of them Korean, half of companies with two words of their own out of 40,000."""
    choice = random.Random(1718)
    letters = ("bcdfghklmnprstv", "aeiou", "bcdfghklmnprstv", "aeiou", "nrst")
    own = ["".join(map(choice.choice, letters)) for _ in range(40_000)]
    names = []
    for number in range(size):
        if number % 2:
            text = " ".join([choice.choice(FAMILY), choice.choice(GIVEN), choice.choice(GIVEN)])
        else:
            text = " ".join([choice.choice(own), choice.choice(own), choice.choice(COMMON), choice.choice(COMMON)])
        names.append(IndexedName(number, text, is_person=bool(number % 2), is_body=not number % 2))
    return names


def measured(size: int) -> list[str]:
    """Return one line of the table: the size, building, a search at the median and at the most, memory."""
    names = synthetic(size)
    began = time.process_time()
    index = Index(names)
    built = time.process_time() - began
    times = []
    for query in (*QUERIES, *(names[place].text.lower() for place in (10, 20, 31, 41))):
        index.scores(index.read(query))
        for _ in range(ROUNDS):
            began = time.process_time()
            index.scores(index.read(query), THRESHOLD, MIN_REPORTED_SCORE)
            times.append(1000 * (time.process_time() - began))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    median, most = sorted(times)[len(times) // 2], max(times)
    return [f"{size:,}", f"{built:.1f}", f"{median:.2f}", f"{most:.2f}", f"{memory:,}"]


def main() -> None:
    """Measure each size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="largest size (default: %(default)s)")
    parser.add_argument("--write", type=Path, help="Markdown file to write the table to")
    options = parser.parse_args()
    head = ["names", "building, s", "a search, ms, median", "a search, ms, most", "memory of the process, MiB"]
    lines = [head, ["---:"] * len(head)]
    for size in (size for size in SIZES if size <= options.most):
        lines.append(measured(size))
        print(*lines[-1], file=sys.stderr)
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    print(text)
    if options.write:
        options.write.write_text(_page(text), encoding="utf-8")


def _page(text: str) -> str:
    command = " ".join(["python -m benchmarks.names.growth", *sys.argv[1:]])
    return f"""# How a search grows

Made by `{command}` on {datetime.now(UTC).date()}, on {platform.machine()} with Python {platform.python_version()}, one
process on one of two shared cores. CPU time of one query held against every name, over {len(QUERIES) + 4} queries and
{ROUNDS} rounds; building is done once a version of the dataset. Half of the names are Korean, half of companies.

{text}
"""


if __name__ == "__main__":
    main()
