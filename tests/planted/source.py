"""A mistake planted in the text of a module: what a test sees of it, it sees of a slip of ours."""

import inspect


def plant(module, right, wrong):
    """What a module holds, made anew with one place of its source by another."""
    source = inspect.getsource(module)
    assert source.count(right) == 1
    names = {"__name__": module.__name__}
    exec(compile(source.replace(right, wrong), module.__file__, "exec"), names)
    return names
