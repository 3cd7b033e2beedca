"""Generate the tables of Chinese characters that app/matching/scripts reads, from the Unicode Han Database.

Run: python -m benchmarks.names.unihan_tables (with Debian's package unicode-data, and `pip install opencc`).

Sources: Unicode Han Database (Unihan), Unicode Standard Annex #38: the fields kHangul, kMandarin, kVietnamese and kTGH;
for simplified, traditional and Japanese forms the tables TSCharacters and JPShinjitaiCharacters of OpenCC (Apache
License 2.0), since Unihan lists the Japanese new forms only in part (沢 has no variant there).
"""

import bz2
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from app.matching.scripts.chinese import FAMILY_NAMES

UNIHAN = Path("/usr/share/unicode")
TABLES = Path(__file__).resolve().parents[2] / "app" / "matching" / "scripts"
FIRST, LAST = 0x3400, 0x9FFF
MOST_COMMON = 3500
"""Characters of the first level of the Table of General Standard Chinese Characters (2013), the most common ones."""


def fields(file: str, *wanted: str) -> dict[str, dict[str, str]]:
    """Read fields of a Unihan file: by field, character to value."""
    found: dict[str, dict[str, str]] = {field: {} for field in wanted}
    with bz2.open(UNIHAN / f"Unihan_{file}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("U+"):
                code, field, value = line.rstrip("\n").split("\t")
                if field in found and FIRST <= int(code[2:], 16) <= LAST:
                    found[field][chr(int(code[2:], 16))] = value
    return found


def unicode_version() -> str:
    """Read the version of Unicode that the Unihan file is of."""
    with bz2.open(UNIHAN / "Unihan_Readings.txt.bz2", "rt", encoding="utf-8") as lines:
        return next(line.split(":")[1].strip() for line in lines if "Unicode version" in line)


def without_tones(syllable: str) -> str:
    """Drop the tone marks of a pinyin or Vietnamese syllable: zhèng is zheng, lǜ is lü; chính is chinh, đ is d."""
    apart = unicodedata.normalize("NFD", syllable.lower().replace("đ", "d"))
    kept = re.sub("[\u0300-\u0307\u0309-\u036f]", "", apart)
    return unicodedata.normalize("NFC", kept).replace("ü", "v")


def write(name: str, header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Write a table of tab-separated columns under comment lines."""
    lines = [*(f"# {line}" for line in header), *("\t".join(row) for row in rows)]
    (TABLES / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Write hanja.tsv, variants.tsv, pinyin.tsv and vietnamese.tsv."""
    read = fields("Readings", "kHangul", "kMandarin", "kTGHZ2013", "kVietnamese")
    common = fields("OtherMappings", "kTGH")["kTGH"]
    source = f"Unicode Han Database (Unihan) {unicode_version()}, Unicode Standard Annex #38"
    hangul = {char: re.findall("([가-힣]):([0-9ENX]*)", value) for char, value in read["kHangul"].items()}
    opencc = import_module("opencc")
    traditional, simplified = opencc.OpenCC("jp2t").convert, opencc.OpenCC("t2s").convert
    forms: dict[str, list[str]] = defaultdict(list)
    folded: dict[str, str] = {}
    for code in range(FIRST, LAST + 1):
        char = chr(code)
        folded[char] = form = simplified(traditional(char))
        if form != char and len(form) == 1:
            forms[form].append(char)

    by_reading: dict[str, list[str]] = defaultdict(list)
    for char, readings in hangul.items():
        for reading, _ in readings:
            by_reading[reading].append(char)
    header = ["Korean readings of Chinese characters: reading, characters.", f"{source}, field kHangul."]
    write("hanja.tsv", header, ((one, "".join(sorted(by_reading[one]))) for one in sorted(by_reading)))

    header = [
        "Forms of one Chinese character: simplified form, its traditional and Japanese forms.",
        f"OpenCC {version('opencc')} (Apache License 2.0), tables TSCharacters and JPShinjitaiCharacters.",
    ]
    write("variants.tsv", header, ((form, "".join(sorted(forms[form]))) for form in sorted(forms)))

    def is_of_names(char: str) -> bool:
        flags = "".join(flags for _, flags in hangul[char])
        rank = int(common.get(folded[char], ":0").split(":")[1])
        return "E" in flags or ("N" in flags and 0 < rank <= MOST_COMMON) or char in FAMILY_NAMES

    def spelled(field: str, name: str, title: str, apart: Callable[[str], list[str]]) -> None:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for char, value in read[field].items():
            for reading, _ in hangul.get(char, []):
                if is_of_names(char):
                    for syllable in apart(read[field].get(folded[char], value)):
                        found[without_tones(syllable), reading].append(char)
        about = "characters of Korean schools (E in kHangul); of names (N), the 3,500 most common (kTGH); family names."
        header = [f"{title}, Korean reading, characters that have both:", about, f"{source}, {field} and kHangul."]
        write(name, header, ((*key, "".join(sorted(set(found[key])))) for key in sorted(found)))

    # A family name can have a reading of its own: 朴 is pǔ, but Piáo.
    of_names = {
        char: re.findall("[a-zü\u0300-\u036f]+", unicodedata.normalize("NFD", value))
        for char, value in read["kTGHZ2013"].items()
    }
    for char in FAMILY_NAMES:
        read["kMandarin"][folded[char]] = " ".join([read["kMandarin"][char], *of_names.get(folded[char], [])])
    spelled("kMandarin", "pinyin.tsv", "Hanyu Pinyin without tones", str.split)
    spelled("kVietnamese", "vietnamese.tsv", "Sino-Vietnamese reading without tones", str.split)


if __name__ == "__main__":
    main()
