"""Prints statistics.json: p-values and intervals of scipy, where nothing depends on its random numbers.

    python make-statistics.py > statistics.json

Permutation tests try all patterns. Bootstrap limits are those of a given distribution: for four values all 4^4
samples, for the others means of samples that are printed with them. The long cases have so many samples that chance
moves their limits little. Made with Python 3.11.
"""

import itertools
import json
import sys
from types import SimpleNamespace

import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(5)


def permutation_cases():
    cases = []
    for name, count, tied in [("eight", 8, False), ("twelve", 12, False), ("tied", 9, True)]:
        a, b = random.random((2, count))
        if tied:
            a, b = np.round(a * 4) / 4, np.round(b * 4) / 4
        values = {}
        for alternative in ["two-sided", "greater", "less"]:
            result = stats.permutation_test(
                (a - b,),
                np.mean,
                permutation_type="samples",
                n_resamples=np.inf,
                alternative=alternative,
                vectorized=True,
            )
            values[alternative] = float(result.pvalue)
        cases.append({"name": name, "a": a.tolist(), "b": b.tolist(), "pValues": values})
    return cases


def interval_cases():
    cases = []
    four = random.random(4) ** 2
    all_samples = np.array([np.mean(draw) for draw in itertools.product(four, repeat=4)])
    skewed = random.exponential(size=25)
    drawn = skewed[random.integers(0, 25, (400, 25))].mean(axis=1)
    for name, values, distribution in [("four", four, all_samples), ("skewed", skewed, drawn)]:
        for level in [0.8, 0.95]:
            limits = {}
            for method in ["percentile", "BCa"]:
                result = stats.bootstrap(
                    (values,),
                    np.mean,
                    n_resamples=0,
                    bootstrap_result=SimpleNamespace(bootstrap_distribution=distribution),
                    confidence_level=level,
                    method=method,
                )
                limits[method.lower()] = [float(x) for x in result.confidence_interval]
            cases.append({
                "name": name,
                "level": level,
                "values": values.tolist(),
                "distribution": np.sort(distribution).tolist(),
                "limits": limits,
            })
    return cases


def long_cases():
    """Limits with so many samples that chance moves them little."""
    cases = []
    for name, values in [("beta", random.beta(0.6, 0.4, 70)), ("few", random.beta(2, 5, 15))]:
        limits = {}
        for method in ["percentile", "BCa"]:
            result = stats.bootstrap(
                (values,), np.mean, n_resamples=400_000, batch=4000, method=method, rng=np.random.default_rng(1)
            )
            limits[method.lower()] = [float(x) for x in result.confidence_interval]
        cases.append({
            "name": name,
            "values": values.tolist(),
            "limits": limits,
            "standardError": float(result.standard_error),
        })
    return cases


json.dump(
    {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
        "permutation": permutation_cases(),
        "intervals": interval_cases(),
        "long": long_cases(),
        "normal": [
            {"x": x, "below": float(stats.norm.cdf(x))} for x in [-9, -4.5, -3, -1.96, -0.3, 0, 0.7, 2.9, 3.1, 6]
        ],
        "quantiles": [
            {"probability": p, "x": float(stats.norm.ppf(p))} for p in [1e-12, 1e-4, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9999]
        ],
    },
    sys.stdout,
)
print()
