"""The table of settings in the README is the one that is generated."""

from pathlib import Path

from facefolk_server.settings import settings_table

README = Path(__file__).parents[2] / "README.md"


def test_readme_has_the_generated_table() -> None:
    text = README.read_text()
    begin, end = "<!-- settings:begin -->\n", "<!-- settings:end -->"
    assert text.count(begin) == text.count(end) == 1
    block = text.split(begin)[1].split(end)[0]
    assert block.strip() == settings_table(), (
        "put the output of `facefolk-server settings --markdown` between the markers"
    )
