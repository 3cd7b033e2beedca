"""How well names are found and told apart, ours beside others on the same pairs, in one run.

    python -m benchmarks.names.run                # ours alone
    python -m benchmarks.names.run --rivals --write docs/names.md

The others are nomenklatura's logic-v2, logic-v1 and OFAC emulation, rapidfuzz's WRatio and the baseline of
sanctions-screening-benchmark; install nomenklatura and sanctions-screening-benchmark beside this project to see them.
"""

import argparse
import csv
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from app.database import open_dataset
from app.matching.index import MATCHER, THRESHOLD
from app.publish import publish
from app.screening.screener import Screener, ScreeningQuery
from app.settings import ROOT
from app.vocabularies import SubjectKind
from benchmarks.names.rivals import NO_DETAILS, Details, Listed, rivals
from benchmarks.names.spellings import romanised, slips

FOLDER = Path(__file__).parent
SYSTEMS = ("north", "mccune", "plain", "revised")
AIMS = {
    "Latin letters": 0.99,
    "Hangul": 0.98,
    "one slip": 0.97,
    "identifiers": 1.0,
    "other Koreans": 0.01,
    "all other names": 0.001,
    "record, person": 0.90,
    "two names in one field": 1.0,
    "payment line, person": 0.95,
    "payment line, entity": 0.95,
    "cut at 35": 0.95,
    "ship, forms": 0.97,
    "IMO, forms": 0.97,
    "identifiers, forms": 0.97,
    "hangul, wider": 0.92,
    "cyrillic": 0.90,
    "hanja": 0.90,
    "katakana": 0.85,
    "arabic": 0.60,
    "other Latin": 0.80,
    "russian passport": 0.50,
    "pinyin": 0.30,
    "entity, forms": 0.92,
    "entity, abbreviations": 0.85,
    "entity, Hangul": 0.50,
    "entity, other languages": 0.40,
    "date: a day off": 0.99,
    "date: a year off": 0.99,
    "date: day and month swapped": 0.99,
    "neg: South Koreans": 0.01,
    "neg: North Koreans not UN-listed": 0.01,
    "neg: Chinese": 0.01,
    "neg: others": 0.01,
    "neg: companies, bodies": 0.03,
    "neg: ships": 0.02,
    "neg: records": 0.03,
    "neg: yente UN, others": 0.002,
    "neg: date: 12 to 40 years off": 0.02,
}
"""What is to be reached: at least, for what must be found; at most, for what must not."""


@dataclass(frozen=True)
class Case:
    """A query, the subject that it must find, and the classes that it counts in.

    Attributes:
        query: the query.
        subject: the subject; None where nobody must be found.
        kind: the kind of subject that is asked for; empty for any.
        classes: the classes.
        birth_date: the birth date given with it, in EDTF; None without one.
        nationality: the State given with it, as alpha-2 code; None without one.
        first: the subjects of which one must come first; empty where it is enough to be among the hits.
    """

    query: str
    subject: str | None
    kind: str
    classes: tuple[str, ...]
    birth_date: str | None = None
    nationality: str | None = None
    first: frozenset[str] = frozenset()


class Matcher(Protocol):
    """Whatever gives each subject of the list a score."""

    name: str
    threshold: float

    def scores(
        self, query: str, kind: str | None, listed: Sequence[Listed], details: Details = NO_DETAILS
    ) -> list[float]:
        """Score each subject."""


