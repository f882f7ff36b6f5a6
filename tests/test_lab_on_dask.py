"""A sweep on a cluster: two lines more, and the same result."""

from __future__ import annotations

from dask.distributed import Client, LocalCluster

from payflows.subscriptions.dunning import SEED_AS_GAPS
from simulations.subscriptions.lab.experiment import sweep
from simulations.subscriptions.lab.fields import failed_renewals
from simulations.subscriptions.lab.jobs import Laboratory


def test_a_cluster_finds_the_same() -> None:
    cohort = failed_renewals(SEED_AS_GAPS, count=500)
    grid = {"people.parameters.risk_cure": (0.2, 0.3, 0.4, 0.5)}

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,  # type: ignore[no-untyped-call]  # Dask's own
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        on_cluster = sweep(cohort, grid, seed=1, lab=Laboratory(executor=client.get_executor()))

    assert on_cluster.equals(sweep(cohort, grid, seed=1))
