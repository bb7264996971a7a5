"""Parses each of a JSON array of OpenMetrics texts with Prometheus's own Python
client, and prints what it found, or what it says."""
import json
import math
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def number(value):
    return float(value) if math.isfinite(value) else str(value)


def sample(it):
    found = {"name": it.name, "labels": it.labels, "value": number(it.value)}
    if it.exemplar:
        found["exemplar"] = {"labels": it.exemplar.labels, "value": number(it.exemplar.value), "time": it.exemplar.timestamp and float(it.exemplar.timestamp)}
    return found


def parse(text):
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError as error:
        return {"error": str(error)}
    return {"families": [{"name": it.name, "type": it.type, "unit": it.unit, "samples": [sample(s) for s in it.samples]} for it in families]}


json.dump([parse(text) for text in json.load(sys.stdin)], sys.stdout)
