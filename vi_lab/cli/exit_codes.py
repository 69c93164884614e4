"""How a command ends.

What cannot be told (no exact answer, lost digits) is not known to be wrong: it is printed, and ends
with 0.
"""

DONE = 0
WRONG = 1  # a ledger does not hold, a claim is wrong or a method broke down
BAD_INPUT = 2
INTERRUPTED = 130  # what was finished is kept and reported
