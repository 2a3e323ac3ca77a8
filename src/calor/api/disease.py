"""The disease model: its states, its numbers with source and grade, and the model for other tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.systems import System
from calor.core.errors import InputError
from calor.core.text_files import new_text_file

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text

    from calor.model.disease import Disease
    from calor.report.tables import Table
    from calor.therapy.compose import Composed

FORMATS = ("sbml", "antimony")


def load_model() -> Model:
    """Return the disease model, as `calor model` shows it."""
    from calor.model.disease import load_disease

    return Model(load_disease())


@dataclass(frozen=True, repr=False)
class Model(Result):
    """The disease model. Arguments: the disease as it was read."""

    disease: Disease

    @property
    def states(self) -> pd.DataFrame:
        """What changes over time, one row a state: id, name, module, unit."""
        import pandas as pd

        from calor.report.model_document import variable_document

        return pd.DataFrame([variable_document(one) for one in self.disease.states]).set_index("id")

    @property
    def quantities(self) -> pd.DataFrame:
        """The states and all that is computed from them, one row each."""
        import pandas as pd

        from calor.report.model_document import variable_document

        return pd.DataFrame([variable_document(one) for one in self.disease.variables]).set_index("id")

    @property
    def parameters(self) -> pd.DataFrame:
        """Every number of disease and measurement, one row each, with unit, spread, status, grade, source."""
        import pandas as pd

        from calor.report.model_document import all_parameters, parameter_document

        return pd.json_normalize([parameter_document(row) for row in all_parameters()]).set_index("id")

    @property
    def slots(self) -> dict[str, str]:
        """What a drug may act on, by name, with the process."""
        return {slot.name: slot.process for slot in self.disease.slots}

    @property
    def rivals(self) -> dict[str, str]:
        """The rival explanations by name, with what each says."""
        from calor.model.rivals import load_rivals

        return {rival.name: rival.says for rival in load_rivals()}

    def parameter(self, identifier: str) -> dict[str, Any]:
        """Return one number in full. Raises InputError with the nearest ids for one that there is not."""
        from calor.report.model_document import parameter_document, parameter_named

        return parameter_document(parameter_named(identifier))

    def system(self, drugs: str | Sequence[str] = ()) -> System:
        """Return the equations as a system to simulate, with drugs composed in (undosed)."""
        from calor.engine import load_sbml

        return System(load_sbml(self._composed(drugs).sbml))

    def export(
        self, path: str | Path | None = None, *, format: str = "sbml", drugs: str | Sequence[str] = ()
    ) -> str:
        """Return the model as SBML Level 3 Version 2 or Antimony, and write it to a file where one is named.

        Arguments: the file; `sbml` or `antimony`; drugs to compose in, by id or file (without doses).
        Raises InputError for another format, an unknown drug or a file that cannot be written.
        """
        if format not in FORMATS:
            raise InputError.of(f"is {format!r}", key="format", allowed=", ".join(FORMATS))
        composed = self._composed(drugs)
        text = composed.sbml if format == "sbml" else composed.antimony
        if path is not None:
            with new_text_file(Path(path)) as file:
                file.write(text)
        return text

    def to_pandas(self) -> pd.DataFrame:
        """Return the parameters."""
        return self.parameters

    def _composed(self, drugs: str | Sequence[str]) -> Composed:
        from calor.api.words import texts_of
        from calor.therapy.compose import compose
        from calor.therapy.library import load_drug

        return compose(self.disease, [load_drug(name) for name in texts_of(drugs)])

    def _document(self) -> dict[str, Any]:
        from calor.report.model_document import summary_of

        return summary_of(self.disease)

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.numbers import shares_text
        from calor.report.tables import Table, number, words

        document = self._document()
        yield (
            f"The disease model: {document['states']} states, {document['quantities']} quantities, "
            f"{document['parameters']} numbers ({document['uncertain']} with a prior, "
            f"{document['varying_between_patients']} differing between patients), {document['slots']} slots "
            f"for drugs, {len(document['rivals'])} rival explanations."
        )
        rows = [
            (module["name"], ", ".join(module["states"]) or "-", str(module["parameters"]))
            for module in document["modules"]
        ]
        yield Table((words("module"), words("states"), number("numbers")), rows)
        yield f"What the numbers rest on: {shares_text(document['share_by_status'])}."
