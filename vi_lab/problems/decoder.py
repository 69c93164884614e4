"""A decoder that is given: two hidden coordinates for each image."""

from __future__ import annotations

from vi_lab.problems.pieces import make_problem
from vi_lab.problems.problem import Problem
from vi_lab.vae.evidence.decoder_model import DecoderModel
from vi_lab.vae.runs.pretrained import load_held_out_digits, load_pretrained


def _digits() -> Problem:
    x = load_held_out_digits().x
    return make_problem(
        "digits",
        DecoderModel,
        dict(decoder=load_pretrained(), x=x),
        story="each image is 64 coin tosses, their odds decoded from two hidden coordinates",
        data="20 of the 8x8 digits, in ink or not; the decoder was trained on 1,697 others",
        columns={"digits": ("images",), "digits_vae": ()},
        look_at="the best Gaussian q of each image against the encoder's: what amortisation costs",
    )


PROBLEMS = (_digits,)
