"""Lesson 05: what is affine, one line, six posteriors, a bound too high, and what to predict."""

from vi_lab.teach.exercise import Choice, Prediction

GIBBS_COSTS = "Gibbs has no conditional with a name to draw from here."
AFFINE = Choice(
    id="05.4",
    title="Which log joints are affine in each block?",
    minutes=8,
    star=False,
    question=(
        "Which of these terms of a log joint is affine in the statistics of each block while the "
        "other is held?"
    ),
    items=(
        "E(s) log r - L(s) r, statistics: indicator of s; (log r, r)",
        "-(x - a b)²/2, statistics: (a, a²); (b, b²)",
        "-(x - Σ_k z_k m_k)²/2, statistics: z_k; (m_k, m_k²) for each k",
        "log sigmoid(x w), statistics: (w, w²)",
    ),
    answers=("affine", "affine", "not affine", "not affine"),
    wrong=(
        {
            "not affine": "For each s it is a number times log r minus a number times r; for given "
            "rates it is a table over s. That is affine in both.",
        },
        {
            "not affine": "Multiplied out it is x a b - a² b²/2 and a constant: a and a² stand "
            "once, beside what b brings, and the other way round.",
        },
        {
            "affine": "It looks affine and is not: multiplied out it has z_k z_l m_k m_l. For a "
            "real indicator those products vanish, so Gibbs is right; for averages they do not, "
            "and CAVI is silently wrong. Write Σ_k z_k (x - m_k)².",
        },
        {
            "affine": "A curve in w is no straight line in (w, w²): the conditional of w has no "
            "name. (Pólya-Gamma variables make it affine.)",
        },
    ),
    why="Only a straight line has its average at the average: E[f(t)] = f(E[t]).",
    hints=(
        "Multiply out. Does any statistic of a block meet another one of the same block?",
        "Affine: f(t + u) - f(t) does not depend on t.",
        "For a real indicator z_k z_l = 0; for averages 0.5 · 0.5 is not.",
    ),
)
LINE = Choice(
    id="05.5",
    title="The one line that turns Gibbs into CAVI",
    minutes=5,
    star=False,
    question=(
        "The loop of Gibbs: eta = conditional(t), then t[b] = stats(sample(eta)). "
        "Which line stands in CAVI in place of the second?"
    ),
    answers=("t[b] = expected_stats(eta)",),
    wrong=(
        {
            "t[b] = stats(sample(eta))": "A draw is put back: that is Gibbs as it was.",
            "t[b] = eta": "The natural parameter for the expected statistics: eta stands in the "
            "density, the others want E[t].",
            "t[b] = stats(mean(eta))": "The statistic of the mean: E[log tau] is less than "
            "log E[tau], and E[mu²] more than E[mu]². That is a plug-in, and it forgets the "
            "spread.",
        },
    ),
    why="CAVI puts in what the others are on average, and takes the conditional as its new q.",
    hints=(
        "CAVI's q says what a block is on average. An average of what do the others need?",
        "The log joint is affine in t, so E_q of it needs E_q[t].",
        "For a gamma block that is (digamma(shape) - log(rate), shape/rate).",
    ),
)
METHOD = Choice(
    id="05.6",
    title="A method for each of six posteriors",
    minutes=12,
    star=False,
    question="Which method do you take first?",
    items=(
        "a mean and a precision, 66 data, conjugate prior",
        "three weights of a logistic regression, all widths wanted",
        "twenty groups with means and a variance, named conditionals, all widths wanted",
        "topics of 100,000 documents by tonight, means are enough",
        "16 spins of two states each",
        "a lower bound on log p(x) for each of 30 models with named conditionals",
    ),
    answers=("exact", "metropolis-hastings", "gibbs", "cavi", "exact", "cavi"),
    wrong=(
        {
            "cavi": "It cuts the tie of the two; the posterior is known in closed form.",
            "gibbs": "It would come close, draw by draw; the posterior is known in closed form.",
            "metropolis-hastings": "A walk around a posterior that is known in closed form.",
        },
        {
            "cavi": "No conditional has a name, and CAVI's widths would be too narrow.",
            "exact": "The integral has no closed form; a grid in three dimensions may do, a fourth "
            "weight ends it.",
            "gibbs": GIBBS_COSTS,
        },
        {
            "cavi": "Its means may do; its widths are those of conditionals, too narrow.",
            "exact": "The variance ties all groups; no closed form is left.",
            "metropolis-hastings": "It would have to step in 22 dimensions at once, and the "
            "conditionals are at hand.",
        },
        {
            "exact": "The sum over all assignments of words has more terms than there are atoms.",
            "gibbs": "It is right in the end, but one sweep over all words is one correlated draw.",
            "metropolis-hastings": "Steps in so many dimensions are tiny, or refused.",
        },
        {
            "cavi": "65,536 states can be added up; CAVI would break the symmetry.",
            "gibbs": "65,536 states can be added up; there is no need to draw.",
            "metropolis-hastings": "65,536 states can be added up; there is no need to walk.",
        },
        {
            "exact": "Where it is known, take it; for most models it is not.",
            "gibbs": "Draws give averages under the posterior; log p(x) is not one of them.",
            "metropolis-hastings": "p(x) cancelled, which is why it works, and it does not come "
            "back.",
        },
    ),
    why="Sum or integrate where you can; draw where widths matter; bound where size or p(x) does.",
    hints=(
        "First question: can it be summed or integrated? Second: what is it wanted for?",
        "Draws cost time and are right in the end; CAVI is quick, its widths are too narrow.",
        "Only CAVI brings a bound on log p(x) along.",
    ),
)
BOUND = Choice(
    id="05.7",
    title="MH right, CAVI's q right, the ELBO above log p(x)",
    minutes=12,
    star=False,
    question="One term of the model was written anew. What is wrong with it?",
    answers=("a square of a mean",),
    wrong=(
        {
            "the prior": "A wrong prior would move the draws of Metropolis-Hastings, and these "
            "agree with the truth.",
            "the KL": "It comes by a route of its own, from q and the posterior, and neither "
            "changed: 0.0261 nats before and after.",
            "the search": "A q that is not the best has a lower ELBO. This one is above log p(x), "
            "where no q can be.",
        },
    ),
    why=(
        "mu.value**2 is mu² at every real mu, so Metropolis-Hastings cannot tell. At the averages "
        "of q it is E[mu]² and not E[mu²]: the variance of q is lost. Lines (1) to (4) of the "
        "derivation read the log joint at real points; line (5) alone reads it at averages."
    ),
    hints=(
        "Which of the five lines of the derivation differs? What does it read that others do not?",
        "Metropolis-Hastings evaluates the log joint at real mu, the ELBO at E[mu] and E[mu²].",
        "Is the new term a straight line in (mu, mu²)?",
    ),
)
SLOPE = Choice(
    id="05.8",
    title="a Gaussian beside CAVI",
    minutes=4,
    star=True,
    question="On clutter CAVI falls 0.505 nats short of log p(x), the best Gaussian 0.0024. "
    "Both are variational. What makes the difference?",
    answers=("the labels are summed out",),
    wrong=(
        {
            "the posterior is a Gaussian": "It is none: 0.0024 nats are left. And CAVI's factor of "
            "theta is a Gaussian too.",
            "a gradient finds a better optimum": "CAVI is at its optimum. It is the family that is "
            "poorer: a factor for theta and one for each label.",
            "it has a full covariance": "theta is one number: there is nothing to covary with.",
        },
    ),
    why="Factors of theta and of the labels do not know of each other. Summed out, labels follow "
    "theta, and half a nat comes back.",
    hints=(
        "What is q over, in each of the two?",
        "CAVI has a factor for every label; the Gaussian has theta alone.",
        "What happened to the labels before the Gaussian was fitted?",
    ),
)
CHOICES = (AFFINE, LINE, METHOD, BOUND, SLOPE)

METHODS = ("CAVI", "Gibbs", "Metropolis-Hastings")
PREDICTIONS = tuple(
    Prediction(f"05.{letter}", f"Which comes nearest to the truth on {problem}?", METHODS)
    for letter, problem in zip(
        "abc",
        (
            "eight-schools (eight means that share an unknown spread)",
            "ising (a grid of spins that like to agree)",
            "tiny-mixture (two components without names)",
        ),
        strict=True,
    )
)
