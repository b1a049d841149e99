"""Two minutes of load through the local host while faults come and go: `python -m bench.soak`.

`plan` makes the fault windows and the requests from the seed. `run` carries them out, with the function in `host` and
the callers in `load`, each in a process of its own. `checks` holds what happened against docs/contract.md.
"""
