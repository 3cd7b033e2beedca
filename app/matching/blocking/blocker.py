"""Blocking: texts that cannot be a listed name are rejected by what their words can contribute to one.

Each word of a text is looked at once, whatever text it is in, and remembered: which listed Korean names have a syllable
that it can spell, and which other listed names have a token like it. Bit sets of names are then counted over the words
of a text. A text passes if for some name enough of its syllables, or of its tokens, are there, in whatever order; or if
words run together are; or if its Hangul alone, or the text without its Hangul, can be a name. Whatever is not plain
(other scripts, numbers, signs that are repaired) passes unseen.

Nothing should be lost: every condition is necessary for the score asked for, given how `app.matching.index` scores.
What passes is scored in full there.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, product
from operator import attrgetter

from app.matching.blocking.bitsets import count_syllables, each_bit
from app.matching.blocking.consonants import flat_consonants, fold_classes
from app.matching.blocking.reader import MAX_REMEMBERED, WordReader, is_free
from app.matching.blocking.words import (
    BETWEEN_TOKENS,
    BRACKETED,
    HANGUL,
    NOTHING,
    SEPARATED,
    Calls,
    Follows,
    Pair,
    Piece,
    Word,
    is_unusual,
    parted_texts,
    quoted_text,
)
from app.matching.index import FOUND_WITHIN_COST, MIN_TRUNCATED
from app.matching.query import (
    NAME_ORDER_COST,
    TYPO_COST,
    Unit,
    wordings,
)
from app.matching.romanization import splits
from app.matching.scripts import can_read
from app.matching.scripts import syllable_readings as script_readings
from app.matching.segments import (
    MIN_NUMBER_DIGITS,
    repair,
    words_set_aside,
)
from app.matching.tokens import deletion_variants, token_weights, tokenize
from app.matching.vocabulary import GENERIC

MAX_WORDS = 30
"""Words from which on a text passes: it is searched for names within it."""
MAX_JOINED = 5
"""Most words that are tried run together."""
MAX_IN_ORDER = 8
"""Most words that are tried as a Korean name in their order; a text with more passes."""
MAX_SYLLABIC = 28
"""Most letters of a Korean name of four syllables."""
_ROUNDING = 1e-6
"""How far two sums of weights can differ that are the same."""
_NUMBER = re.compile(rf"[0-9](?:[^0-9]*[0-9]){{{MIN_NUMBER_DIGITS - 1}}}")
_DIGITS = re.compile(r"[0-9](?:[^0-9]*[0-9]){3}")
"""Digits enough for an identifier."""
_BLANK = re.compile(r"[\s-]+")
_REFERENCE_APART = re.compile(r"(?i)\W*k\W*p\W*[a-z]?[\W\d]*")
"""A reference number of the UN with blanks within, such as ``K Pe.0 03``."""
_KOREAN_LETTERS = re.compile(r"[kgntdrlmpbsjchx']{0,3}(?:[aeiouwyŏŭ]{1,4}[kgntdrlmpbsjchx']{0,5})+")
MAX_SCRIPT_WORDS = 4
"""Most words of a Korean name in an orthography other than the English one."""
_spelled = attrgetter("spelled")


@dataclass(frozen=True, slots=True, eq=False)
class _Token:
    """A token of a text, what it costs where a name has none like it, and the tokens like it, each with how much."""

    text: str
    cost: float
    alike: Mapping[str, float]

    def without_cost(self) -> "_Token":
        return self if self is _BREAK else _Token(self.text, 0.0, self.alike)

    def with_alike(self, alike: Mapping[str, float]) -> "_Token":
        return _Token(self.text, self.cost, {**self.alike, **alike})


_BREAK = _Token("", 0.0, {})
"""Where a text can be divided into names."""


class Blocker(WordReader):
    """Rejects texts that cannot reach a score with any name of an index.

    Args:
        index: the names.
        least: the score.
    """

    def may_match(self, text: str) -> bool:
        """Check whether a text can reach the score with any name; False only where none can."""
        quoted = quoted_text(text)
        if quoted is not None:
            return self.may_match(quoted)
        return self._may_match(text, *self._words_of(text))

    def reject(self, text: str) -> tuple[tuple[str, str], ...] | None:
        """List the words of a text that are no part of a name, each with what it is; None where it may match."""
        quoted = quoted_text(text)
        if quoted is not None:
            return self.reject(quoted)
        words, calls = self._words_of(text)
        return None if self._may_match(text, words, calls) else self._set_aside(text, words, calls)

    def _words_of(self, text: str) -> tuple[list[Word], int]:
        """Split a text into words, and find out which tests it calls for (`Calls`)."""
        known = self._typed
        words: list[Word] = []
        calls = 0
        for part in text.split(" "):
            typed = known.get(part) or self._read_typed(part)
            words += typed.words
            calls |= typed.calls
        return words, calls

    def _may_match(self, text: str, words: list[Word], calls: int) -> bool:
        """Make the tests that a text calls for: nearly every text calls for hardly one.

        A test is left out only where what it looks for cannot be there.
        """
        if calls & Calls.PASSES or not 0 < len(words) <= MAX_WORDS:
            return True
        if calls & Calls.UNUSUAL and is_unusual(text):
            return True
        if calls & Calls.DIGIT and (
            (_DIGITS.search(text) and self._has_identifier(text)) or _REFERENCE_APART.fullmatch(text)
        ):
            return True
        pairs = self._pairs_in(words, calls)
        between = pairs if not calls & Calls.NO_PIECE else self._pairs_in(list(filter(_spelled, words)), calls)
        follows = self._follows(words, pairs, between, calls)
        if follows & Follows.KOREAN:
            return True
        return (
            (bool(calls & Calls.OWN_SPELLING or follows & Follows.PINYIN) and self._has_script(_orders(words, calls)))
            or (self._may_have_syllables(words) and self._has_syllables(_orders(words, calls)))
            or self._has_tokens(text, words, between, calls, follows)
            or self._is_run_together(words, pairs, calls, follows)
            or (bool(calls & Calls.DIVIDED) and any(map(self.may_match, parted_texts(text))))
            or (bool(calls & Calls.HANGUL) and self._has_name_in_one_script(text))
        )

    def _set_aside(self, text: str, words: Sequence[Word], calls: int) -> tuple[tuple[str, str], ...]:
        if (
            calls & Calls.ASIDE
            or (calls & Calls.DIGIT and _NUMBER.search(text))
            or (calls & Calls.PHRASE and self._has_phrase(words))
        ):
            return words_set_aside(repair(text))
        return ()

    def _pairs_in(self, words: Sequence[Word], calls: int) -> list[Pair]:
        """Look up what goes on from each word of a text to the next one.

        Behind a comma a name can begin anew, and go on at the beginning of the text: the first word follows the last.
        """
        known = self._pairs
        pairs = [known.get(one.number << 40 | other.number) or self._pair(one, other) for one, other in pairwise(words)]
        if calls & Calls.COMMA and len(words) > 1:
            pairs.append(self._pair(words[-1], words[0]))
        return pairs

    def _follows(self, words: Sequence[Word], pairs: list[Pair], between: list[Pair], calls: int) -> int:
        """Find out what goes on from any word of a text to the next (`Follows`).

        Words without a letter are passed over in Hanyu Pinyin, and legal forms in a name without blanks.
        """
        follows = 0
        for pair in pairs:
            follows |= pair.follows
        if between is not pairs:
            for pair in between:
                follows |= pair.follows & BETWEEN_TOKENS
        if calls & Calls.NO_LETTER:
            for pair in self._pairs_in([word for word in words if word.has_letters], calls):
                follows |= pair.follows & Follows.PINYIN
                # What is remembered of two words is of neighbours; across a word without letters it is looked up anew.
                follows |= Follows.PINYIN if pair.follows & Follows.KOREAN else 0
        if calls & Calls.FREE:
            for pair in self._pairs_in([word for word in words if word.spelled and not word.spelled[0].is_free], calls):
                follows |= pair.follows & Follows.TOKENS
        return follows

    def _may_have_syllables(self, words: Sequence[Word]) -> bool:
        """Check whether the words have as many syllables of a Korean name as it has, in whatever order."""
        return self._have_enough(count_syllables([word.syllables for word in words if word.syllables[0]]))

    def _have_enough(self, levels: tuple[int, int, int, int]) -> bool:
        """Check whether a Korean name is among those of which as many syllables are covered as it has."""
        one, two, three, four = self._as_long
        return bool(levels[3] & four or levels[2] & three or levels[1] & two or levels[0] & one)

    def _has_phrase(self, words: Sequence[Word]) -> bool:
        """Check whether words can have a phrase of several words that is no part of a name."""
        phrases = [rest for word in words for rest in word.phrases]
        if not phrases:
            return False
        folded = {one for word in words for one in word.folded}
        # Initials are read as one word, which is another.
        return any(map(folded.issuperset, phrases)) or any("." in word.raw[:-1] or "/" in word.raw for word in words)

    # Counting

    def _has_syllables(self, orders: Sequence[Sequence[Word]]) -> bool:
        """Check whether neighbouring words are a Korean name, in one of some orders."""
        ways_of = {word.raw: self._ways(word.raw) for word in orders[0]}
        if sum(bool(ways_of[word.raw]) for word in orders[0]) > MAX_IN_ORDER:
            return True
        return any(
            self._fits(sum(ways, ()))
            for order in orders
            for stretch in _stretches([word for word in order if ways_of[word.raw]])
            if len(stretch) <= 4 and self._may_have_syllables(stretch)
            for ways in product(*(ways_of[word.raw] for word in stretch))
        )

    def _fits(self, way: tuple[Unit, ...], cost: float = 0.0) -> bool:
        """Check whether syllables are a Korean name in this order, or with the last one as the family name."""
        syllables = self._index.syllables
        return 2 <= len(way) <= 4 and any(
            next(syllables.scores(order, own, self._least), None)
            for order, own in ((way, cost), ((way[-1], *way[:-1]), cost + NAME_ORDER_COST))
        )

    def _has_name_in_one_script(self, text: str) -> bool:
        """Check whether the Hangul of a text, or all that is not Hangul, can be a Korean name without the other.

        A text that has Hangul and more is compared three times: as it is, its Hangul alone, and without its Hangul
        (`app.matching.query`). What is left is put together even from one word, as in 경환s, and across a word between.
        The blocks of Hangul are counted one by one, in whatever order and word they are.
        """
        blocks = HANGUL.findall(text)
        rest = HANGUL.sub(" ", text)
        if not blocks or not rest.strip():
            return False
        if self._have_enough(count_syllables([self._covered(block) for block in blocks])):
            return True
        return any(map(str.isalpha, rest)) and self.may_match(rest)

    def _has_script(self, orders: Sequence[Sequence[Word]]) -> bool:
        """Check whether neighbouring words are a Korean name in an orthography other than the English one."""
        has_own = any(word.systems for word in orders[0])
        for order in orders:
            lettered = [word for word in order if word.has_letters]
            stretches = _in_pinyin(lettered)
            if has_own:
                stretches = chain(stretches, _in_orthography(lettered))
            if any(self._is_script([word.raw for word in stretch]) for stretch in stretches):
                return True
        return False

    def _is_script(self, words: Sequence[str]) -> bool:
        text = _strip(" ".join(words))
        found = self._scripts.get(text)
        if found is None:
            if len(self._scripts) >= MAX_REMEMBERED:
                self._scripts.clear()
            found = any(self._fits(reading.syllables) for reading in script_readings(text))
            self._scripts[text] = found
        return found

    def _has_tokens(self, text: str, words: Sequence[Word], between: Sequence[Pair], calls: int, follows: int) -> bool:
        """Check whether the words have enough tokens of a row, or all that are a body's own.

        Args:
            text: the text.
            words: its words.
            between: what goes on from one of those that have a token to the next.
            calls: what tests it calls for.
            follows: what goes on from any to the next.
        """
        worded: list[int] = []
        if calls & (Calls.HANGUL | Calls.OWN_SPELLING) and not text.isascii():
            worded = [self._rows_alike(token) for wording in wordings(text) for token in tokenize(wording)]
        if self._may_have_longer(text, words, calls, follows):
            windows = list(self._windows(words, text))
        else:
            windows = [(pair.joined, pair.rows) for pair in between if pair.rows]
        if not (calls & Calls.TOKEN or windows or worded):
            return False
        alike = [rows for word in words for rows in word.tokens]
        own = [rows for word in words for rows in word.own]
        own += [self._rows_owning(joined) for joined, _ in windows]
        cut = self._cut(words, text)
        completed = [word.completed for word in cut]
        short = self._reaches(own + completed, self._own_needing)
        if short and self._is_short_form(short, words, windows, cut):
            return True
        found = self._reaches(alike + worded + completed + [rows for _, rows in windows], self._needing)
        if not found:
            return False
        if any(rows & found for rows in worded):
            return True
        # Only what the rows found have of the words run together is looked up in full.
        windows = [(joined, rows) for joined, near in windows if near & found and (rows := self._rows_joined(joined))]
        found = self._reaches(alike + completed + [rows for _, rows in windows], self._needing)
        found = self._can_agree(found, words, windows, cut)
        if not found:
            return False
        tokens = self._tokens_of(text, {joined for joined, _ in windows}, cut)
        keyed = self._keyed_in(words)
        return any(self._can_be(row, tokens, is_keyed=bool(row & keyed)) for row in each_bit(found))

    def _can_agree(
        self, found: int, words: Sequence[Word], windows: Sequence[tuple[str, int]], cut: Sequence[Word]
    ) -> int:
        """Select the rows of which enough agrees with the tokens of a text, wherever in it each is.

        Args:
            found: the rows, as a bit set.
            words: the words of the text.
            windows: the tokens that are run together.
            cut: the words that can be the beginning of a token of the index.
        """
        texts = {token for word in words for token in word.meant} | {joined for joined, _ in windows}
        best: dict[str, float] = {}
        for text in texts:
            for other, score in self._tokens_alike(text).items():
                if score > best.get(other, 0.0):
                    best[other] = score
        best |= {other: 1.0 for word in cut for token in word.meant for other in self._index.tokens.completions(token)}
        rows, share = self._index.tokens.all_rows, 2 - self._least
        kept = 0
        for bit in each_bit(found):
            row = rows[bit.bit_length() - 1]
            whole = sum(own * best.get(token, 0.0) for token, own in row.weights.items())
            if share * whole >= self._least * row.total - _ROUNDING:
                kept |= bit
        return kept

    def _cut(self, words: Sequence[Word], text: str) -> list[Word]:
        """List the words that can be the last one of a name that was cut off: they end far enough in a text."""
        if len(text) < MIN_TRUNCATED:
            return []
        return [
            word
            for word in words
            if word.completed and ("," in text or text.rfind(word.raw) + len(word.raw) >= MIN_TRUNCATED)
        ]

    def _is_short_form(
        self, found: int, words: Sequence[Word], windows: Sequence[tuple[str, int]], cut: Sequence[Word]
    ) -> bool:
        """Check whether words can be a short form of one of some bodies' names: no word beside it is of another."""
        joined = [window for window, _ in windows if self._rows_owning(window)]
        others = {
            piece.text
            for word in words
            if not (word.can_be_aside or word.has_variants or word in cut)
            for piece in word.spelled
            if not (
                piece.is_free
                or self._index.tokens.meant(piece.text) in GENERIC
                or any(piece.text in window for window in joined)
            )
        }
        meant = {token: self._index.tokens.meant(token) for token in others}
        rows = self._index.tokens.all_rows
        return any(
            all(token in row.weights or one in row.weights or not one or is_free(one) for token, one in meant.items())
            for row in (rows[bit.bit_length() - 1] for bit in each_bit(found))
        )

    def _tokens_of(self, text: str, joins: Container[str], cut: Sequence[Word]) -> list[_Token]:
        """List the tokens of a text, and where words are run together; those of a word that can be left out are free.

        They are in the order of the text, with breaks where it can be divided.

        Args:
            text: the text.
            joins: what neighbouring tokens are run together, where a token of the index is like it.
            cut: the words that can be the beginning of a token of the index.
        """
        found: list[_Token] = []
        for chunk in BRACKETED.split(text):
            is_bracketed = bool(BRACKETED.fullmatch(chunk))
            for part in SEPARATED.split(chunk):
                words = [self._word(raw) for raw in _BLANK.split(part.strip(" -")) if raw]
                costs = iter(token_weights([one.text for word in words for one in word.spelled], is_listed=False))
                found.append(_BREAK)
                for word in words:
                    if word.can_be_aside:
                        found.append(_BREAK)
                    is_costless = is_bracketed or word.can_be_aside or word.has_variants
                    for piece in word.spelled:
                        cost = next(costs)
                        alike = self._tokens_alike(piece.text)
                        is_free = is_costless or piece.is_free or not self._index.tokens.meant(piece.text)
                        found.append(_Token(piece.text, 0.0 if is_free else cost, alike))
                    if word.has_variants:
                        found += [_Token("", 0.0, self._tokens_alike(token)) for token in word.meant]
                    if word in cut:
                        completions = (one for token in word.meant for one in self._index.tokens.completions(token))
                        found.append(_Token("", 0.0, dict.fromkeys(completions, 1.0)))
                    if word.can_be_aside:
                        found.append(_BREAK)
        return self._with_joined(found, joins) if joins else found

    def _with_joined(self, tokens: list[_Token], joins: Container[str]) -> list[_Token]:
        """Give the tokens of a text that are run together what they agree with then, and take away what they cost."""
        own = [place for place, token in enumerate(tokens) if token.text]
        orders = [own]
        found = list(tokens)
        for first, second in pairwise(_divided(tokens)):
            orders.append([*second, *first])
        for order in orders:
            for start in range(len(order)):
                for end in range(start + 2, min(start + MAX_JOINED, len(order)) + 1):
                    joined = "".join(tokens[place].text for place in order[start:end])
                    if joined in joins:
                        for place in range(min(order[start:end]), max(order[start:end]) + 1):
                            found[place] = found[place].without_cost()
                        last = order[end - 1]
                        found[last] = found[last].with_alike(self._tokens_alike(joined))
        return found

    def _can_be(self, row: int, tokens: Sequence[_Token], is_keyed: bool) -> bool:
        """Check whether a stretch of tokens can reach the score with a name: it bounds what agrees from above.

        A stretch begins and ends where a text can be divided. What each token agrees with is added up, even where two
        agree with the same token of the name.

        Args:
            row: the bit of the name.
            tokens: the tokens of the text, divided by breaks.
            is_keyed: whether the name is looked for within longer texts as well.
        """
        name = self._index.tokens.all_rows[row.bit_length() - 1]
        weights = name.weights
        best = gained = between = 0.0
        matched_of: dict[str, float] = {}
        share = 2 - self._least
        for token in tokens:
            if token is _BREAK:
                best = max(best, gained + between)
                gained = max(0.0, gained + between)
                between = 0.0
                continue
            matched = 0.0
            for other, score in token.alike.items():
                own = weights.get(other)
                if own is not None:
                    matched += own * score
                    matched_of[other] = max(matched_of.get(other, 0.0), own * score)
            between += share * matched - (0.0 if matched else self._least * token.cost)
        best = max(best, gained + between)
        needed = self._least * name.total - _ROUNDING
        whole = sum(matched_of.values())
        if share * whole < needed:
            return False
        if best >= needed:
            return True
        within = self._least + FOUND_WITHIN_COST
        return is_keyed and (2 - within) * whole >= within * name.total - _ROUNDING

    def _keyed_in(self, words: Sequence[Word]) -> int:
        """Find the rows of which a word is one that they are looked for by within a longer text."""
        found = 0
        for word in words:
            for token in word.meant:
                for other in self._tokens_alike(token):
                    found |= self._keyed.get(other, 0)
        return found

    def _reaches(self, found: Iterable[int], needing: Sequence[int]) -> int:
        """Find the rows that are in as many of some bit sets as each needs."""
        one = two = three = four = 0
        for rows in found:
            four |= three & rows
            three |= two & rows
            two |= one & rows
            one |= rows
        return needing[0] & one | one & needing[1] | two & needing[2] | three & needing[3] | four & needing[4]

    # Words run together

    def _may_have_longer(self, text: str, words: Sequence[Word], calls: int, follows: int) -> bool:
        """Check whether more than two neighbouring words can be like a token of the index if they are run together.

        Also where which words are neighbours is not plain: a word is several tokens, or several signs divide the text.
        """
        is_cyclic = bool(calls & Calls.COMMA)
        if calls & Calls.PIECES or (is_cyclic and (calls & Calls.SEPARATOR or text.count(",") > 1)):
            return True
        return len(words) > 2 and self._may_span(words, is_cyclic, bool(follows & Follows.LONGER))

    def _may_span(self, words: Sequence[Word], is_cyclic: bool, leaves_two: bool) -> bool:
        """Check whether three or more neighbours can be like a token of the index: their consonants, or with a typo.

        The typo is in the second of three, or it leaves the first two but for the last letter, or the last two but for
        the first one.

        Args:
            words: the words.
            is_cyclic: whether the first word follows the last.
            leaves_two: whether two neighbours can be the beginning or the end of one (`Follows.LONGER`).
        """
        pieces = [word.spelled[0] for word in words if word.spelled]
        number = len(pieces)
        if is_cyclic:
            pieces += pieces[: min(MAX_JOINED, number) - 1]
        about_as_long = self._about_as_long
        for first, one in enumerate(pieces[:number]):
            for last in range(first + 2, min(first + MAX_JOINED, first + number, len(pieces))):
                other = pieces[last]
                near = one.begins & other.ends if last == first + 2 else 0
                if leaves_two:
                    near |= self._beginnings.get(f"{one.text}{pieces[first + 1].text}"[:-1], 0)
                    near |= self._endings.get(f"{pieces[last - 1].text}{other.text}"[1:], 0)
                if near:
                    length = sum(len(piece.text) for piece in pieces[first : last + 1])
                    if length < len(about_as_long) and near & about_as_long[length]:
                        return True
                if one.sounds_begin & other.sounds_end:
                    sounds = fold_classes("".join([piece.sounds for piece in pieces[first : last + 1]])).lstrip("rn")
                    if sounds in self._rows_sounding:
                        return True
        return False

    def _windows(self, words: Sequence[Word], text: str) -> Iterator[tuple[str, int]]:
        """Yield the neighbouring tokens that can be like a token of the index if they are run together.

        Each has the rows, as a bit set, that have a token of those consonants or are a typo off: not fewer than
        `_rows_joined` finds.
        """
        yield from self._joined([piece for word in words for piece in word.spelled])
        if "," in text:
            parts = [
                [piece for raw in _BLANK.split(part.strip(" -")) if raw for piece in self._word(raw).spelled]
                for part in SEPARATED.split(text)
            ]
            for one, other in pairwise(parts):
                # The words before a comma put behind it.
                yield from self._joined([*other[1 - MAX_JOINED :], *one[: MAX_JOINED - 1]])

    def _joined(self, pieces: Sequence[Piece]) -> Iterator[tuple[str, int]]:
        number = len(pieces)
        if number < 2:
            return
        about_as_long, longest = self._about_as_long, len(self._about_as_long) - 1
        for first, one in enumerate(pieces):
            length = len(one.text)
            for last in range(first + 1, min(first + MAX_JOINED, number)):
                other = pieces[last]
                length += len(other.text)
                near = one.begins | other.ends
                if last == first + 1:
                    near |= one.nearly_begins & other.nearly_ends
                is_near = length <= longest and near & about_as_long[length]
                sounds = one.sounds_begin & other.sounds_end
                if is_near or sounds:
                    joined = "".join([piece.text for piece in pieces[first : last + 1]])
                    rows = self._rows_like(joined, bool(is_near), bool(sounds))
                    if rows:
                        yield joined, rows

    def _rows_like(self, joined: str, is_near: bool, sounds: bool) -> int:
        """Find the rows that have a token of the consonants of some tokens run together, or nearly of their letters."""
        rows = self._windows_of.get(joined)
        if rows is None:
            if len(self._windows_of) >= MAX_REMEMBERED:
                self._windows_of.clear()
            rows = self._rows_sounding.get(flat_consonants(joined), 0) if sounds else 0
            rows |= self._find_rows_near(joined) if is_near else 0
            self._windows_of[joined] = rows
        return rows

    def _rows_joined(self, joined: str) -> int:
        """Find the rows that have a token like some tokens run together."""
        if joined not in self._joins:
            if flat_consonants(joined) not in self._rows_sounding and not self._find_rows_near(joined):
                return 0
            if len(self._joins) >= MAX_REMEMBERED:
                self._joins.clear()
            self._joins[joined] = self._rows_alike(joined)
        return self._joins[joined]

    def _find_rows_near(self, joined: str) -> int:
        """Find rows that have a token which a word is, is one typo off, or is the plural of, and maybe more."""
        # A typo leaves what is before the middle letter, or what is behind it.
        middle = (len(joined) - 1) // 2
        near = self._beginnings.get(joined[:middle], 0) | self._endings.get(joined[middle + 1 :], 0)
        if len(joined) >= len(self._about_as_long) or not near & self._about_as_long[len(joined)]:
            return 0
        found = self._rows_near.get(joined.removesuffix("es"), 0)
        for variant in deletion_variants(joined):
            found |= self._rows_near.get(variant, 0)
        return found

    def _is_run_together(self, words: list[Word], pairs: Sequence[Pair], calls: int, follows: int) -> bool:
        """Check whether words run together are a name, or three or more of them the syllables of a Korean one.

        Args:
            words: the words of a text.
            pairs: what goes on from each to the next one.
            calls: what tests the text calls for.
            follows: what goes on from any to the next.
        """
        is_called = calls & (Calls.NAME | Calls.PIECES) or follows & (Follows.NAME | Follows.TOKENS)
        if is_called and any(map(self._has_run_together, _orders(words, calls))):
            return True
        if not (follows & Follows.SYLLABLES and calls & Calls.NOT_SPLIT and len(words) > 2):
            return False
        is_cyclic = calls & Calls.COMMA
        for place, pair in enumerate(pairs):
            if pair.follows & Follows.SYLLABLES and (is_cyclic or place + 2 < len(words)):
                one, other, third = (words[(place + offset) % len(words)] for offset in range(3))
                if self._skeleton_of(one.classes + other.classes + third.classes)[0]:
                    following = [*words[place:], *words[:place]] if is_cyclic else words[place:]
                    if self._begins_syllables(following):
                        return True
        return False

    def _has_run_together(self, words: Sequence[Word]) -> bool:
        """Check whether neighbouring words, or tokens that are no legal form, are a name without blanks."""
        if any(word.begins_name and self._begins_name(words[start:]) for start, word in enumerate(words)):
            return True
        pieces = [piece for word in words for piece in word.spelled if not piece.is_free]
        for start, first in enumerate(pieces):
            if not first.begins_name:
                continue
            joined = first.text
            for piece in pieces[start + 1 : start + MAX_JOINED]:
                joined += piece.text
                if joined not in self._whole_beginnings:
                    break
                if joined in self._whole:
                    return True
        return False

    def _pair(self, one: Word, other: Word) -> Pair:
        """Find out what goes on from one word to the next; neighbours come again, and are remembered."""
        key = one.number << 40 | other.number
        found = self._pairs.get(key)
        if found is None:
            if len(self._pairs) >= MAX_REMEMBERED:
                self._pairs.clear()
            found = self._pairs[key] = self._read_pair(one, other)
        return found

    def _read_pair(self, one: Word, other: Word) -> Pair:
        follows = 0
        if one.begins_name and one.joined + other.joined in self._whole_beginnings:
            follows |= Follows.NAME
        if one.begins_syllables and (one.letters or not one.has_letters) and (other.letters or not other.has_letters):
            follows |= self._read_syllables(one, other)
        first, following, *_ = one.pinyin
        if (first & other.pinyin[1] or other.pinyin[0] & following) and self._is_script([one.raw, other.raw]):
            follows |= Follows.KOREAN
        if first & other.pinyin[2]:
            follows |= Follows.PINYIN
        if len(one.spelled) == len(other.spelled) == 1:
            return self._read_pieces(follows, one.spelled[0], other.spelled[0])
        return Pair(follows) if follows else NOTHING

    def _read_syllables(self, one: Word, other: Word) -> int:
        """Find out whether two words are a Korean name with its blank in another place, or the beginning of one."""
        letters = one.letters + other.letters
        goes_on, is_skeleton = self._skeleton_of(one.classes + other.classes)
        if not goes_on or len(letters) > MAX_SYLLABIC:
            return 0
        if is_skeleton and not (one.is_split and other.is_split) and self._is_respaced(letters):
            return Follows.KOREAN
        return Follows.SYLLABLES

    def _read_pieces(self, follows: int, one: Piece, other: Piece) -> Pair:
        """Find out what goes on from one token to the next, besides what does from one word to the next."""
        joined = one.text + other.text
        if one.begins_name and joined in self._whole_beginnings:
            follows |= Follows.TOKENS
        # Of three words one typo leaves the first two but for the last letter, or the last two but for the first one.
        if (one.begins and joined[:-1] in self._beginnings) or (other.ends and joined[1:] in self._endings):
            follows |= Follows.LONGER
        near = one.begins | other.ends | one.nearly_begins & other.nearly_ends
        is_near = len(joined) < len(self._about_as_long) and bool(near & self._about_as_long[len(joined)])
        sounds = bool(one.sounds_begin & other.sounds_end)
        rows = self._rows_like(joined, is_near, sounds) if is_near or sounds else 0
        if rows:
            return Pair(follows, rows, self._rows_owning(joined), joined)
        return Pair(follows) if follows else NOTHING

    def _begins_name(self, words: Sequence[Word]) -> bool:
        """Check whether the first of some words, alone or with those behind it, are a name without blanks."""
        joined = ""
        for word in words:
            joined += word.joined
            if joined not in self._whole_beginnings:
                return False
            if joined in self._whole or joined in self._prefixes or joined in self._index.identifiers:
                return True
        return False

    def _begins_syllables(self, words: Sequence[Word]) -> bool:
        """Check whether the first of some words and those behind it are a Korean name with its blanks elsewhere."""
        first, *others = words
        if first.has_letters and not first.letters:
            return False
        letters, classes, is_split = first.letters, first.classes, first.is_split
        for word in others:
            if not word.letters and word.has_letters:
                return False
            classes += word.classes
            goes_on, is_skeleton = self._skeleton_of(classes)
            letters += word.letters
            if not goes_on or len(letters) > MAX_SYLLABIC:
                return False
            is_split = is_split and word.is_split
            if is_skeleton and not is_split and self._is_respaced(letters):
                return True
        return False

    def _is_respaced(self, letters: str) -> bool:
        """Check whether letters are the syllables of a Korean name, whatever blanks were between them."""
        fits = self._fits
        return bool(_KOREAN_LETTERS.fullmatch(letters)) and any(fits(way, TYPO_COST) for way in splits(letters))

    def _skeleton_of(self, classes: str) -> tuple[bool, bool]:
        """Check whether a Korean name begins with some consonants, and whether they are all that one has."""
        found = self._by_classes.get(classes)
        if found is None:
            if len(self._by_classes) >= MAX_REMEMBERED:
                self._by_classes.clear()
            skeleton = fold_classes(classes)
            found = skeleton.removesuffix("t") in self._skeleton_beginnings, skeleton in self._skeletons
            self._by_classes[classes] = found
        return found


