# %% [markdown] name="title"
# # Lesson 01 · The identity
#
# **Questions** · What does KL measure, and which way round? …
#
# **80 minutes** · needs lesson 00 · slides 5–14

# %% name="setup"
import matplotlib.pyplot as plt
import numpy as np

import vi_lab as vl
from vi_lab.teach import card, check, hint, predict, ready, reveal, solution

print(f"lesson 01, vi_lab {vl.__version__}")

# %% [markdown] name="kl-text"
# How far is $q$ from $p$? …

# %% name="kl" exercise="01.1"
check("01.1", kl)

# %% name="kl-of-two-coins"
kl = ready("01.1", kl)
print(f"{kl(np.array([0.5, 0.5]), np.array([0.9, 0.1])):.4f} nats")

# %% name="digits" prediction="01.a"
predict("01.a", "15")

# %% name="digits-revealed"
reveal("01.a", "15")

# %% name="card"
card("01")
