"""A stand-in for Battle.net on your own machine, for the demo, the tests and the benchmarks.

It imports nothing of the site, and nothing of the site that ships imports it: the site only knows its address.
"""
