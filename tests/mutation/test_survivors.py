"""docs/testing.md against what it speaks of; mutmut itself runs in the session ``mutate``."""

import re
from pathlib import Path

import pytest

from tests.mutation.survivors import Survivor, listed, survivor

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
SHOWN = """# shared.sts.x: survived
--- shared/sts.py
+++ shared/sts.py
@@ -1,4 +1,3 @@
 def life():
-    one(
-        2,
-    )
+    one(
+        3,
+    )
     return 4
"""


@pytest.mark.parametrize(
    ("mutant", "function"),
    [
        ("shared.sts.x__life__mutmut_1", "sts._life"),
        ("shared.tokens.xǁSecretǁ__repr____mutmut_12", "tokens.Secret.__repr__"),
    ],
)
def test_a_survivor_is_known_by_its_words(mutant: str, function: str) -> None:
    """A survivor is named after its function and what changed, so that lines may move."""
    assert survivor(mutant, SHOWN) == Survivor(function, "one( 2, )", "one( 3, )")


def test_a_survivor_is_listed_as_it_is_printed() -> None:
    """What the session prints of a survivor can be pasted into the document, with its reason or under one."""
    one = survivor("shared.sts.x__life__mutmut_1", SHOWN)
    assert listed(f"text\n\n{one}\n") == listed(f"  {one}: no clock is that exact\n") == {one}
    assert listed("- `sts.py`: the STS\n") == set()


@pytest.mark.parametrize("known", sorted(listed(DOCUMENT)), ids=lambda known: str(known.function))
def test_a_listed_survivor_speaks_of_what_there_is(known: Survivor) -> None:
    """The document lists no survivor of a line that has gone."""
    module, *_, function = known.function.split(".")
    source = (ROOT / "shared" / f"{module}.py").read_text(encoding="utf-8")
    assert f"def {function}(" in source
    assert " ".join(known.before.split()) in " ".join(source.split())
    assert known.before != known.after


def test_the_document_names_everything() -> None:
    """Whoever looks for a way to test finds each session of nox, and each folder of tests/."""
    sessions = re.findall(r"@nox\.session\ndef (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("*.py")}
    assert "mutate" in sessions
    assert [name for name in sessions if f"-s {name}`" not in DOCUMENT] == []
    assert [name for name in sorted(folders) if f"`{name}/" not in DOCUMENT] == []
