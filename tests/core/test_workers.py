"""Who works is asked for by options, and what would compute other digits is refused by name."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.core.executors.cluster import Cluster
from calor.core.executors.executor import cores_at_hand
from calor.core.executors.opening import Workers
from calor.core.host import VECTOR_UNIT, deciders_of_digits, differences

HERE = {"numpy": "2.1", VECTOR_UNIT: "avx avx2", "processor": "haswell"}


def test_machines_that_are_alike_have_no_differences() -> None:
    assert differences(HERE, dict(HERE)) == ()
    assert differences(deciders_of_digits(), deciders_of_digits()) == ()


def test_what_differs_is_told_by_name() -> None:
    there = {"numpy": "2.2", VECTOR_UNIT: "avx avx2 avx512f", "processor": "haswell"}
    assert differences(HERE, there) == ("numpy: 2.1 here, 2.2 there", "vector unit: avx512f only there")
    assert differences(there, HERE)[1] == "vector unit: avx512f only here"
    assert differences(HERE, {}) != ()


def test_this_process_tells_code_libraries_and_vector_units() -> None:
    told = deciders_of_digits()
    assert {"calor's code", "numpy", "llvmlite", VECTOR_UNIT, "linear algebra"} <= set(told)
    assert all(told.values())


def test_a_cluster_with_an_unlike_worker_is_refused_by_name() -> None:
    everybody = {
        "tcp://10.0.0.1:40001": dict(deciders_of_digits()),
        "tcp://10.0.0.2:40001": {**deciders_of_digits(), VECTOR_UNIT: "sse2"},
    }
    client: Any = SimpleNamespace(run=lambda function, on_error: everybody)
    with pytest.raises(
        UnsupportedError, match=r"tcp://10\.0\.0\.2:40001 .* vector unit: .* only here"
    ) as refused:
        Cluster(client)
    assert refused.value.exit_code == 3
    del everybody["tcp://10.0.0.2:40001"]
    Cluster(client)


def test_a_cluster_whose_workers_lack_calor_is_refused() -> None:
    lacking = ModuleNotFoundError("No module named 'calor'", name="calor")
    client: Any = SimpleNamespace(run=lambda function, on_error: {"tcp://10.0.0.1:40001": lacking})
    with pytest.raises(UnsupportedError, match="a worker of the cluster has no calor"):
        Cluster(client)


def test_a_worker_lost_while_it_is_asked_is_left_to_dask_and_what_else_fails_is_not_hidden() -> None:
    everybody = {"tcp://10.0.0.1:40001": OSError("closed"), "tcp://10.0.0.2:40001": deciders_of_digits()}
    client: Any = SimpleNamespace(run=lambda function, on_error: everybody)
    Cluster(client)
    everybody["tcp://10.0.0.2:40001"] = {}
    with pytest.raises(UnsupportedError, match=r"tcp://10\.0\.0\.2:40001"):
        Cluster(client)
    everybody["tcp://10.0.0.2:40001"] = ZeroDivisionError("a mistake")
    with pytest.raises(ZeroDivisionError):
        Cluster(client)


@pytest.mark.parametrize(
    "error", [RuntimeError("Nanny failed to start."), TimeoutError(), OSError(11, "busy")]
)
def test_a_worker_that_does_not_start_is_one_error(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def cluster(**options: object) -> None:
        raise error

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(LocalCluster=cluster))
    with (
        pytest.raises(InputError, match=r"(?s)a worker of local:2 did not start: .+ start again"),
        Workers(cluster="local:2").threads(),
    ):
        pass


@pytest.mark.parametrize(
    "cluster", ["", "local", "local:0", "local:257", "local:two", "10.0.0.1:8786", "tcp://host"]
)
def test_what_names_no_cluster_is_refused(cluster: str) -> None:
    with pytest.raises(InputError, match="names no cluster"), Workers(cluster=cluster).threads():
        pass


def test_without_dask_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(UnsupportedError, match=r"pip install 'calor\[cluster\]'"),
        Workers(cluster="local:2").threads(),
    ):
        pass


def test_work_here_uses_as_many_cores_as_workers_were_asked_for() -> None:
    with Workers(3).threads() as executor:
        assert executor.workers == cores_at_hand() == 3
    with Workers(1).processes() as executor:
        assert executor.workers == cores_at_hand() == 1
