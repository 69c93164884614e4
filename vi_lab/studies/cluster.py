"""Many jobs on the workers of a Dask cluster, through joblib's backend of that name."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vi_lab.errors import ClusterError, NotApplicable, error_text

REACH_SECONDS = 10  # for the scheduler to answer
WORKERS_SECONDS = 30  # for the first worker


def run_on_cluster(
    function: Callable[..., Any],
    jobs: Sequence[tuple[Any, ...]],
    address: str,
    done: Callable[[int, Any], None],
) -> None:
    """Call done(i, function(*jobs[i])) for each job, in the order in which they end.

    A worker that dies costs nothing but time: the scheduler hands its jobs to another.

    Parameters
    ----------
    address : str
        Of the scheduler, such as "tcp://10.0.0.1:8786". Its workers have this vi_lab installed.

    Raises
    ------
    NotApplicable
        Where distributed is not installed.
    ClusterError
        Where the scheduler is not there, or goes away; `done` has had what was finished.
    """
    try:
        from distributed import Client
        from distributed.comm import CommClosedError
    except ImportError:
        raise NotApplicable("a cluster needs Dask: pip install distributed") from None
    from concurrent.futures import CancelledError

    from joblib import Parallel, delayed, parallel_config
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        """joblib's, of which a cluster of one core is a cluster too: with n_jobs of 1, which it is
        while the other workers are down, joblib would compute in this process."""

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, int(super().effective_n_jobs(n_jobs)))

    lost = (OSError, CancelledError, CommClosedError, TimeoutError)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(contextlib.closing(Client(address, timeout=REACH_SECONDS)))
        except (*lost, ValueError) as error:
            raise ClusterError(f"cluster: cannot reach {address}; {error_text(error)}") from None
        stack.enter_context(parallel_config(Backend(wait_for_workers_timeout=WORKERS_SECONDS)))
        tasks = (delayed(_attempt)(function, number, job) for number, job in enumerate(jobs))
        answers: Iterator[tuple[int, Any]] = iter(())
        for begun in range(len(jobs)):
            try:
                if not begun:
                    answers = Parallel(return_as="generator_unordered", batch_size=1)(tasks)
                number, answer = next(answers)
            except lost as error:
                raise ClusterError(
                    f"cluster: {address} went away; {error_text(error)}. What is finished is kept: "
                    "run the same again"
                ) from None
            done(number, answer)


def _attempt(function: Callable[..., Any], number: int, job: tuple[Any, ...]) -> Any:
    """In a worker: the number of the job and its answer; BLAS has one thread, as anywhere."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        return number, function(*job)
