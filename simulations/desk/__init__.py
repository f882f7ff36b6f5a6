"""The desk: the dunning lab and the fee lab as a page for people who read no code. `make desk` serves it."""
