"""The builder of data/atlas.json: every number in it is computed here, most of them twice."""
