"""How much of an answer rests on data and how much on judgement, as one bar."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, settled

DATA, JUDGEMENT = "#0b6e99", "#e3e6e9"


def basis_rows(posterior: dict[str, object], by_status: dict[str, float]) -> pd.DataFrame:
    """Return the data of the figure: shares by bar and kind, each bar adding up to 1.

    Arguments: a result's posterior, and the share of the disease's numbers by status.
    """
    prior = float(str(posterior["share_resting_on_prior"]))
    known = sum(share for status, share in by_status.items() if status != "assumed")
    shares = {"numbers of this run": 1 - prior, "numbers of the disease": known}
    rows = [(bar, kind, share) for bar, data in shares.items()
            for kind, share in (("rests on data", data), ("rests on judgement", 1 - data))]  # fmt: skip
    return pd.DataFrame(rows, columns=["bar", "kind", "share"])


def draw_basis(rows: pd.DataFrame) -> Figure:
    """Return the bars of `basis_rows`."""
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 1.25), layout="constrained")
        axes = figure.subplots()
        for place, (_, part) in enumerate(rows.groupby("bar", sort=False)):
            data, judgement = (float(share) for share in part["share"])
            axes.barh(place, data, color=DATA, edgecolor="#52606d", linewidth=0.5,
                      label="rests on data" if place == 0 else None)  # fmt: skip
            axes.barh(place, judgement, left=data, color=JUDGEMENT, edgecolor="#52606d", linewidth=0.5,
                      label="rests on judgement" if place == 0 else None)  # fmt: skip
            axes.text(data + judgement / 2, place, f"{judgement:.0%}", ha="center", va="center")
            axes.text(data / 2, place, f"{data:.0%}", ha="center", va="center", color="white")
        axes.set_yticks(range(2), list(dict.fromkeys(rows["bar"])))
        axes.set_xlim(0, 1)
        axes.set_ylim(1.5, -0.5)
        axes.set_xticks([])
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2)
    return settled(figure, 8)
