"""The causal graph of the disease, its signs taken along the courses of people drawn from the prior."""

from __future__ import annotations

import numpy as np

from calor.core.streams import Stream
from calor.model.causal import CausalGraph, causal_graph
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.population.patients import draw_patients
from calor.population.uncertainty import draw_worlds, restricted

WORLDS, PEOPLE = 30, 360


def graph_of_disease() -> CausalGraph:
    """Return who influences whom in the disease, over all rivals."""
    disease = load_disease()
    stream = Stream(1)
    drawn = draw_worlds(disease.parameters, stream, np.arange(WORLDS))
    by_rival = [restricted(drawn, rival.sets) for rival in load_rivals()]
    worlds = {name: np.concatenate([world[name] for world in by_rival]) for name in drawn}
    draws = np.arange(PEOPLE) % (WORLDS * len(by_rival))
    people = draw_patients(disease.parameters, worlds, stream, np.arange(PEOPLE), draws)
    names = tuple(people.values)
    return causal_graph(disease, names, people.matrix(names))
