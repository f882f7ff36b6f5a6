"""Virtual time: SimPy's world, a clock moved by hand, task runners and keyed draws."""
