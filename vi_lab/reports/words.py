"""Words and numbers as a page has them: names that no page can be broken by, one form a number."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata

from vi_lab.comparison.summary import write_digits

MINUS, TIMES = "\u2212", "\u00b7"
MOST_LETTERS = 40  # of a name outside its own section
SURE = 5e-7  # an error below which six decimals are shown
DECIMALS = 6
JOINERS = "\u200c\u200d"  # which some scripts are written with
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # categories that are not seen, or turn words round
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def visible(text: str) -> str:
    r"""Text with what is not seen written out: a mark that turns words round is `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_write_letter(letter) for letter in text)


def _write_letter(letter: str) -> str:
    if letter in JOINERS or letter == "\n" or unicodedata.category(letter) not in HIDDEN:
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shorten(name: str, most: int = MOST_LETTERS) -> str:
    """A name of at most so many letters, cut in its middle."""
    name = visible(name)
    if len(name) <= most:
        return name
    return f"{name[: most // 2]}…{name[-(most - most // 2 - 1) :]}"


def isolate(name: str) -> str:
    """A short name for an attribute, between marks that keep its direction to itself."""
    return f"\u2068{shorten(name)}\u2069"


def fragment(name: str) -> str:
    """What stands behind # in a link to a problem: ASCII words, and a hash where that loses
    anything, so that two names never share one."""
    words = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:MOST_LETTERS]
    if words == name:
        return words
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{words}-{digest}".lstrip("-")


def signed(text: str) -> str:
    """Numbers of a text with the minus of typography."""
    return re.sub(r"-(?=\d|∞)", MINUS, text)


def write_nats(value: float | None, error: float | None) -> str:
    """log p(x) or an ELBO: six decimals, or up to the first digit of its error."""
    if value is None:
        return ""
    if math.isinf(value):
        return signed("-∞" if value < 0 else "∞")
    if not error or error < SURE:
        return signed(f"{value:,.{DECIMALS}f}")
    if math.isinf(error):
        return signed(f"{value:,.3f} ± ∞")
    places = max(0, -math.floor(math.log10(error)))
    return signed(f"{value:,.{places}f} ± {error:.{places}f}")


def write_short(text: str, error: float | None) -> str:
    """Nats short as a summary writes them; of none the error that they are below."""
    if text == "0" and error:
        return f"0 (to {write_power(error)})"
    return signed(text)


def write_power(value: float) -> str:
    """One digit: 3·10⁻¹⁰ far below 1."""
    if not 0 < abs(value) < 1e-3:
        return signed(f"{value:.1g}")
    digit, power = f"{value:.0e}".split("e")
    return signed(f"{digit}{TIMES}10") + str(int(power)).translate(SUPERSCRIPTS)


def write_sds(value: float) -> str:
    """An error in posterior sds: two decimals from 0.1, three below."""
    if math.isinf(value):
        return "∞"
    if value == 0:
        return "0"
    if value < 0.001:
        return "< 0.001"
    return f"{value:.2f}" if value >= 0.0995 else f"{value:.3f}"


def write_share(low: float | None, high: float | None) -> str:
    """Shares of the true sd, equal ends once."""
    if low is None or high is None:
        return ""
    ends = [f"{end:.2f}" if math.isfinite(end) else "∞" for end in (low, high)]
    return " to ".join(dict.fromkeys(ends))


def write_amount(nats: float) -> str:
    """Nats in three digits."""
    return signed(write_digits(nats))


def count(number: int, one: str, more: str) -> str:
    """1 problem, 2 problems."""
    return f"{number:,} {one if number == 1 else more}"
