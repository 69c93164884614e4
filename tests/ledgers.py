"""A ledger of numbers that may have lost their digits, as those of extreme models do."""

import numpy as np

from vi_lab.identity.ledger import Ledger
from vi_lab.vae import PerDatumLedger


def holds_as_far_as_told(book: Ledger | PerDatumLedger) -> bool:
    """Whether it holds, or cannot be told within more than a millionth of a nat; never if it
    fails."""
    if book.holds is None:
        return bool(book.reason.startswith("lost digits: ") and np.max(book.tolerance) > 1e-6)
    return book.holds