class Ours:
    """The matcher of this project, at its default threshold."""

    name = f"unlisted, matcher {MATCHER}"
    threshold = THRESHOLD

    def __init__(self, screener: Screener) -> None:
        self.screener = screener

    def scores(
        self, query: str, kind: str | None, listed: Sequence[Listed], details: Details = NO_DETAILS
    ) -> list[float]:
        """Score each subject: that of a hit, else 0."""
        kinds = (SubjectKind(kind),) if kind else ()
        asked = ScreeningQuery(query, kinds, details.birth_date, details.nationality)
        found = self.screener.screen(asked, self.threshold)
        hits = {hit.subject_id: hit.score for hit in found.hits}
        return [hits.get(one.id, 0.0) for one in listed]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the files beside this module."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seed_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of the seed."""
    with (ROOT / "seed" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kind_of(subject: str) -> str:
    """Return the kind of a subject by its id."""
    return {"KPi": "individual", "KPe": "entity"}.get(subject[:3], "vessel")


def cases() -> Iterator[Case]:
    """Yield every case, those to be found first."""
    for row in rows("hangul"):
        subject, hangul = row["subject_id"], row["hangul"]
        yield Case(hangul, subject, "individual", ("Hangul",))
        for system in SYSTEMS:
            for spelled in ways(hangul, system):
                yield Case(spelled, subject, "individual", (f"romanised: {system}", "Latin letters"))
    for row in rows("press"):
        yield Case(row["spelling"], row["subject_id"], "individual", ("press", "Latin letters"))
    for row in rows("entities"):
        yield Case(row["spelling"], row["subject_id"], kind_of(row["subject_id"]), ("ships, companies: spellings",))
    yield from slipped()
    for row in seed_rows("vessels"):
        if row["imo_number"]:
            yield Case(f"IMO {row['imo_number']}", row["id"], "vessel", ("identifiers",))
    for row in seed_rows("documents"):
        yield Case(row["number"], row["subject_id"], "individual", ("identifiers",))
    yield from to_be_left()
    yield from as_written()


def as_written() -> Iterator[Case]:
    """Yield names as records, payment lines and other scripts have them: the right subject must come first."""
    for row in rows("records"):
        first = frozenset(filter(None, row["subject_ids"].split("|")))
        yield Case(
            row["query"],
            min(first, default=None),
            row["kind"],
            (row["class"],),
            row["birth_date"] or None,
            row["nationality"] or None,
            first,
        )


def ways(hangul: str, system: str) -> Iterator[str]:
    """Yield a name in one romanisation as it is written: apart, hyphened, run together, the family name last."""
    family, *given = (romanised(block, system).capitalize() for block in hangul)
    yield romanised(hangul, system)
    if len(given) == 2:
        yield f"{family} {given[0]}-{given[1].lower()}"
        yield f"{family} {given[0]}{given[1].lower()}"
        yield f"{given[0]}-{given[1].lower()} {family}"


def slipped() -> Iterator[Case]:
    """Yield three slips of each class in every primary name."""
    for row in seed_rows("names"):
        if row["kind"] == "primary":
            kind = kind_of(row["subject_id"])
            for seed in range(3):
                for slip, typed in slips(row["name"], seed):
                    yield Case(typed, row["subject_id"], kind, (f"slip: {slip}", f"one slip, {kind}", "one slip"))


def to_be_left() -> Iterator[Case]:
    """Yield the cases in which nobody must be found."""
    for row in rows("koreans"):
        yield Case(row["name"], None, "individual", ("other Koreans: romanised", "other Koreans"))
        if row["hangul"]:
            yield Case(row["hangul"], None, "individual", ("other Koreans: Hangul", "other Koreans"))
    for row in rows("one_syllable_away"):
        yield Case(row["name"], None, "individual", ("one syllable away", "all other names"))
    for row in rows("others"):
        named = {"vessel": "ordinary ships", "entity": "companies", "word": "words"}[row["kind"]]
        kind = row["kind"] if row["kind"] != "word" else ""
        yield Case(row["name"], None, kind, (named, "all other names"))


def subjects() -> list[Listed]:
    """Return every subject of the list with every name and identifier that it has."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in seed_rows("names"):
        names[row["subject_id"]] += filter(None, [row["name"], row["original_script"]])
    for row in seed_rows("vessels"):
        names[row["id"]] += filter(None, [row["imo_number"]])
    for row in seed_rows("documents"):
        names[row["subject_id"]].append(row["number"])
    births, states = (
        _by_subject(name, column) for name, column in (("birth_dates", "born_on"), ("nationalities", "country"))
    )
    return [
        Listed(id, kind_of(id), tuple(dict.fromkeys(found)), tuple(births[id]), tuple(states[id]))
        for id, found in names.items()
    ]


def _by_subject(name: str, column: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in seed_rows(name):
        found[row["subject_id"]].append(row[column])
    return found


@dataclass
class Tally:
    """How many cases of a class there are, and how many went as they should."""

    cases: int = 0
    hits: int = 0


def run(matcher: Matcher, asked: Sequence[Case], listed: Sequence[Listed]) -> tuple[dict[str, Tally], float]:
    """Return the result of a matcher for each class, and its median CPU time per query in milliseconds."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    times = []
    matcher.scores(asked[0].query, asked[0].kind or None, listed)
    for case in asked:
        began = time.process_time()
        details = Details(case.birth_date, case.nationality)
        scores = matcher.scores(case.query, case.kind or None, listed, details)
        times.append(time.process_time() - began)
        hits = {one.id for one, score in zip(listed, scores, strict=True) if score >= matcher.threshold}
        for name in case.classes:
            tallies[name].cases += 1
            tallies[name].hits += _is_found(case, hits, listed, scores)
    return tallies, 1000 * sorted(times)[len(times) // 2]


def _is_found(case: Case, hits: set[str], listed: Sequence[Listed], scores: Sequence[float]) -> bool:
    """Check whether a case is found: its subject among the hits or, where one must come first, as the best of them."""
    if case.subject is None:
        return bool(hits)
    if not case.first:
        return case.subject in hits
    best = max(scores)
    return bool(hits) and any(one.id in case.first for one, score in zip(listed, scores, strict=True) if score == best)


def sampled(asked: Sequence[Case], most: int) -> list[Case]:
    """Return at most so many cases of each class, chosen by a fixed seed."""
    choice = random.Random(1718)
    by_class: dict[str, list[Case]] = defaultdict(list)
    for case in asked:
        by_class[case.classes[0]].append(case)
    return [case for found in by_class.values() for case in choice.sample(found, min(most, len(found)))]


def table(results: Sequence[tuple[str, dict[str, Tally], float]], whole: set[str]) -> str:
    """Return the results as a table in Markdown: a line a class, a column a matcher.

    Args:
        results: the name of each matcher, its tallies and its milliseconds a query.
        whole: the classes that hold each case once, to be counted together.
    """
    classes = list(dict.fromkeys(name for _, tallies, _ in results for name in tallies))
    head = ["class", "aim", "cases", *(name for name, _, _ in results)]
    lines = [head, ["---"] * len(head)]
    for name in sorted(classes, key=lambda name: (is_left(name), name in AIMS)):
        sign = "≤" if is_left(name) else "≥"
        aim = f"{sign} {AIMS[name]:.1%}" if name in AIMS else ""
        shares = [f"{tallies[name].hits / tallies[name].cases:.1%}" for _, tallies, _ in results]
        lines.append([f"**{name}**" if name in AIMS else name, aim, str(results[0][1][name].cases), *shares])
    for name, rate in (("**recall, all cases**", recall), ("**precision, all cases**", precision)):
        shares = [f"{rate(tallies, whole):.1%}" for _, tallies, _ in results]
        lines.append([name, "", str(sum(results[0][1][one].cases for one in whole)), *shares])
    lines.append(["CPU time a query, ms, median", "", "", *(f"{median:.1f}" for _, _, median in results)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def recall(tallies: dict[str, Tally], whole: set[str]) -> float:
    """Return the share of the queries that must find somebody that find whom they must."""
    wanted = [tallies[name] for name in whole if not is_left(name)]
    return sum(tally.hits for tally in wanted) / sum(tally.cases for tally in wanted)


def precision(tallies: dict[str, Tally], whole: set[str]) -> float:
    """Return the share of queries with a right hit among those with a right hit or with one where none must be."""
    right, wrong = (sum(tallies[name].hits for name in whole if is_left(name) is left) for left in (False, True))
    return right / (right + wrong) if right + wrong else 0.0


def is_left(name: str) -> bool:
    """Check whether a class is of names that nobody must be found for."""
    return name.startswith(("neg: ", "other Koreans", "one syllable", "ordinary", "companies", "words", "all other"))


def main() -> int:
    """Run the benchmark and print its table; exit 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", action="store_true", help="hold the others beside ours")
    parser.add_argument("--most", type=int, default=10_000, help="most cases of a class (default: all)")
    parser.add_argument("--write", type=Path, help="Markdown file to write the table to")
    options = parser.parse_args()
    asked, listed = sampled(list(cases()), options.most), subjects()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "unlisted.db"
        version = publish(ROOT / "seed", database).version
        ours = Ours(Screener(open_dataset(database)))
    matchers: list[Matcher] = [ours, *(rivals() if options.rivals else [])]
    results = []
    for matcher in matchers:
        print(f"{matcher.name}: {len(asked)} queries", file=sys.stderr)
        results.append((f"{matcher.name} (from {matcher.threshold:g})", *run(matcher, asked, listed)))
    text = table(results, {case.classes[0] for case in asked})
    print(text)
    if options.write:
        options.write.write_text(_page(text, version, len(asked)), encoding="utf-8")
    missed = [name for name, aim in AIMS.items() if not _is_reached(results[0][1][name], aim, is_left(name))]
    print(f"Missed: {', '.join(missed) or 'nothing'}", file=sys.stderr)
    return 1 if missed else 0


def _is_reached(tally: Tally, aim: float, is_left: bool) -> bool:
    share = tally.hits / tally.cases
    return share <= aim if is_left else share >= aim


def _page(text: str, version: str, queries: int) -> str:
    command = " ".join(["python -m benchmarks.names.run", *sys.argv[1:]])
    return f"""# How well names are found

Made on {datetime.now(UTC).date()} by `{command}`:
{queries} queries against dataset {version}, each matcher at its own default threshold, in brackets.
Above, the share of queries that find the right subject (in `records.csv`: as the first hit); below, the share that find
somebody where nobody must be found. Every matcher is given the kind of subject, and compares the query with all names
and identifiers of it; those that can are given birth date and nationality too. The thresholds of the others are those
that come with them: 0.7 is that of yente, which is built on nomenklatura; OFAC's own search starts at a score of 100;
0.85 is the baseline's default and what WRatio is often used with. A lower one finds more and leaves less in peace. The
source of each spelling is in `benchmarks/names/`.

A matcher whose package is not installed is not in the table. [names-matcher-1.md](names-matcher-1.md) has the run of
matcher 1 of 2026-11-21 beside nomenklatura's logic-v2, logic-v1 and ofac, on the classes that there were then.

{text}
"""


if __name__ == "__main__":
    sys.exit(main())
