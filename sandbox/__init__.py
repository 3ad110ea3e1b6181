"""A stand-in for Battle.net on your own machine, for the demo, the tests and the benchmarks.

It imports nothing from the site, and nothing that ships imports it: the site only knows its address.
"""
