"""`python -m local`: runs the function on this machine, with simulated services."""

import sys

if sys.version_info < (3, 13):  # noqa: UP036  # older versions of Python run this line
    sys.stderr.write("python -m local: needs Python 3.13 or later, this is %d.%d\n" % sys.version_info[:2])  # noqa: UP031  # older versions of Python run this line
    sys.exit(2)

try:
    from local.cli import main
except ModuleNotFoundError as missing:
    if missing.name is None or missing.name.partition(".")[0] in {"local", "shared"}:
        raise
    sys.stderr.write(
        f"python -m local: the package {missing.name} is missing. Run one of\n"
        "  python -m pip install -r requirements-local.txt    (then python -m local again)\n"
        "  python -m nox -s start                             (after python -m pip install nox)\n"
    )
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
