"""Two minutes of load through the local host while faults come and go: `python -m bench.soak`.

`plan` makes everything that will happen from the seed; `stage` makes it happen, with the function in `host` and its
callers in `load`, each a process of its own; the modules named `judge_*` hold the outcome against docs/contract.md.
"""
