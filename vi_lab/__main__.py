"""python -m vi_lab: the same as the command vi-lab."""

import sys

from vi_lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