def _orders(words: list[Word], calls: int) -> list[list[Word]]:
    """List the orders that words are looked at in: behind each of them a text with a comma can begin anew."""
    if not calls & Calls.COMMA:
        return [words]
    return [[*words[place:], *words[:place]] for place in range(len(words))]


def _divided(tokens: Sequence[_Token]) -> list[list[int]]:
    """List the places of the tokens between each two breaks."""
    found: list[list[int]] = [[]]
    for place, token in enumerate(tokens):
        if token is _BREAK:
            found.append([])
        elif token.text:
            found[-1].append(place)
    return [places for places in found if places]


def _in_pinyin(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield two or three neighbouring words that can be a Korean name in Hanyu Pinyin."""
    for place, (one, other) in enumerate(pairwise(words)):
        first, following, *_ = one.pinyin
        if first & other.pinyin[1] or other.pinyin[0] & following:
            yield words[place : place + 2]
        if (rest := first & other.pinyin[2]) and place + 2 < len(words) and rest & words[place + 2].pinyin[3]:
            yield words[place : place + 3]


def _in_orthography(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield neighbouring words that an orthography can read, of which one has a spelling of its own."""
    for system in {system for word in words for system in word.systems}:
        begin = 0
        for place, word in enumerate(words):
            if not can_read(system, word.raw):
                begin = place + 1
                continue
            for start in range(max(begin, place + 1 - MAX_SCRIPT_WORDS), place + 1):
                if any(system in one.systems for one in words[start : place + 1]):
                    yield words[start : place + 1]


def _stretches(words: Sequence[Word], most: int = MAX_WORDS) -> Iterator[Sequence[Word]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + most, len(words)) + 1):
            yield words[start:end]


def _strip(text: str) -> str:
    return text.strip(" ,;:.()[]{}/&")
