"""The JSON Schema of protocols, for editors."""

from __future__ import annotations

from functools import cache
from typing import Any

from calor.study import Protocol
from calor.trial.analysis.methods import methods


def protocol_schema() -> dict[str, Any]:
    """Return the schema of a protocol with the analyses that it can name."""
    schema = Protocol.model_json_schema()
    schema["$defs"]["Analysis"]["properties"]["method"] = {"enum": sorted(methods()), "type": "string"}
    return schema


@cache
def design_descriptions() -> dict[str, str]:
    """Return what each design is and how it is set, by its `design.type`: a sentence, then paragraphs."""
    schema = Protocol.model_json_schema()
    places = schema["properties"]["design"]["discriminator"]["mapping"]
    return {name: schema["$defs"][place.split("/")[-1]]["description"] for name, place in places.items()}
