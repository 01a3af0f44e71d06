"""How likely counts are where the share of each unit is drawn from a mixture of beta distributions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ._jit import kernel

__all__ = ["mixture_of_betas"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def mixture_of_betas(
    x: Ints, t: Ints, ways: Floats, logs: Floats, means: Floats, spread: Floats
) -> tuple[Floats, Floats]:
    """Return the logarithm of the chance of each count, and its slopes.

    The chance of x of t is ``C(t, x)`` times ``(m)(m + g) ... (m + (x - 1) g)``, the same for ``1 - m`` and ``t - x``,
    over ``(1)(1 + g) ... (1 + (t - 1) g)``, with m the mean and ``g = 1 / (a + b)``: no gamma functions, and a binomial
    where g is 0.

    Parameters
    ----------
    x, t : ndarray of shape (n,)
        Members among people.
    ways : ndarray of shape (n,)
        ``ln C(t, x)``.
    logs, means, spread : ndarray of shape (K,)
        Logarithms of the weights, means, and ``1 / (a + b)``.

    Returns
    -------
    chance : ndarray of shape (n,)
    slopes : ndarray of shape (n, 3 K - 1)
        In the K - 1 first logits of the weights, the logits of the means and the logarithms of the spreads.
    """
    n, many = len(x), len(logs)
    largest = 0
    for k in range(n):
        largest = max(largest, t[k])
    found = np.empty((n, many))
    of_mean, of_spread = np.empty((n, many)), np.empty((n, many))
    ours, theirs, whole = np.zeros((3, largest + 1)), np.zeros((3, largest + 1)), np.zeros((2, largest + 1))
    for c in range(many):
        mean, gamma = means[c], spread[c]
        for step in range(largest):
            one, other, both = mean + step * gamma, 1.0 - mean + step * gamma, 1.0 + step * gamma
            ours[0, step + 1] = ours[0, step] + math.log(one)
            ours[1, step + 1] = ours[1, step] + 1.0 / one
            ours[2, step + 1] = ours[2, step] + step / one
            theirs[0, step + 1] = theirs[0, step] + math.log(other)
            theirs[1, step + 1] = theirs[1, step] + 1.0 / other
            theirs[2, step + 1] = theirs[2, step] + step / other
            whole[0, step + 1] = whole[0, step] + math.log1p(step * gamma)
            whole[1, step + 1] = whole[1, step] + step / both
        for k in range(n):
            members, others, people = x[k], t[k] - x[k], t[k]
            found[k, c] = logs[c] + ways[k] + ours[0, members] + theirs[0, others] - whole[0, people]
            of_mean[k, c] = (ours[1, members] - theirs[1, others]) * mean * (1.0 - mean)
            of_spread[k, c] = gamma * (ours[2, members] + theirs[2, others] - whole[1, people])
    chance = np.empty(n)
    slopes = np.empty((n, 3 * many - 1))
    for k in range(n):
        top = found[k, 0]
        for c in range(1, many):
            top = max(top, found[k, c])
        total = 0.0
        for c in range(many):
            total += math.exp(found[k, c] - top)
        chance[k] = top + math.log(total)
        for c in range(many):
            part = math.exp(found[k, c] - chance[k])
            if c < many - 1:
                slopes[k, c] = part - math.exp(logs[c])
            slopes[k, many - 1 + c] = part * of_mean[k, c]
            slopes[k, 2 * many - 1 + c] = part * of_spread[k, c]
    return chance, slopes
