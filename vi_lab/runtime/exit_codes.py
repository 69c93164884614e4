"""How a command ends.

What cannot be told (no exact answer, lost digits) is not known to be wrong: it is printed, and ends
with 0. A command that is ended by a signal ends with 128 + its number, as a shell would say it: 130
after Ctrl-C, 143 after `kill`, 129 where its terminal was closed.
"""

DONE = 0
WRONG = 1  # a ledger does not hold, a claim is wrong or a method broke down
BAD_INPUT = 2  # or a file that cannot be read or written
CRASHED = 70  # vi_lab itself broke down, by a fault of its own or for want of memory
ENDED = 128  # and the signal's number; what was finished is kept and reported
INTERRUPTED = ENDED + 2
