"""The catalogues hold what the package says, all of it, and nothing else."""

import ast
import importlib.util
from pathlib import Path

import pytest

from sahel_geo.i18n import language

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("catalogue", ROOT / "tools" / "catalogue.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)
CATALOGUES = sorted(tool.LOCALES.glob("*.po"))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_a_catalogue_is_whole(file):
    assert not list(tool.faults(file)), "run tools/catalogue.py extract, then fill what is empty"


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_a_catalogue_stands_in_its_one_order(file, tmp_path):
    tool.write(tool.read(file), tmp_path / "sorted.po")
    assert file.read_text("utf-8") == (tmp_path / "sorted.po").read_text("utf-8")


def test_faults_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "said", lambda: {("Hello {a}", None): "x.py", ("Bye", None): "x.py"})
    file = tmp_path / "fr.po"
    file.write_text("""msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Hello {a}"
msgstr "Salut {b}"

msgid "Nobody says this, surely"
msgstr "L'autre"
""", encoding="utf-8")  # fmt: skip
    assert list(tool.faults(file)) == [
        "no fr for 'Bye' (x.py)",
        "other placeholders in 'Hello {a}'",
        "nothing says 'Nobody says this, surely'",
        'typography: "L\'autre"',
    ]


def test_texts_are_found_where_they_are_written():
    code = """
Sentence("one" if x else "two {n}", n=1)
Counted("{count} a", "{count} b", count=2)
Texts({"k": "in a table", "l": "long " "text"})
InputError("said in English only")
InputError("with {parts}", parts=1)
Sentence(f"not {this}")
"""
    texts = [text for _, text, _ in tool.texts_of(ast.parse(code))]
    assert texts == [
        "one", "two {n}", ("{count} a", "{count} b"), "in a table", "long text", "with {parts}",
    ]  # fmt: skip


def test_a_catalogue_is_read_without_its_compiled_form_and_where_nothing_can_be_written(
    tmp_path, monkeypatch
):
    (tmp_path / "xx.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "yes"\nmsgstr "ja"\n'
    )
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    language._catalogue.cache_clear()
    assert language.translate("yes", "xx") == "ja"
    assert (tmp_path / "xx.mo").is_file()
    (tmp_path / "xx.po").unlink()
    language._catalogue.cache_clear()
    assert language.translate("yes", "xx") == "ja", "a wheel holds the compiled form alone"
    language._catalogue.cache_clear()
