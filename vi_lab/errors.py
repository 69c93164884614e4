"""Every error vi_lab raises on purpose: one tree, each also the built-in a caller would expect."""


class ViLabError(Exception):
    """Base of everything vi_lab raises on purpose."""


class InputError(ViLabError, ValueError):
    """An argument has the right type and a value that cannot be used."""


class NotApplicable(InputError):
    """The method cannot answer for this model; the message says why in a sentence."""


class InputTypeError(ViLabError, TypeError):
    """An argument has the wrong type, or a name no parameter has."""


class NumericalError(ViLabError, FloatingPointError):
    """A computation left the numbers it is defined on (a precision that is not positive, ...)."""


class ResultFileError(ViLabError, OSError):
    """A result file is missing, truncated, corrupt or not ours."""
