"""The constructors of the families: whatever is handed in, one clear error."""

import numpy as np
import pytest

from tests.tables import table
from vi_lab import InputError, InputTypeError, families


@pytest.mark.parametrize("name", ["Gamma", "Beta", "Spin", "InverseGamma"])
def test_a_family_without_settings_takes_none(name):
    family = getattr(families, name)
    for call in (lambda: family(1), lambda: family(shape=1), lambda: family(1, 2)):
        with pytest.raises(InputTypeError, match=rf"^{name}\(\) takes no arguments; {name}\.of"):
            call()
    assert type(family()) is family


@table(
    "name",
    "Bits Categorical Dirichlet GaussianChain MarkovChain Multinomial MultivariateNormal "
    "NormalWishart PolyaGamma".split(),
)
def test_a_setting_that_is_missing_or_unknown_is_told(name):
    family = getattr(families, name)
    with pytest.raises(InputTypeError, match=rf"^{name}\(\) missing a required argument"):
        family()
    with pytest.raises(InputTypeError, match=rf"^{name}\(\) has no argument 'rows'"):
        family(rows=3)
    with pytest.raises(InputTypeError, match=rf"^{name}\(\) too many positional"):
        family(2, 3, 4)
    for bad in ("x", {}, None):
        with pytest.raises(InputTypeError):
            family(bad)


@pytest.mark.parametrize("bad", ["x", {}, None, 1j])
def test_a_centre_is_real_numbers(bad):
    for call in (
        lambda: families.Normal(bad),
        lambda: families.GaussianChain(2, bad),
        lambda: families.MultivariateNormal(2, bad),
        lambda: families.NormalWishart(2, bad),
    ):
        with pytest.raises(InputTypeError, match=r"^centre: needs"):
            call()


def test_a_centre_has_the_size_of_the_values():
    for call in (
        lambda: families.Normal([1.0, 2.0]),
        lambda: families.GaussianChain(2, [1.0, 2.0, 3.0]),
        lambda: families.MultivariateNormal(2, [1.0, 2.0, 3.0]),
        lambda: families.NormalWishart(2, np.zeros((2, 2))),
        lambda: families.Normal(np.nan),
    ):
        with pytest.raises(InputError, match=r"^centre: needs"):
            call()
