"""A file of ordinary customers from a fixed seed: the same arguments give the same bytes on any machine.

python -m benchmarks.screening.generate --lines 100000 customers.csv

A third are Koreans (common family names and syllables of given names, in four romanisations or Hangul), a third other
persons, a third firms and ships. A tenth have clutter about the name: titles, notes, addresses, another case. One in a
hundred is a name of the list, whose subject is in the column `expect`. None is taken from real customers.
"""

import argparse
import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.matching.romanization import GIVEN, SURNAMES
from app.settings import ROOT
from benchmarks.names.spellings import romanised

COLUMNS = ("customer", "name", "birth_date", "nationality", "kind", "expect")
SEED = 1718

_FAMILY, _SYLLABLES = sorted(SURNAMES), sorted(GIVEN)
_SYSTEMS = ("north", "mccune", "plain", "revised")


def _split(text: str, separator: str | None = None) -> list[str]:
    return text.split(separator)


_GIVEN_NAMES = _split(
    "James Mary Robert Patricia Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas "
    "Sarah Hans Anna Peter Ursula Klaus Ingrid Pierre Marie Jean Claire Luc Camille Giovanni Giulia Marco Francesca "
    "Carlos Ana José Carmen Luis Lucía João Beatriz Pedro Sofia Ivan Olga Sergey Natalia Dmitri Elena Piotr "
    "Agnieszka Jan Katarzyna Ahmed Fatima Mohammed Aisha Omar Layla Hassan Zainab Rajesh Priya Amit Sunita Arjun "
    "Kavita Wei Fang Jun Xiu Ming Yan Hiroshi Yuki Kenji Sakura Nguyen Linh Minh Thu Siti Budi Dewi Agus Kwame Ama "
    "Chinedu Ngozi Tendai Thabo Nkosana Lerato"
)
_FAMILY_NAMES = _split(
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Moore Martin Thompson White Harris "
    "Clark Lewis Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Dubois Durand Leroy Moreau Laurent "
    "Rossi Russo Ferrari Bianchi García Fernández González Rodríguez López Martínez Silva Santos Oliveira Souza "
    "Ivanov Petrov Sidorov Volkov Kowalski Nowak Wiśniewski Novák Horvat Popescu Papadopoulos Yılmaz Kaya Demir "
    "Khan Ali Hussein Rahman Haddad Mansour Sharma Patel Singh Gupta Reddy Nair Wang Li Zhang Liu Chen Yang Huang "
    "Zhao Wu Zhou Sato Suzuki Takahashi Tanaka Ito Nguyen Tran Pham Hoang Wijaya Santoso Okafor Adeyemi Mensah "
    "Owusu Dlamini Nkosi Moyo Banda Jansen Visser Larsen Nielsen"
)
_OWN_WORDS = _split(
    "Alpha Atlas Aurora Baltic Blue Bright Cedar Coral Crown Crystal Delta Diamond Eagle East Emerald Ever Falcon "
    "Fortune Galaxy Global Gold Grand Green Harbour Harmony Horizon Iron Jade Lake Liberty Lotus Lucky Meridian "
    "Moon North Nova Ocean Olympic Orient Pacific Pearl Phoenix Pine Pioneer Polar Prime Prosper Quantum Rainbow "
    "Red River Royal Ruby Sapphire Silver Sky Solar South Spring Star Stone Summit Sun Swift Titan Tiger Union "
    "Unity Victory Vista West Wind"
)
_BUSINESSES = _split(
    "Trading;Shipping;Logistics;Foods;Textiles;Electronics;Construction;Engineering;Consulting;Marine "
    "Services;Chemicals;Pharmaceuticals;Motors;Import Export;Investment;Insurance Brokers;Software;Travel;Real "
    "Estate;Machinery;Steel;Bank",
    ";",
)
_FORMS = _split(
    "Ltd;Co., Ltd.;Limited;GmbH;S.A.;LLC;Inc.;Pte Ltd;B.V.;AG;S.r.l.;Corporation;Company;& Sons;Group",
    ";",
)
_CITIES = _split(
    "Hamburg Rotterdam Singapore London Dubai Busan Shanghai Piraeus Panama Mumbai Lagos Osaka Seoul Vladivostok"
)
_STATES = _split("KR US DE FR GB CN JP RU SG NL IT ES BR IN NG ZA VN ID PL TR")
_BEFORE = ("Mr. ", "Mrs ", "Dr. ", "c/o ", "Attn: ", "MR ", "The Hon. ", "To: ")
_AFTER = (" (deceased)", ", {city}", " - {city} branch", " / account closed", " [duplicate?]", ", tel. 555-{number}")
_NOTES = (
    "payment of invoice {number} to {name}, {city}, ordered by phone and delivered in two parts by sea",
    "{name}; beneficial owner not known; correspondence to the office in {city}, room {number}, second floor",
)


