"""python -m tools.mutants: plant N mistakes, and list those that no test notices."""

from __future__ import annotations

import argparse
import queue
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tools.mutants.generator import Change, Mutant, list_changes, list_files, plant
from tools.mutants.lists import list_by_hand, read_equivalent
from tools.mutants.raises import list_unreached
from tools.mutants.records import Records, record
from tools.mutants.trial import CAUGHT, copy_repository, try_mutant

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 0.92  # of the mistakes that change a number are to be caught
BY_HAND = 4  # one mistake in so many comes from the list by hand
CONTROLS = 20  # after so many mistakes, one trial without any


def main() -> int:
    """0 where enough were caught, 1 where not, 2 where a trial without a mistake failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--number", type=int, default=400, metavar="N", help="400")
    parser.add_argument("--seed", type=int, default=0, metavar="SEED", help="0")
    parser.add_argument("--processes", type=int, default=2, metavar="P", help="2")
    parser.add_argument("--record", type=Path, metavar="DIR", help="an earlier run's .mutants")
    parser.add_argument("--raises", action="store_true", help="list what no test raises, and end")
    parser.add_argument("tests", nargs="*", help="record these alone: tests/families ...")
    options = parser.parse_args()
    folder = options.record or ROOT / ".mutants"
    with tempfile.TemporaryDirectory(prefix="mutants-") as place:
        copies = [copy_repository(ROOT, Path(place, str(n))) for n in range(options.processes)]
        if options.record is None:
            record(copies[0], folder, options.tests)
        if options.raises:
            unreached = list(list_unreached(ROOT, Records(folder).lines.lines))
            print("\n".join(f"{file}:{line}: {text}" for file, line, text in unreached))
            return int(bool(unreached))
        chosen = draw(random.Random(options.seed), options.number)
        return show(chosen, try_all(copies, chosen, Records(folder)))


def draw(rng: random.Random, number: int) -> list[Mutant]:
    """A quarter from the list by hand, the rest from the syntax trees; a control among each 20."""
    by_hand = list_by_hand(ROOT)
    some = rng.sample(by_hand, min(len(by_hand), number // BY_HAND))
    files = list_files(ROOT)
    sizes = [(ROOT / file).stat().st_size for file in files]
    changes: dict[str, list[Change]] = {}
    seen: set[str] = set()
    while len(some) < number:
        file = rng.choices(files, sizes)[0]
        if file not in changes:
            changes[file] = list_changes(ROOT, file)
        mutant = plant(ROOT, file, rng.choice(changes[file])) if changes[file] else None
        if mutant is not None and mutant.after not in seen:
            seen.add(mutant.after)
            some.append(mutant)
    rng.shuffle(some)
    for at in range(0, len(some), CONTROLS):
        first = some[at]
        some[at:at] = [Mutant(first.file, first.line, "control", first.before, first.before)]
    return some


def try_all(
    copies: list[Path], mutants: list[Mutant], records: Records
) -> Iterator[tuple[Mutant, str, str]]:
    """Each mutant with its outcome and the last words of its tests, as they end."""
    waiting: queue.SimpleQueue[tuple[Mutant, list[str]]] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[Mutant, str, str]] = queue.SimpleQueue()
    for mutant in mutants:
        waiting.put((mutant, records.choose(mutant.file, mutant.line)))

    def work(copy: Path) -> None:
        while not waiting.empty():
            mutant, tests = waiting.get()
            try:
                ended.put((mutant, *try_mutant(copy, mutant, tests)))
            except RuntimeError as error:
                ended.put((mutant, "not tried", str(error)))

    for copy in copies:
        threading.Thread(target=work, args=(copy,), daemon=True).start()
    for _ in mutants:
        yield ended.get()


def show(chosen: list[Mutant], outcomes: Iterator[tuple[Mutant, str, str]]) -> int:
    """Print every mutant that was not caught, and how many were; the exit code."""
    equivalent = read_equivalent()
    started = time.perf_counter()
    caught = same = false_alarms = 0
    survivors = []
    for number, (mutant, outcome, words) in enumerate(outcomes, 1):
        name = f"{mutant.file}:{mutant.line}"
        print(f"{number}/{len(chosen)} {outcome:8} {name} {mutant.what} {words[:120]}", flush=True)
        if mutant.what == "control":
            false_alarms += outcome == CAUGHT
        elif outcome == CAUGHT:
            caught += 1
        elif reason := equivalent.get(mutant.key()):
            same += 1
            print(f"    equivalent: {reason}")
        else:
            survivors.append((name, mutant, outcome))
    for name, mutant, outcome in survivors:
        gone, come = mutant.changed()
        print(f"\n{name}: {mutant.what}; {outcome}")
        print("\n".join([f"  - {line}" for line in gone] + [f"  + {line}" for line in come]))
    counted = caught + len(survivors)
    share = caught / max(counted, 1)
    print(
        f"\n{caught} of {counted} caught ({share:.1%}), {len(survivors)} open, {same} equivalent, "
        f"{false_alarms} controls failed, {(time.perf_counter() - started) / 60:.0f} minutes"
    )
    return 2 if false_alarms else int(share < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
