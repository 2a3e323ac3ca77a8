"""A small comparison, believed once for all tests of this folder."""

from __future__ import annotations

import pytest

from calor.core.executors import Threads
from calor.core.progress import SILENT
from calor.decision.asking import Answer, Asking, answer
from calor.decision.believed import Believed, Size, believe
from calor.decision.money.figures import money_with
from calor.population.posteriors import Shipped, shipped_posterior
from calor.trial.bank.scenario import Scenario
from tests.decision.asked import asked

SMALL = Size(seed=1, executor=Threads(1), worlds=10, people=8)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return Scenario(shipped_posterior(Shipped.PRODUCT))


@pytest.fixture(scope="session")
def believed(scenario: Scenario) -> Believed:
    """Ten worlds a rival, eight people a world: enough to see that everything fits together."""
    return believe(asked(), scenario, money_with(), SMALL, SILENT)


@pytest.fixture(scope="session")
def answered(scenario: Scenario) -> Answer:
    asking = Asking(
        question=asked(), scenario=scenario, money=money_with(), size=SMALL, budget=1e6, portfolio=True
    )
    return answer(asking, SILENT)
