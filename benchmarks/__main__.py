"""Every benchmark, one after the other."""

from benchmarks import client_rate

if __name__ == "__main__":
    client_rate.main()
