"""The dunning lab: the calibrated subscribers' lives on arrays, and experiments with policies on millions of them.

A package, since what is kept, what is read, the calendar, the renewals, dunning and the compiler are a page each, and
Numba compiles modules of scalar functions.
"""
