"""The data of a simulated trial as XPT, Define-XML and Dataset-JSON hold what the run's tables hold."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from calor.cli.report import command
from calor.core.errors import InputError, UnsupportedError
from calor.report.adam.transport import SMALLEST, write_transport
from calor.report.adam.variables import DataSet, Variable, data_sets
from calor.report.adam.writing import write_adam
from calor.report.simulated_data import adsl
from calor.trial.protocols.plan import plan_of
from tests.report.saved_trial import lips
from tests.report.test_simulated_data import CROSSOVER, conducted

pyreadstat = pytest.importorskip("pyreadstat")
DAY = datetime(2026, 11, 28, 14, 11, tzinfo=UTC)
_KEPT = TemporaryDirectory(prefix="calor-adam-tests-")


@cache
def written() -> Path:
    folder = Path(_KEPT.name) / "adam"
    write_adam(lips(), folder)
    return folder


def table(name: str) -> pd.DataFrame:
    return pd.read_parquet(lips().folder / f"{name}.parquet")


def one(values: list[object], name: str = "X", label: str = "A label", type: str = "float") -> DataSet:
    variable = Variable(name, label, type, "Assigned", "as given")
    return DataSet("adx", "Data", "ADAM OTHER", "One", (), (variable,), pd.DataFrame({name: values}))


@pytest.mark.parametrize("name", ["adsl", "adeff", "adppk"])
def test_a_transport_file_holds_every_bit_of_the_table(name: str) -> None:
    """IBM floating point has 53 to 56 binary digits: every double between 16^-65 and 16^62 is exact."""
    expected = table(name)
    read, about = pyreadstat.read_xport(str(written() / f"{name}.xpt"))
    by_pandas = pd.read_sas(written() / f"{name}.xpt", format="xport", encoding="ascii")
    assert about.table_name == name.upper()
    assert all(0 < len(label) <= 40 for label in about.column_names_to_labels.values())
    for found in (read, by_pandas):
        assert list(found.columns) == list(expected.columns)
        assert len(found) == len(expected) > 0
        for column in expected:
            if expected[column].dtype == object or expected[column].dtype == "string":
                assert list(found[column].fillna("")) == list(expected[column])
            else:
                values = expected[column].to_numpy(dtype=float)
                numbers = found[column].to_numpy()
                if found is by_pandas:  # pandas reads the 0 of IBM floating point as 16^-65
                    numbers = np.where(numbers == SMALLEST, 0.0, numbers)
                assert np.array_equal(numbers, values, equal_nan=True)


def test_dataset_json_holds_the_table() -> None:
    document = json.loads((written() / "adeff.json").read_text(encoding="utf-8"))
    names = [column["name"] for column in document["columns"]]
    found = pd.DataFrame(document["rows"], columns=names)
    assert document["records"] == len(found)
    pd.testing.assert_frame_equal(found, table("adeff"), check_dtype=False)


def test_define_xml_is_valid_by_the_schema_of_the_standard_and_describes_every_column() -> None:
    xmlschema = pytest.importorskip("xmlschema")
    from odmlib.define_2_1.rules.metadata_schema import MetadataSchema
    from odmlib.define_loader import XMLDefineLoader
    from odmlib.loader import ODMLoader
    from odmlib.oid_generator import create_oid_checker
    from odmlib.schema_manager import get_schema_path

    path = written() / "define.xml"
    schema = xmlschema.XMLSchema(get_schema_path("define", "2.1"))
    assert [error.reason for error in schema.iter_errors(str(path))] == []
    loader = ODMLoader(XMLDefineLoader(model_package="define_2_1", ns_uri="http://www.cdisc.org/ns/def/v2.1"))
    loader.open_odm_document(str(path))
    document = loader.root()
    checker = create_oid_checker("define_2_1")
    assert (
        document.validate(collect_errors=True, oid_checker=checker, conformance_checker=MetadataSchema())
        == []
    )
    version = document.Study.MetaDataVersion
    items = {item.OID: item.Name for item in version.ItemDef}
    for group in version.ItemGroupDef:
        described = [items[reference.ItemOID] for reference in group.ItemRef]
        assert described == list(table(group.Name.lower()).columns)
        assert (written() / group.leaf.href).is_file()
    lacks = version.CommentDef[0].Description.TranslatedText[0]._content
    assert "AGE, SEX" in lacks


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    files = write_adam(lips(), tmp_path / "again")
    assert [path.read_bytes() for path in files] == [(written() / path.name).read_bytes() for path in files]
    assert b"SAS     ADSL    SASDATA" in (written() / "adsl.xpt").read_bytes()


def test_numbers_next_to_nothing_become_zero_and_the_largest_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xpt"
    kept = [2.0**-259, 1 / 3, -(2.0**247) * 1.1]
    write_transport(one([*kept, 1e-80, -1e-300]), path, DAY)
    assert list(pyreadstat.read_xport(str(path))[0]["X"]) == [*kept, 0.0, 0.0]
    assert list(pd.read_sas(path, format="xport")["X"])[:3] == kept
    with pytest.raises(UnsupportedError, match=r"ADX\.X: .* a number of 16\^62 or more"):
        write_transport(one([2.0**248]), path, DAY)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (one([1.0], name="NINELONGS"), "ADX.NINELONGS: .*a name of 9 letters"),
        (one([1.0], label="l" * 41), "a label of 41 letters"),
        (one(["v" * 201], type="text"), "a value of 201 letters"),
        (one(["Prednisolon für alle"], type="text"), "the value 'Prednisolon für alle'"),
        (one(["ends "], type="text"), "the value 'ends '"),
    ],
    ids=("name", "label", "long value", "not ASCII", "blank at the end"),
)
def test_what_version_5_cannot_hold_is_refused_by_name(data: DataSet, what: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=what):
        write_transport(data, tmp_path / "x.xpt", DAY)
    write_transport(one(["v" * 200], name="EIGHTLNG", label="l" * 40, type="text"), tmp_path / "y.xpt", DAY)
    assert len(pyreadstat.read_xport(str(tmp_path / "y.xpt"))[0]["EIGHTLNG"][0]) == 200


def test_tables_of_another_calor_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"adsl was written by another calor: .*OTHER is not known.*no SAFFL"
    ):
        data_sets({"adsl": table("adsl").drop(columns="SAFFL").assign(OTHER=1)})


def test_the_treatments_of_each_period_of_a_crossover_are_described() -> None:
    trial, bank, outcome = conducted(CROSSOVER)
    (data,) = data_sets({"adsl": adsl(plan_of(trial), bank, outcome)})
    labels = {variable.name: variable.label for variable in data.variables}
    assert labels["TRT02A"] == "Actual Treatment for Period 02"
    assert labels["TRTSEQP"] == "Planned Sequence of Treatments"
    assert len(labels) == len(data.table.columns)


@pytest.mark.parametrize("module", ["pyreadstat", "odmlib.define_2_1.model"])
def test_a_missing_extra_is_named_and_nothing_is_left(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnsupportedError, match=r"pip install 'calor\[xpt\]'"):
        write_adam(lips(), tmp_path / "data")
    assert not list(tmp_path.iterdir())


def test_the_command_names_the_files_and_what_is_left_out(tmp_path: Path) -> None:
    found = CliRunner().invoke(
        command, [str(lips().folder), "--adam", str(tmp_path / "data"), "--json"], catch_exceptions=False
    )
    document = json.loads(found.stdout)
    assert {Path(name).name for name in document["files"]} == {
        "adsl.xpt", "adeff.xpt", "adppk.xpt", "adsl.json", "adeff.json", "adppk.json", "define.xml",
    }  # fmt: skip
    assert all(Path(name).is_file() for name in document["files"])
    assert "AGE" in document["left_out"][0]["what"]


def test_another_kind_of_run_has_no_data(tmp_path: Path) -> None:
    from calor.store.saved_run import Kind

    with pytest.raises(UnsupportedError, match="a comparison has no data of a trial"):
        write_adam(replace(lips(), kind=Kind.COMPARISON), tmp_path / "none")
