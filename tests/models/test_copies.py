"""Models are plain objects: pickled or copied they are the same, with conditionals of their own."""

import copy
import pickle

import numpy as np
import pytest

from tests.contract.models import MODELS
from tests.tables import table
from vi_lab.model import statistics

OURS = {
    name: case.model
    for name, case in MODELS.items()
    if type(case.model).__module__.startswith("vi_lab.")
}


def pickled(model):
    return pickle.loads(pickle.dumps(model))


@table("name", OURS)
@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_a_copy_is_the_same_model_and_another_object(name, copied):
    model = OURS[name]
    twin = copied(model)
    stats = statistics(model, model.sample_initial_values(np.random.default_rng(1), (3,)))
    assert np.array_equal(twin.log_joint(stats), model.log_joint(stats))
    for block in model.blocks:
        one, two = (m.blocks[block].complete_conditional for m in (model, twin))
        assert all(map(np.array_equal, one(stats), two(stats))), block
        assert getattr(getattr(two, "func", two), "__self__", twin) is twin, block
