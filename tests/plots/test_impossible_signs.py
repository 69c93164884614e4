"""A gap or KL below zero, beyond its error, is called a mistake by every picture that has both."""

from dataclasses import replace

import numpy as np

from tests.tables import table
from vi_lab import compare, plots, sweep
from vi_lab.vae import Gaps

ONE = np.array([0.0, 1.0])


def gaps(approximation, amortisation, error, route="quadrature"):
    elbo, two = np.full(2, -5.0), np.ones(2)
    parts = np.array([approximation, 1.0]), np.array([amortisation, 1.0])
    total = elbo + sum(parts)
    return Gaps(total, elbo, *parts, 0.0 * two, error * two, route)


PICTURES = [
    (lambda: plots.balance(ONE, [-3, -2], [1.0, 0.0], -2.0), ""),
    (lambda: plots.balance(ONE, [-3, -2], [1.0, -1e-7], -2.0), ""),
    (lambda: plots.balance(ONE, [-3, -1], [1.0, -1.0], -2.0), "a KL below 0: a mistake"),
    (lambda: plots.balance(ONE, [-3, -1], [1.0, 0.0], -2.0), "log p(x) − ELBO below 0: a mistake"),
    (lambda: plots.bound_over(ONE, [-3, -2], log_evidence={1.0: -1.9}), ""),
    (lambda: plots.bound_over(ONE, [-3, -2], log_evidence={1.0: -2.1}), "log p(x) − ELBO below 0"),
    (lambda: plots.bound_over(ONE, [-3, -2], log_evidence={0.0: -2.1}), ""),
    (lambda: plots.symmetry_gap(ONE, [0.5, 0.0], 2), ""),
    (lambda: plots.symmetry_gap(ONE, [0.5, -0.1], 2), "a gap below 0: a mistake"),
    (lambda: plots.gap_waterfall(gaps(0.5, 0.5, 1e-9)), ""),
    (lambda: plots.gap_waterfall(gaps(-0.5, 0.5, 1e-9)), "an approximation gap below 0: a mistake"),
    (lambda: plots.gap_waterfall(gaps(0.5, -0.5, 1e-9)), "an amortisation gap below 0: a mistake"),
    (lambda: plots.gap_waterfall(gaps(-0.5, 0.5, 0.6)), ""),
    (lambda: plots.gap_waterfall(gaps(-0.5, 0.5, 0.2, "importance sampling")), ""),  # 5 errors
    (lambda: plots.gap_waterfall(gaps(-0.5, 0.5, 0.05, "importance sampling")), "approximation"),
]


@table(("draw", "words"), PICTURES)
def test_a_picture_says_that_a_sign_is_impossible(draw, words):
    ax = draw()
    title, text = ax.get_title() + ax.get_title("left"), plots.alt_text(ax)
    assert ("mistake" in title) is ("mistake" in text) is bool(words)
    assert words in title and words in text


def test_pictures_of_a_comparison_name_who_claims_too_much():
    honest = compare(sweep("correlated"), methods=["exact", "cavi"], rng=0)
    rows = [
        replace(r, gap=-0.5) if r.method == "cavi" and "0.9" in r.problem else r
        for r in honest.rows
    ]
    wrong = replace(honest, rows=tuple(rows))
    for draw in (plots.sweep_gap, lambda c, **k: plots.dots(c, "gap", **k)):
        for comparison in (honest, wrong):
            ax = draw(comparison)
            said = plots.alt_text(ax) if draw is not plots.sweep_gap else ax.get_title("left")
            said += ax.get_title() + ax.get_title("left")
            assert ("a mistake: CAVI on correlated" in said) is (comparison is wrong)
    assert "mistake" not in plots.alt_text(plots.dots(wrong, "seconds"))
