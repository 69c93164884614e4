"""A study on a local cluster of Dask: two worker processes, one of them killed in the middle."""

import os
from functools import partial

import pytest

from tests.studies.rows import double, located, measure_of, noted, waiting
from tests.studies.test_study import begun, numbers
from vi_lab.errors import ClusterError
from vi_lab.studies.study import study

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # distributed's own


def run(out, measure, **more):
    return study(problems="coal", methods="double", measure=measure, out=out, **more)


def test_the_rows_of_a_cluster_are_those_of_one_process(tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        measure = measure_of(partial(noted, str(notes), True))
        made = run(tmp_path / "cluster", measure, seeds=12, cluster=cluster.scheduler_address)
        here = run(tmp_path / "here", measure_of(double), seeds=12, jobs=1)
        assert numbers(made.rows()) == numbers(here.rows())
        assert begun(notes)[3] == 2  # its worker was killed

        def go_away(answer):
            cluster.close()

        slow = measure_of(partial(waiting, 0.5))
        with pytest.raises(ClusterError, match="went away"):
            run(tmp_path / "cluster", slow, seeds=40, cluster=cluster.scheduler_address,
                on_row=go_away)  # fmt: skip
    rows = list(run(tmp_path / "cluster", measure, seeds=40, jobs=1).rows())
    assert [row["seed"] for row in rows if row["part"] == 0] == list(range(40))


def test_a_cluster_of_one_core_computes_the_rows_too(tmp_path):
    """As it may be while its other workers are down."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        made = run(tmp_path, measure_of(located), seeds=3, cluster=cluster.scheduler_address)
        assert os.getpid() not in {row["twice"] for row in made.rows()}


def test_no_cluster_is_told(tmp_path):
    with pytest.raises(ClusterError, match=r"cannot reach tcp://127\.0\.0\.1:9"):
        run(tmp_path, measure_of(double), seeds=1, cluster="tcp://127.0.0.1:9")
