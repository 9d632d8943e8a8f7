"""How long the stages of a build take, for -v."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)


def timed(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Says how long each call of a function took."""

    def wrap(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def call(*args: P.args, **options: P.kwargs) -> T:
            start = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                _log.debug("%s: %.0f ms", name, 1000 * (time.perf_counter() - start))

        return call

    return wrap
