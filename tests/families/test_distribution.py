"""A distribution at a look: up to six numbers of a parameter, and of more the shape."""

import numpy as np

from vi_lab import Categorical


def test_up_to_six_numbers_are_shown():
    six = np.array([[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
    shown = repr(Categorical.of(probabilities=six)).replace(" ", "")
    assert shown == "Categorical(probabilities=[[0.25,0.5,0.25],[0.,1.,0.]])"
    seven = Categorical.of(probabilities=np.full(7, 1 / 7))
    assert repr(seven) == "Categorical(probabilities=array(7,))"
