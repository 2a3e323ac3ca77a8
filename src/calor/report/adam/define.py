"""Define-XML 2.1 of the simulated data sets: what every variable is and how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from calor.core.errors import UnsupportedError
from calor.core.versions import versions
from calor.report.adam.transport import INSTALL
from calor.report.adam.variables import DataSet, Variable, left_out, standard

if TYPE_CHECKING:
    from types import ModuleType

NAMESPACES = {
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "xlink": "http://www.w3.org/1999/xlink",
}
DIGITS = 17
"""Decimal digits that tell any two numbers of double precision apart."""

CONTEXT = "Other"
"""Simulated data are no submission of a trial of people."""


@dataclass(frozen=True)
class About:
    """What the data are of: the protocol's id and title, and when the trial was simulated."""

    study: str
    title: str
    simulated: datetime


def write_define(sets: tuple[DataSet, ...], about: About, path: Path) -> None:
    """Write the Define-XML of data sets that lie beside it as `name.xpt`.

    Raises UnsupportedError where odmlib is missing.
    """
    model, registry = _odmlib()
    registry(prefix="odm", uri="http://www.cdisc.org/ns/odm/v1.3", is_default=True, is_reset=True)
    for prefix, uri in NAMESPACES.items():
        registry(prefix=prefix, uri=uri)
    _Writer(model, sets, about).document().write_xml(str(path))


def code_lists(sets: tuple[DataSet, ...]) -> dict[str, dict[str, str | None]]:
    """Return the values of each code list with what they stand for (None: themselves)."""
    lists: dict[str, dict[str, str | None]] = {"YN": {"Y": "Yes", "N": "No"}, "Y": {"Y": "Yes"}}
    for data in sets:
        for code, decoded in (("PARAMCD", "PARAM"), ("AVISITN", "AVISIT")):
            if any(variable.codelist == code for variable in data.variables):
                pairs = data.table[[code, decoded]].drop_duplicates().itertuples(index=False)
                lists[code] = {str(value): str(words) for value, words in pairs}
    used = {variable.codelist for data in sets for variable in data.variables}
    return {name: values for name, values in lists.items() if name in used}