def listed_names(seed: Path = ROOT / "seed") -> list[tuple[str, str]]:
    """Read the names of the list with their subjects, in the order of the file."""
    with (seed / "names.csv").open(encoding="utf-8", newline="") as file:
        return [(row["subject_id"], row["name"]) for row in csv.DictReader(file)]


def customers(lines: int, seed: int = SEED, listed: Sequence[tuple[str, str]] | None = None) -> Iterator[list[str]]:
    """Make so many customers.

    Args:
        lines: how many.
        seed: of the choice of everything.
        listed: subjects and names of the list; not given, those of the seed.

    Yields:
        The cells of each, in the order of `COLUMNS`.
    """
    choice = random.Random(seed)
    names = listed_names() if listed is None else listed
    for number in range(lines):
        expect = ""
        if number % 100 == 50:
            expect, name = choice.choice(names)
            kind = ""
        else:
            name, kind = (_korean, _person, _body)[number % 3](choice)
        if choice.random() < 0.1:
            name = _cluttered(choice, name)
        born = "" if kind not in ("individual", "") or choice.random() < 0.3 or expect else _birth_date(choice)
        state = choice.choice(_STATES) if not expect and choice.random() < 0.5 else ""
        yield [f"C-{number + 1:07}", name, born, state, kind if choice.random() < 0.5 else "", expect]


def _korean(choice: random.Random) -> tuple[str, str]:
    hangul = choice.choice(_FAMILY) + choice.choice(_SYLLABLES) + choice.choice(_SYLLABLES)
    if choice.random() < 0.15:
        return hangul, "individual"
    family, *given = romanised(hangul, choice.choice(_SYSTEMS)).title().split()
    joined = choice.choice(["{} {}", "{}-{}", "{}{}"]).format(given[0], given[1].lower())
    return choice.choice([f"{family} {joined}", f"{joined} {family}", f"{family.upper()}, {joined}"]), "individual"


def _person(choice: random.Random) -> tuple[str, str]:
    given, family = choice.choice(_GIVEN_NAMES), choice.choice(_FAMILY_NAMES)
    middle = f" {choice.choice(_GIVEN_NAMES)}" if choice.random() < 0.3 else ""
    return choice.choice([f"{given}{middle} {family}", f"{family}, {given}{middle}"]), "individual"


def _body(choice: random.Random) -> tuple[str, str]:
    own = " ".join(choice.sample(_OWN_WORDS, choice.choice([1, 2, 2])))
    if choice.random() < 0.4:
        number = f" {choice.randint(1, 30)}" if choice.random() < 0.3 else ""
        return f"{choice.choice(['', '', 'M/V ', 'MT '])}{own.upper()}{number}", "vessel"
    return f"{own} {choice.choice(_BUSINESSES)} {choice.choice(_FORMS)}", "entity"


def _cluttered(choice: random.Random, name: str) -> str:
    values = {"city": choice.choice(_CITIES), "number": choice.randint(1000, 9999), "name": name}
    how = choice.random()
    if how < 0.1:
        return choice.choice(_NOTES).format(**values)
    if how < 0.4:
        return choice.choice(_BEFORE) + name
    if how < 0.8:
        return name + choice.choice(_AFTER).format(**values)
    return choice.choice([name.upper(), name.lower(), f"  {name.replace(' ', '   ')} ", f'"{name}"'])


def _birth_date(choice: random.Random) -> str:
    year, month, day = choice.randint(1935, 2005), choice.randint(1, 12), choice.randint(1, 28)
    return choice.choice([f"{year}-{month:02}-{day:02}", f"{year}", f"{year}-{month:02}-{day:02} 00:00:00"])


def write(path: Path, lines: int, seed: int = SEED) -> None:
    """Write customers to a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(customers(lines, seed))


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="file to write")
    parser.add_argument("--lines", type=int, default=100_000, help="how many customers (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="of the choice of everything (default: %(default)s)")
    options = parser.parse_args()
    write(options.file, options.lines, options.seed)


if __name__ == "__main__":
    main()
