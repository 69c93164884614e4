"""python -m tests.fuzz [EXAMPLES] [SEED] [KINDS]: that many inputs, and how many were answered."""

import sys
import time

from tests.fuzz.test_fuzz import FEW, SHARES, TOTAL, examples

total = int(sys.argv[1]) if len(sys.argv) > 1 else TOTAL
number = int(sys.argv[2]) if len(sys.argv) > 2 else 1
kinds = sys.argv[3:] or list(SHARES)
every = 0
for kind in kinds:
    share = SHARES[kind]
    begin = time.perf_counter()
    told = examples(FEW[kind][0], int(total * share), number)
    every += sum(told.values())
    print(
        f"{kind}: {sum(told.values())} examples, {told[True]} answered, {told[False]} refused, "
        f"{time.perf_counter() - begin:.0f} s",
        flush=True,
    )
print(f"in all {every} examples, nothing but finite numbers and ViLabErrors")
