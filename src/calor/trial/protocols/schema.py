"""The JSON Schema of protocols, for editors."""

from __future__ import annotations

from typing import Any

from calor.study import Protocol
from calor.trial.analysis.methods import methods


def protocol_schema() -> dict[str, Any]:
    """Return the schema of a protocol with the analyses that it can name."""
    schema = Protocol.model_json_schema()
    schema["$defs"]["Analysis"]["properties"]["method"] = {"enum": sorted(methods()), "type": "string"}
    return schema
