"""`python -m local`: the function at work on this machine, against simulated services for Azure."""

import sys

if sys.version_info < (3, 13):  # noqa: UP036 - that is what it is for
    sys.stderr.write("python -m local: needs Python 3.13 or later, this is %d.%d\n" % sys.version_info[:2])  # noqa: UP031
    sys.exit(2)

from local.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
