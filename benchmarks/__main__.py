"""Every benchmark, one after the other."""

from benchmarks import client_rate, throttle_cost

if __name__ == "__main__":
    client_rate.main()
    throttle_cost.main()