class _Writer:
    """Puts the elements of one document together."""

    def __init__(self, model: ModuleType, sets: tuple[DataSet, ...], about: About) -> None:
        self.model = model
        self.sets = sets
        self.about = about
        self.standard = "STD.ADAMIG"

    def document(self) -> Any:
        """Return the root element."""
        model, about = self.model, self.about
        return model.ODM(
            FileType="Snapshot",
            FileOID=f"calor.{about.study}",
            CreationDateTime=about.simulated.isoformat(timespec="seconds"),
            ODMVersion="1.3.2",
            Originator="calor",
            SourceSystem="calor",
            SourceSystemVersion=versions()["calor"],
            Context=CONTEXT,
            Study=model.Study(
                OID=f"STUDY.{about.study}",
                GlobalVariables=model.GlobalVariables(
                    StudyName=model.StudyName(_content=about.study),
                    StudyDescription=model.StudyDescription(
                        _content=f"{about.title}. Simulated by calor; not data of people."
                    ),
                    ProtocolName=model.ProtocolName(_content=about.study),
                ),
                MetaDataVersion=self._version(),
            ),
        )

    def _version(self) -> Any:
        model = self.model
        name, version = standard()
        return model.MetaDataVersion(
            OID="MDV.1",
            Name=f"Simulated analysis data of {self.about.study}",
            Description="Data of one simulated trial",
            DefineVersion="2.1.0",
            Standards=model.Standards(
                Standard=[
                    model.Standard(
                        OID=self.standard, Name=name, Type="IG", Version=version, Status="Final",
                        CommentOID="COM.LEFTOUT",
                    )
                ]
            ),
            ItemGroupDef=[self._group(data) for data in self.sets],
            ItemDef=[self._item(data, variable) for data in self.sets for variable in data.variables],
            CodeList=[self._code_list(name, values) for name, values in code_lists(self.sets).items()],
            MethodDef=[
                self._method(data, variable)
                for data in self.sets
                for variable in data.variables
                if variable.origin == "Derived"
            ],
            CommentDef=[model.CommentDef(OID="COM.LEFTOUT", Description=self._description(_lacks()))],
        )  # fmt: skip

    def _group(self, data: DataSet) -> Any:
        model, name = self.model, data.name.upper()
        items = [
            model.ItemRef(
                ItemOID=_oid("IT", data, variable),
                OrderNumber=place,
                Mandatory="Yes" if _always_there(data, variable) else "No",
                **({"KeySequence": data.keys.index(variable.name) + 1} if variable.name in data.keys else {}),
                **({"MethodOID": _oid("MT", data, variable)} if variable.origin == "Derived" else {}),
            )
            for place, variable in enumerate(data.variables, start=1)
        ]
        return model.ItemGroupDef(
            OID=f"IG.{name}",
            Name=name,
            SASDatasetName=name,
            Repeating="No" if data.of_class.startswith("SUBJECT LEVEL") else "Yes",
            IsReferenceData="No",
            Purpose="Analysis",
            Structure=data.structure,
            ArchiveLocationID=f"LF.{name}",
            StandardOID=self.standard,
            Description=self._description(data.label),
            ItemRef=items,
            Class=model.Class(Name=data.of_class),
            leaf=model.leaf(
                ID=f"LF.{name}", href=f"{data.name}.xpt", title=model.title(_content=f"{data.name}.xpt")
            ),
        )

    def _item(self, data: DataSet, variable: Variable) -> Any:
        model = self.model
        source = {} if variable.origin == "Predecessor" else {"Source": "Sponsor"}
        listed = variable.codelist
        item = model.ItemDef(
            OID=_oid("IT", data, variable),
            Name=variable.name,
            SASFieldName=variable.name,
            DataType=variable.type,
            Length=length_of(data, variable),
            **({"SignificantDigits": DIGITS} if variable.type == "float" else {}),
            Description=self._description(variable.label),
            Origin=[
                model.Origin(
                    Type=variable.origin, **source, Description=self._description(variable.derivation)
                )
            ],
        )
        if listed:
            item.CodeListRef = model.CodeListRef(CodeListOID=f"CL.{listed}")
        return item

    def _code_list(self, name: str, values: dict[str, str | None]) -> Any:
        model = self.model
        return model.CodeList(
            OID=f"CL.{name}",
            Name=name,
            DataType="integer" if name == "AVISITN" else "text",
            IsNonStandard="Yes",
            CodeListItem=[
                model.CodeListItem(
                    CodedValue=value,
                    Decode=model.Decode(TranslatedText=[self._text(words or value)]),
                )
                for value, words in values.items()
            ],
        )

    def _method(self, data: DataSet, variable: Variable) -> Any:
        return self.model.MethodDef(
            OID=_oid("MT", data, variable),
            Name=f"{data.name.upper()}.{variable.name}",
            Type="Computation",
            Description=self._description(variable.derivation),
        )

    def _description(self, text: str) -> Any:
        return self.model.Description(TranslatedText=[self._text(text)])

    def _text(self, text: str) -> Any:
        return self.model.TranslatedText(_content=text, lang="en")


def length_of(data: DataSet, variable: Variable) -> int:
    """Return the length of a variable: letters of its longest value, or digits of a number."""
    if variable.type == "float":
        return DIGITS
    shown = data.table[variable.name].dropna()
    texts = shown.astype(str) if variable.type == "text" else shown.astype(np.int64).astype(str)
    return max((len(text) for text in texts), default=1) or 1


def _oid(kind: str, data: DataSet, variable: Variable) -> str:
    return f"{kind}.{data.name.upper()}.{variable.name}"


def _always_there(data: DataSet, variable: Variable) -> bool:
    values = data.table[variable.name]
    return not (values.isna() | (values.astype(str) == "")).any()


def _lacks() -> str:
    left = "; ".join(f"{row.what}: {row.because}" for row in left_out())
    return f"Every record is simulated. Left out because calor does not model it: {left}."


def _odmlib() -> tuple[ModuleType, Any]:
    try:
        import odmlib.define_2_1.model as model  # an extra
        from odmlib.ns_registry import NamespaceRegistry
    except ImportError:
        raise UnsupportedError.of(
            "Define-XML needs odmlib, which is not installed", key="--adam", hint=INSTALL
        ) from None
    return model, NamespaceRegistry
