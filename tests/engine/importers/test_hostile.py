"""Hostile and broken files: a clear error, at once, and nothing is ever run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from calor.cli.main import exit_code_of
from calor.core.errors import InputError, UnsupportedError
from calor.engine import load_antimony, load_sbml

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">
<model id="m">{}</model></sbml>"""
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
RULE = (
    '<listOfParameters><parameter id="x" constant="false"/></listOfParameters>'
    f'<listOfRules><assignmentRule variable="x">{MATH}</assignmentRule></listOfRules>'
)
LEVEL_1 = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level1" level="1" version="2"><model name="m">
<listOfParameters><parameter name="p" value="1"/></listOfParameters>
<listOfRules><parameterRule name="p" formula="{}"/></listOfRules></model></sbml>"""
ENTITIES = "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};&e{n - 1};">' for n in range(1, 40))
LAUGHS = f'<!DOCTYPE lol [<!ENTITY e0 "lol">{ENTITIES}]><sbml>&e39;</sbml>'


def with_species(count: int) -> str:
    rest = 'compartment="c" hasOnlySubstanceUnits="true" boundaryCondition="false" constant="false"'
    inner = "".join(f'<species id="s{number}" {rest}/>' for number in range(count))
    return DOCUMENT.format(f"<listOfSpecies>{inner}</listOfSpecies>")


def with_parameter(value: str) -> str:
    parameter = f'<parameter id="p" value="{value}" constant="true"/>'
    return DOCUMENT.format(f"<listOfParameters>{parameter}</listOfParameters>")


def rule(formula: str) -> str:
    return DOCUMENT.format(RULE.format(formula))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LAUGHS, "document type or entities"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><sbml>&x;</sbml>', "document type"),
        (rule("<apply><sin/>" * 5000 + "<cn>1</cn>" + "</apply>" * 5000), "nested too deep"),
        (rule("<apply><plus/>" + "<cn>1</cn>" * 100_000 + "</apply>"), "formula is too long"),
        (with_species(30_000), "too many components"),
        (with_species(600_000), "characters"),
        (LEVEL_1.format("(" * 1000 + "1" + ")" * 1000), "nested too deep"),
        (LEVEL_1.format("1" + "+1" * 10_000), "too long"),
        (LEVEL_1.format("__import__('os').system('true')"), "schema|syntax|formula"),
        (rule("<ci>__import__</ci>"), "__import__"),
        (rule("<apply><ci>system</ci><ci>x</ci></apply>"), "system"),
        ("<", "not well-formed"),
        ("<html/>", "SBML"),
        (DOCUMENT.format("")[:-20], "not well-formed"),
        ('<sbml a:b="1"/>', "not well-formed XML: unbound prefix"),
        (with_parameter("NaN"), "NaN"),
        (with_parameter("one"), "p|value"),
        (rule("<apply><times/><cn>2</cn><ci>x</ci></apply>"), "x"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_hostile_sbml_gets_an_error_at_once(text: str, message: str) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match=message):
        load_sbml(text)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('x = __import__("os").system("true");', "syntax error"),
        ("x := " + "(" * 1000 + "1" + ")" * 1000 + ";", "nested too deep"),
        ("x := " + "-" * 10_000 + "1;", "too long"),
        ("x := y + 1; y := x * 2;", "Loop"),
        ("x = nan;", "NaN"),
        ("y := 2 * x;", "x"),
    ],
)
def test_hostile_antimony_gets_an_error(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_antimony(text)


def test_an_import_reads_no_file() -> None:
    with pytest.raises(UnsupportedError, match="imports"):
        load_antimony('import "/etc/hostname"\nx = 1')
    assert load_antimony('model m; x = 1; # import "/etc/hostname"\nend').parameter_names == ("x",)


def test_functions_that_double_each_other_stay_small() -> None:
    doubling = ["function f0(a) sin(a) end"]
    doubling += [f"function f{n}(a) f{n - 1}(a) + f{n - 1}(sin(a)) end" for n in range(1, 31)]
    system = load_antimony("\n".join(doubling) + "\nmodel m; x := f30(time); end")
    assert system.output_names == ("x",)


def test_names_that_look_like_code_are_names() -> None:
    system = load_antimony("model m; __import__ = 3; exec := __import__ * 2; end")
    assert system.parameter_names == ("__import__",)


DELAY = (
    '<apply><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/delay">d</csymbol>'
    "<cn>1</cn><cn>1</cn></apply>"
)
VERSION_1 = DOCUMENT.replace("version2", "version1").replace('version="2"', 'version="1"')
FUNCTION = (
    '<listOfFunctionDefinitions><functionDefinition id="f">'
    + MATH.format(f"<lambda><bvar><ci>x</ci></bvar>{DELAY}</lambda>")
    + "</functionDefinition></listOfFunctionDefinitions>"
)


@pytest.mark.parametrize(
    ("document", "named"), [(VERSION_1.format(FUNCTION), "delay() inside a function definition")]
)
def test_unsupported_constructs_are_named(
    document: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model.xml"
    model.write_text(document)
    assert exit_code_of(["simulate", str(model)]) == 3
    captured = capsys.readouterr()
    assert named in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00binary", b"not xml at all"])
def test_files_that_are_no_models_are_input_errors(content: bytes, tmp_path: Path) -> None:
    for name in ("model.xml", "model.ant"):
        path = tmp_path / name
        path.write_bytes(content)
        assert exit_code_of(["simulate", str(path)]) == 2
    assert exit_code_of(["simulate", str(tmp_path)]) == 2
    assert exit_code_of(["simulate", str(tmp_path / "absent.xml")]) == 2


@pytest.mark.parametrize("encoding", ["nan", "utf-7", "shift_jis", "base64"])
def test_an_encoding_that_cannot_be_read_is_named(encoding: str) -> None:
    with pytest.raises(InputError, match="encoding"):
        load_sbml(DOCUMENT.format("").replace("UTF-8", encoding))
