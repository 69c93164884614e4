"""Lessons: one source each, from which the learner's and the worked notebook are made.

`notebooks/source/NN_name.py` is py:percent. Each cell's header carries a unique `name` (its id in
both notebooks) and says what kind of cell it is:

    # %% [markdown] name="kl-text"        prose
    # %% name="setup"                     code, in both versions
    # %% name="kl" exercise="01.1"        body: check("01.1", kl); above it is put the
                                          solution, or the stub, from the bank;
                                          under the stub, in a cell of its own, the curve to
                                          expect
    # %% name="which" choice="01.6"       body: choose("01.6", "right"); the question is put
                                          above it, the learner gets choose("01.6", ...)
    # %% name="digits" prediction="01.a"  body: predict("01.a", "8"); likewise
    tags=["solution"]                     in the worked version alone
    tags=["claim"]                        the same: an assertion behind a sentence of the prose
    tags=["expected"]                     a picture that the learner's version keeps
    tags=["answer"]                       a picture that answers a prediction or a question: the
                                          learner sees it when the cell is run
    tags=["seconds"]                      shows run times, which are left out of comparisons
"""
