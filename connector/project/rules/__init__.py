"""The files of `rules/`: what may stand in each, and the frozen rules they become."""
