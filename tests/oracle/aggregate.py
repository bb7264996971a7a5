"""Instruments and what they come to, by the OpenTelemetry specification
(metrics/sdk.md, metrics/data-model.md) and the choices of src/metrics/metrics.h.
Nothing here knows our C; series keep all their measurements.
"""

import math
from fractions import Fraction

from make_exponential import index_of

KINDS = ('counter', 'updown', 'gauge', 'histogram', 'exponential')
MAX_BUCKETS = 160
MAX_SCALE = 20
OVERFLOW = [(b'otel.metric.overflow', ('bool', True))]


class Series:
    """The measurements of one set of attributes since the last collection."""

    def __init__(self, attributes, start):
        self.attributes, self.start = attributes, start
        self.values, self.exemplar = [], None
        self.collected = 0.0  # of an observable: the last value that was
        self.total = 0.0


class Instrument:
    def __init__(self, kind, flags, scope, texts, bounds, now):
        self.observable = kind.startswith('observable_')
        self.shape = kind.removeprefix('observable_')
        assert self.shape in KINDS
        self.integer, self.min_max = 'integer' in flags, 'min_max' in flags
        self.identity = (kind, tuple(flags), scope, texts)
        self.scope, self.texts, self.bounds = scope, texts, bounds
        self.start = now
        self.series = {repr(OVERFLOW): Series(OVERFLOW, now)}

    def takes(self, value):
        return math.isfinite(value) and not (self.shape == 'counter' and value < 0)


class Meter:
    """All instruments of a context."""

    def __init__(self, options, start):
        self.cumulative = options.get('temporality', 0) == 1
        self.max_series = options.get('max_series', 2000)
        self.instruments, self.now, self.span = [], start, None

    def instrument(self, *of):
        made = Instrument(*of, self.now)
        for known, one in enumerate(self.instruments):
            if one.identity == made.identity:
                return known
        self.instruments.append(made)
        return len(self.instruments) - 1

    def put(self, number, value, attributes):
        one = self.instruments[number]
        key = repr(attributes)
        if key not in one.series:
            if len(one.series) > self.max_series:
                key, attributes = repr(OVERFLOW), None
            else:
                one.series[key] = Series(
                    attributes, one.start if one.observable else self.now)
        series = one.series[key]
        if not one.takes(value):
            return
        series.values.append(value)
        if attributes is None:
            one.overflowed = not one.observable
        if self.span:
            assert series.exemplar in (None, (value, self.now, self.span)), \
                'which one is kept is up to chance'
            series.exemplar = (value, self.now, self.span)

    def collect(self):
        """[(instrument, [(series, start, exemplar, point), ...]), ...]"""
        out = []
        for one in reversed(self.instruments):
            points = [self.point(one, series)
                      for series in one.series.values() if series.values]
            if points:
                out.append((one, points))
            one.start = self.now
        if not self.cumulative and any(
                getattr(one, 'overflowed', False) and one.shape != 'updown'
                for one in self.instruments):
            self.forget()
        return out

    def forget(self):
        """An overflow makes room for other attributes."""
        for one in self.instruments:
            one.overflowed = False
            if not one.observable and one.shape != 'updown':
                one.series = {key: series for key, series in one.series.items()
                              if key == repr(OVERFLOW)}

    def is_cumulative(self, one):
        """Up-down counters always are."""
        return self.cumulative or one.shape == 'updown'

    def point(self, one, series):
        cumulative = self.is_cumulative(one)
        start = series.start if cumulative else one.start
        point = value_of(one, series, cumulative)
        exemplar, series.exemplar = series.exemplar, None
        if one.observable or not cumulative:
            series.values = []
        return series, min(start, self.now), exemplar, point


def value_of(one, series, cumulative):
    if one.shape == 'histogram':
        return explicit(one, series.values)
    if one.shape == 'exponential':
        return exponential(series.values)
    if one.shape == 'gauge':
        return series.values[-1]
    if not one.observable:
        return added(series.values)
    value, before = series.values[-1], series.collected
    series.collected = value
    if cumulative or (one.shape == 'counter' and value < before):
        return value
    return value - before


def added(values):
    total = 0.0
    for value in values:
        total += value
    return total


def common(values):
    negative = any(value < 0 for value in values)
    return {'count': len(values), 'sum': None if negative else added(values),
            'min': min(values), 'max': max(values)}


def explicit(one, values):
    counts = [0] * (len(one.bounds) + 1)
    for value in values:
        counts[sum(value > bound for bound in one.bounds)] += 1
    return common(values) | {'counts': counts, 'bounds': one.bounds}


def exponential(values):
    """At the largest scale that has room for all of each sign."""
    signs = [[Fraction(abs(v)) for v in values if v * sign > 0] for sign in (1, -1)]
    scale = MAX_SCALE
    while not all(fits(some, scale) for some in signs):
        scale -= 1
    return common(values) | {
        'scale': scale, 'zeros': sum(value == 0 for value in values),
        'positive': buckets(signs[0], scale), 'negative': buckets(signs[1], scale)}


def fits(values, scale):
    if not values:
        return True
    indexes = [index_of(value, scale) for value in (min(values), max(values))]
    return indexes[1] - indexes[0] < MAX_BUCKETS


def buckets(values, scale):
    """(offset, counts), or None."""
    if not values:
        return None
    indexes = [index_of(value, scale) for value in values]
    return min(indexes), [indexes.count(at)
                          for at in range(min(indexes), max(indexes) + 1)]
