"""What a VAE's bound lacks: a little for sharing one encoder, a little for being Gaussian."""

from vi_lab import plots
from vi_lab.vae.runs.pretrained import load_held_out_digits, load_pretrained

fit, digits = load_pretrained(), load_held_out_digits()
ax = plots.gap_waterfall(fit.gaps(digits.x[:100], rng=0))
