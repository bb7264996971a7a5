#!/usr/bin/env python3
"""Makes tests/vectors/prometheus.txt: OTLP metrics as opentelemetry-proto encodes
them, and the text that they are to become, written by hand from the
specification. Needs opentelemetry-proto; tests/vectors/README.md says what the
lines mean."""
import pathlib
import sys

from google.protobuf import json_format, text_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

OUT = pathlib.Path(__file__).parents[1] / "vectors" / "prometheus.txt"
CASES = []


def case(name, metrics, text, options="", left_out="", scope=None, resource=None, more=""):
    """`metrics`: Metric messages in protobuf's text format, each in a line or block."""
    head = f'resource {{ {resource} }} ' if resource else ""
    inner = f'scope {{ {scope} }} ' if scope else ""
    body = "".join(f"metrics {{ {m} }} " for m in metrics)
    request = f"resource_metrics {{ {head} scope_metrics {{ {inner} {body} }} }} {more}"
    raw(name, request, text, options, left_out)


def raw(name, request, text, options="", left_out=""):
    message = text_format.Parse(request, ExportMetricsServiceRequest())
    CASES.append((name, options, message, text.strip("\n"), left_out))


def attrs(**values):
    return " ".join(attr(k.replace("__", "."), v) for k, v in values.items())


def attr(key, value, field="attributes"):
    return f'{field} {{ key: "{key}" value {{ {any_value(value)} }} }}'


def any_value(v):
    if isinstance(v, bool):
        return f"bool_value: {str(v).lower()}"
    if isinstance(v, int):
        return f"int_value: {v}"
    if isinstance(v, float):
        return f"double_value: {v}"
    if isinstance(v, bytes):
        return f"bytes_value: {text_string(v)}"
    if v is None:
        return ""
    if isinstance(v, list):
        return "array_value { " + " ".join(f"values {{ {any_value(x)} }}" for x in v) + " }"
    if isinstance(v, dict):
        return "kvlist_value { " + " ".join(attr(k, x, "values") for k, x in v.items()) + " }"
    return f"string_value: {text_string(v.encode())}"


def text_string(b):
    return '"' + "".join(f"\\{c:03o}" if c < 32 or c > 126 or c in b'"\\' else chr(c) for c in b) + '"'


def gauge(name, value="as_int: 1", more="", unit="", help=""):
    return f'name: "{name}" unit: "{unit}" description: "{help}" gauge {{ data_points {{ {value} {more} }} }}'


def counter(name, value="as_int: 1", more="", unit="", help="", monotonic="true", temporality=2):
    return (f'name: "{name}" unit: "{unit}" description: "{help}" sum {{ data_points {{ {value} {more} }} '
            f"aggregation_temporality: {temporality} is_monotonic: {monotonic} }}")


def histogram(name, bounds, counts, more="sum: 2", unit="", help="", count=None):
    total = sum(counts) if count is None else count
    return (f'name: "{name}" unit: "{unit}" description: "{help}" histogram {{ data_points {{ count: {total} {more} '
            f'explicit_bounds: [{", ".join(map(str, bounds))}] bucket_counts: [{", ".join(map(str, counts))}] }} '
            "aggregation_temporality: 2 }")


def exponential(name, scale, positive=None, negative=None, zero=0, more="sum: 2"):
    def buckets(field, of):
        return f'{field} {{ offset: {of[0]} bucket_counts: [{", ".join(map(str, of[1]))}] }}' if of else ""
    return (f'name: "{name}" exponential_histogram {{ data_points {{ scale: {scale} zero_count: {zero} {more} '
            f'{buckets("positive", positive)} {buckets("negative", negative)} }} aggregation_temporality: 2 }}')


def summary(name, quantiles, more="count: 3 sum: 6"):
    rows = " ".join(f"quantile_values {{ quantile: {q} value: {v} }}" for q, v in quantiles)
    return f'name: "{name}" summary {{ data_points {{ {more} {rows} }} }}'


BARE = "no-target-info"
OM = "openmetrics"

# ---- kinds of metrics -------------------------------------------------------

raw("nothing", "", "")
raw("nothing in openmetrics", "", "# EOF", OM)
case("gauge", [gauge("queue.size", "as_double: 1.5", help="How many")], """
# HELP queue_size How many
# TYPE queue_size gauge
queue_size 1.5
""")
case("counter", [counter("requests", "as_int: 12345678")], """
# TYPE requests_total counter
requests_total 12345678
""")
case("counter in openmetrics", [counter("requests", "as_double: 12345678 start_time_unix_nano: 1700000000500000000", unit="By", help="In")], """
# HELP requests_bytes In
# TYPE requests_bytes counter
# UNIT requests_bytes bytes
requests_bytes_total 1.2345678e+07
requests_bytes_created 1700000000.5
# EOF
""", OM)
case("no created", [counter("requests", "as_int: 1 start_time_unix_nano: 5")], """
# TYPE requests counter
requests_total 1
# EOF
""", OM + " no-created")
case("a sum that may fall is a gauge", [counter("users", "as_int: -7", monotonic="false")], """
# TYPE users gauge
users -7
""")
case("histogram", [histogram("latency", [0.005, 1, 1000000], [1, 2, 3, 4], "sum: 123.456 " + attr("route", "/"), unit="s")], """
# TYPE latency_seconds histogram
latency_seconds_bucket{route="/",le="0.005"} 1
latency_seconds_bucket{route="/",le="1"} 3
latency_seconds_bucket{route="/",le="1e+06"} 6
latency_seconds_bucket{route="/",le="+Inf"} 10
latency_seconds_sum{route="/"} 123.456
latency_seconds_count{route="/"} 10
""")
case("histogram in openmetrics", [histogram("latency", [0.005, 1, 1000000], [1, 2, 3, 4], "sum: 123 start_time_unix_nano: 1000000000", unit="s")], """
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
latency_seconds_bucket{le="0.005"} 1
latency_seconds_bucket{le="1.0"} 3
latency_seconds_bucket{le="1e+06"} 6
latency_seconds_bucket{le="+Inf"} 10
latency_seconds_sum 123.0
latency_seconds_count 10
latency_seconds_created 1
# EOF
""", OM)
case("histogram without buckets", [histogram("h", [], [], "sum: 3", count=4)], """
# TYPE h histogram
h_bucket{le="+Inf"} 4
h_sum 3
h_count 4
""")
case("histogram with one bucket", [histogram("h", [], [4])], """
# TYPE h histogram
h_bucket{le="+Inf"} 4
h_sum 2
h_count 4
""")
case("histogram without a sum", [histogram("h", [-1], [1, 2], "")], """
# TYPE h histogram
h_bucket{le="-1"} 1
h_bucket{le="+Inf"} 3
h_count 3
""")
case("negative bounds have no sum in openmetrics", [histogram("h", [-1], [1, 2], "sum: 4")], """
# TYPE h histogram
h_bucket{le="-1.0"} 1
h_bucket{le="+Inf"} 3
# EOF
""", OM)
case("an infinite bound is the last bucket", [histogram("h", [1, "inf"], [1, 2, 3])], """
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 6
h_sum 2
h_count 6
""")
for what, bounds, counts in [
    ("bounds that fall", [2, 1], [1, 1, 1]), ("equal bounds", [1, 1], [1, 1, 1]), ("no number as a bound", ["nan"], [1, 1]),
    ("too few counts", [1, 2], [1, 1]), ("too many counts", [1], [1, 1, 1]), ("bounds without counts", [1], []),
]:
    case(what, [histogram("h", bounds, counts)], "# TYPE h histogram", "", "bad_points=1")
case("counts beyond 64 bits", [histogram("h", [1], [2**64 - 1, 1], count=1)], "# TYPE h histogram", "", "bad_points=1")
case("summary", [summary("s", [(0, 1), (0.5, 2.5), (1, "nan")], "count: 3 sum: 6 " + attr("a", "b"))], """
# TYPE s summary
s{a="b",quantile="0"} 1
s{a="b",quantile="0.5"} 2.5
s{a="b",quantile="1"} NaN
s_sum{a="b"} 6
s_count{a="b"} 3
""")
case("summary in openmetrics", [summary("s", [(0.5, -1), (0.99, 2)])], """
# TYPE s summary
s{quantile="0.99"} 2.0
s_sum 6.0
s_count 3
# EOF
""", OM)
case("quantiles that fall", [summary("s", [(0.9, 1), (0.5, 2)])], "# TYPE s summary", "", "bad_points=1")
case("a quantile above 1", [summary("s", [(1.5, 1)])], "# TYPE s summary", "", "bad_points=1")

# ---- exponential histograms: powers of two ------------------------------------

case("exponential at scale 0", [exponential("e", 0, (0, [1, 2, 0, 3]), zero=4, more="sum: 40")], """
# TYPE e histogram
e_bucket{le="0"} 4
e_bucket{le="1"} 4
e_bucket{le="2"} 5
e_bucket{le="4"} 7
e_bucket{le="8"} 7
e_bucket{le="16"} 10
e_bucket{le="+Inf"} 10
e_sum 40
e_count 10
""")
case("exponential at scale 3 is folded by 8", [exponential("e", 3, (-9, [1, 1, 1, 1, 1, 1, 1, 1, 1, 5]))], """
# TYPE e histogram
e_bucket{le="0.25"} 0
e_bucket{le="0.5"} 1
e_bucket{le="1"} 9
e_bucket{le="2"} 14
e_bucket{le="+Inf"} 14
e_sum 2
e_count 14
""")
case("exponential at scale -1", [exponential("e", -1, (-1, [1, 2]))], """
# TYPE e histogram
e_bucket{le="0.25"} 0
e_bucket{le="1"} 1
e_bucket{le="4"} 3
e_bucket{le="+Inf"} 3
e_sum 2
e_count 3
""")
case("exponential with negative values", [exponential("e", 0, (0, [1]), (0, [2, 3]), more="sum: -20 zero_threshold: 0.5")], """
# TYPE e histogram
e_bucket{le="-2"} 3
e_bucket{le="-1"} 5
e_bucket{le="0.5"} 5
e_bucket{le="1"} 5
e_bucket{le="2"} 6
e_bucket{le="+Inf"} 6
e_sum -20
e_count 6
""")
case("exponential at the least doubles", [exponential("e", 0, (-2000, [1] + [0] * 925 + [1, 1]))], """
# TYPE e histogram
e_bucket{le="5e-324"} 1
e_bucket{le="1e-323"} 2
e_bucket{le="2e-323"} 3
e_bucket{le="+Inf"} 3
e_sum 2
e_count 3
""")
case("exponential at the largest doubles", [exponential("e", 0, (1021, [1, 1, 1, 1]))], """
# TYPE e histogram
e_bucket{le="2.247116418577895e+307"} 0
e_bucket{le="4.49423283715579e+307"} 1
e_bucket{le="8.98846567431158e+307"} 2
e_bucket{le="+Inf"} 4
e_sum 2
e_count 4
""")
case("exponential at scale -11", [exponential("e", -11, (0, [1]))], "# TYPE e histogram", "", "bad_points=1")
case("exponential without buckets", [exponential("e", 20, zero=2)], """
# TYPE e histogram
e_bucket{le="0"} 2
e_bucket{le="+Inf"} 2
e_sum 2
e_count 2
""")

# ---- what is left out -----------------------------------------------------------

case("delta", [counter("a", temporality=1), counter("b", temporality=0), gauge("c")], """
# TYPE c gauge
c 1
""", "", "delta=2")
case("not recorded", [gauge("a", "as_int: 1 flags: 1"), gauge("b", ""), gauge("c"), histogram("d", [], [1], "flags: 1")], """
# TYPE c gauge
c 1
""", "", "unrecorded=3")
case("no name", [gauge(""), gauge("@#%"), gauge("c")], """
# TYPE c gauge
c 1
""", "", "unnamed=2")
case("another type", [gauge("a.b"), histogram("a_b", [], [1]), gauge("a_b", "as_int: 2")], """
# TYPE a_b gauge
a_b 1
a_b 2
""", "", "conflicts=1")
case("the later of two whose samples clash", [histogram("h", [], [1]), gauge("h.count"), gauge("h.max")], """
# TYPE h histogram
h_bucket{le="+Inf"} 1
h_sum 2
h_count 1
# TYPE h_max gauge
h_max 1
""", "", "conflicts=1")
case("the later one may be the histogram", [gauge("h.count"), histogram("h", [], [1])], """
# TYPE h_count gauge
h_count 1
""", "", "conflicts=1")
case("gauge and counter of a name", [counter("a"), gauge("a")], """
# TYPE a gauge
a 1
# TYPE a_total counter
a_total 1
""")
case("in openmetrics they are one family", [counter("a"), gauge("a")], """
# TYPE a counter
a_total 1
# EOF
""", OM, "conflicts=1")
case("counters that openmetrics forbids", [counter("a", "as_int: -1"), counter("b", "as_double: nan"), counter("c")], """
# TYPE a counter
# TYPE b counter
# TYPE c counter
c_total 1
# EOF
""", OM, "bad_points=2")
case("two helps and units", [gauge("a", help=""), gauge("a", "as_int: 2", help="one"), gauge("a", "as_int: 3", help="two")], """
# HELP a one
# TYPE a gauge
a 1
a 2
a 3
""")

# ---- numbers ----------------------------------------------------------------------

case("numbers", [f'name: "n" gauge {{ {" ".join(f"data_points {{ as_double: {v} }}" for v in ["0", "-0", "1", "-1.5", "0.1", "999999", "1000000", "1234567", "0.0001", "0.00001", "1.7976931348623157e308", "5e-324", "0.30000000000000004", "123456789012345.6", "1e21", "inf", "-inf", "nan"])} }}'], """
# TYPE n gauge
n 0
n -0
n 1
n -1.5
n 0.1
n 999999
n 1e+06
n 1.234567e+06
n 0.0001
n 1e-05
n 1.7976931348623157e+308
n 5e-324
n 0.30000000000000004
n 1.234567890123456e+14
n 1e+21
n +Inf
n -Inf
n NaN
""")
case("integers", [f'name: "n" gauge {{ {" ".join(f"data_points {{ as_int: {v} }}" for v in [0, -1, 2**63 - 1, -(2**63)])} }}'], """
# TYPE n gauge
n 0
n -1
n 9223372036854775807
n -9223372036854775808
""")

# ---- names and units ------------------------------------------------------------------

NAMES = [  # name, unit, kind, suffixes, bare, UTF-8 with suffixes
    ("foo.bar", "By", "counter", "foo_bar_bytes_total", "foo_bar", "foo.bar_bytes_total"),
    ("requests_total", "", "counter", "requests_total", "requests_total", "requests_total"),
    ("requests.total", "s", "counter", "requests_seconds_total", "requests_total", "requests_seconds_total"),
    ("total", "", "counter", "total_total", "total", "total_total"),
    ("a@@b##c", "", "gauge", "a_b_c", "a_b_c", "a@@b##c_"),
    ("__a__b__", "", "gauge", "a_b", "a_b", "__a__b__"),
    ("123metric", "", "gauge", "_123metric", "_123metric", "123metric"),
    ("cpu_usage", "1", "gauge", "cpu_usage_ratio", "cpu_usage", "cpu_usage_ratio"),
    ("cpu_usage_ratio", "1", "gauge", "cpu_usage_ratio", "cpu_usage_ratio", "cpu_usage_ratio"),
    ("items", "1", "counter", "items_total", "items", "items_total"),
    ("response_time_seconds", "s", "gauge", "response_time_seconds", "response_time_seconds", "response_time_seconds"),
    ("bytes", "By", "gauge", "bytes", "bytes", "bytes"),
    ("kilobytes", "By", "gauge", "kilobytes_bytes", "kilobytes", "kilobytes_bytes"),
    ("requests", "1/s", "gauge", "requests_per_second", "requests", "requests_per_second"),
    ("throughput", "By/s", "gauge", "throughput_bytes_per_second", "throughput", "throughput_bytes_per_second"),
    ("throughput_bytes_per_second", "By/s", "gauge", "throughput_bytes_per_second", "throughput_bytes_per_second", "throughput_bytes_per_second"),
    ("speed", "m/s", "gauge", "speed_meters_per_second", "speed", "speed_meters_per_second"),
    ("flow", "{packet}/s", "gauge", "flow_per_second", "flow", "flow_per_second"),
    ("packets", "{packet}", "gauge", "packets", "packets", "packets"),
    ("sizes", "By/{x}", "gauge", "sizes_bytes", "sizes", "sizes_bytes"),
    ("odd", "custom__unit", "gauge", "odd_custom_unit", "odd", "odd_custom__unit"),
    ("odder", "a@b/c d", "gauge", "odder_a_b_per_c_d", "odder", "odder_a@b_per_c d"),
    ("load", "%", "gauge", "load_percent", "load", "load_percent"),
    ("a:b", "", "gauge", "a:b", "a:b", "a:b"),
]
UNITS = dict(d="days", h="hours", min="minutes", s="seconds", ms="milliseconds", us="microseconds", ns="nanoseconds", By="bytes",
             KiBy="kibibytes", MiBy="mebibytes", GiBy="gibibytes", TiBy="tebibytes", kBy="kilobytes", MBy="megabytes", GBy="gigabytes",
             TBy="terabytes", m="meters", V="volts", A="amperes", J="joules", W="watts", g="grams", Cel="celsius", Hz="hertz")
NAMES += [("x", unit, "gauge", f"x_{word}", "x", f"x_{word}") for unit, word in UNITS.items()]


def quoted(name):
    plain = all(c.isascii() and (c.isalnum() or c in "_:") for c in name) and not name[0].isdigit()
    return (name, name) if plain else (f'"{name}"', f'{{"{name}"}}')


for name, unit, kind, suffixed, bare, utf8 in NAMES:
    metric = (counter if kind == "counter" else gauge)(name, unit=unit)
    if utf8 == "a@@b##c_":
        utf8 = "a@@b##c"
    for strategy, want, options in [
        ("WithSuffixes", suffixed, ""), ("WithoutSuffixes", bare, "strategy=UnderscoreEscapingWithoutSuffixes"),
        ("UTF-8", utf8, "strategy=NoUTF8EscapingWithSuffixes escaping=allow-utf-8"), ("NoTranslation", name, "strategy=NoTranslation escaping=allow-utf-8"),
    ]:
        comment, sample = quoted(want)
        case(f"name {name} {unit}: {strategy}", [metric], f"# TYPE {comment} {kind}\n{sample} 1", options)

for escaping, want in [("underscores", "foo_b_r_x"), ("dots", "foo_dot_b__r__x"), ("values", "U__foo_2e_b_e4_r__x")]:
    case(f"escaping {escaping}", [gauge("foo.b\\303\\244r_x", more=attr("a.b", "y"))], {
        "underscores": '# TYPE foo_b_r_x gauge\nfoo_b_r_x{a_b="y"} 1',
        "dots": '# TYPE foo_dot_b__r__x gauge\nfoo_dot_b__r__x{a_dot_b="y"} 1',
        "values": '# TYPE U__foo_2e_b_e4_r__x gauge\nU__foo_2e_b_e4_r__x{U__a_2e_b="y"} 1',
    }[escaping], f"strategy=NoTranslation escaping={escaping}")
case("names in quotes", [gauge("my.metric", more=attr("a.b", "x") + attr("c", "y"), help="H"), histogram("my.h", [], [1])], """
# TYPE "my.h" histogram
{"my.h_bucket",le="+Inf"} 1
{"my.h_sum"} 2
{"my.h_count"} 1
# HELP "my.metric" H
# TYPE "my.metric" gauge
{"my.metric","a.b"="x",c="y"} 1
""", "strategy=NoTranslation escaping=allow-utf-8")
case("counter without suffix in openmetrics", [counter("a")], """
# TYPE a unknown
a 1
# EOF
""", OM + " strategy=UnderscoreEscapingWithoutSuffixes")
case("unit that is not at the name's end", [gauge("a", unit="s")], """
# TYPE a gauge
a 1
# EOF
""", OM + " strategy=UnderscoreEscapingWithoutSuffixes")
case("prometheus.type", [gauge("a") + ' metadata { key: "prometheus.type" value { string_value: "unknown" } }'], """
# TYPE a untyped
a 1
""")

# ---- labels -------------------------------------------------------------------------------

case("values", [gauge("g", more=attrs(a="x", b=True, c=-7, d=1.5, e=b"\\001\\002", f=None, g=[1, "a\"b", None, 2.0], h={"k": [False], "l": {}}, i=[]) )], r"""
# TYPE g gauge
g{a="x",b="true",c="-7",d="1.5",e="XDAwMVwwMDI=",f="",g="[1,\"a\\\"b\",null,2]",h="{\"k\":[false],\"l\":{}}",i="[]"} 1
""")
case("values that are no numbers", [gauge("g", more='attributes { key: "a" value { double_value: nan } } attributes { key: "b" value { array_value { values { double_value: -inf } } } }')], r"""
# TYPE g gauge
g{a="NaN",b="[\"-Infinity\"]"} 1
""")
case("escapes", [gauge("g", help="a\\\\b\\nc\\\"d", more=attr("k", "a\\b\nc\"d\re\0"))], "# HELP g a\\\\b\\nc\"d\n# TYPE g gauge\ng{k=\"a\\\\b\\nc\\\"d\\\\re\0\"} 1")
case("escapes in openmetrics", [gauge("g", help="a\\\\b\\nc\\\"d")], r"""
# HELP g a\\b\nc\"d
# TYPE g gauge
g 1
# EOF
""", OM)
case("keys", [gauge("g", more=" ".join(attr(k, str(i)) for i, k in enumerate(["http.method", "1st", "__x__", "_y", "__z", "label:colon", "a  b", "", "\\345\\255\\227"])))], """
# TYPE g gauge
g{_="7;8",_x_="2",_y="3",_z="4",a_b="6",http_method="0",key_1st="1",label_colon="5"} 1
""")
case("keys that become the same", [gauge("g", more=attr("a.b", "2") + attr("a_b", "3") + attr("a-b", "1"))], """
# TYPE g gauge
g{a_b="1;2;3"} 1
""")
case("reserved keys", [gauge("g", more=attr("__name__", "x") + attr("le", "y")), histogram("h", [], [1], attr("le", "z") + attr("exported_le", "w"), count=1),
                       summary("s", [(0.5, 1)], "count: 1 sum: 1 " + attr("quantile", "q"))], """
# TYPE g gauge
g{_name_="x",le="y"} 1
# TYPE h histogram
h_bucket{exported_le="w;z",le="+Inf"} 1
h_count{exported_le="w;z"} 1
# TYPE s summary
s{exported_quantile="q",quantile="0.5"} 1
s_sum{exported_quantile="q"} 1
s_count{exported_quantile="q"} 1
""")
case("keys of prometheus's own", [gauge("g", more=attr("__name__", "x") + attr("__a", "y") + attr("_b", "z"))], """
# TYPE g gauge
g{_b="z",exported___a="y",exported___name__="x"} 1
""", "strategy=NoTranslation")
case("scope", [gauge("g", more=attr("z", "1"))], """
# TYPE g gauge
g{otel_scope_lang="js",otel_scope_name="lib.x",otel_scope_version="1.2",z="1"} 1
""", scope='name: "lib.x" version: "1.2" ' + attr("lang", "js") + attr("name", "dropped") + attr("schema.url", "dropped"))
case("scope, not wanted", [gauge("g")], """
# TYPE g gauge
g 1
""", "no-scope", scope='name: "lib.x"')
raw("one family of two scopes", """resource_metrics {
  scope_metrics { scope { name: "b" } schema_url: "https://x" metrics { %s } metrics { %s } }
  scope_metrics { scope { name: "a" } metrics { %s } } }""" % (gauge("g"), gauge("h"), gauge("g", "as_int: 2")), """
# TYPE g gauge
g{otel_scope_name="b",otel_scope_schema_url="https://x"} 1
g{otel_scope_name="a"} 2
# TYPE h gauge
h{otel_scope_name="b",otel_scope_schema_url="https://x"} 1
""")

# ---- target_info ------------------------------------------------------------------------------

SHOP = attr("service.name", "shop") + attr("service.namespace", "eu") + attr("service.instance.id", "i1") + attr("host.arch", "amd64")
case("target_info", [gauge("a")], """
# HELP target_info Target metadata
# TYPE target_info gauge
target_info{host_arch="amd64",service_instance_id="i1",service_name="shop",service_namespace="eu"} 1
# TYPE a gauge
a 1
""", resource=SHOP)
case("target_info in openmetrics", [gauge("a")], """
# HELP target Target metadata
# TYPE target info
target_info{service_name="shop"} 1
# TYPE a gauge
a 1
# EOF
""", OM, resource=attr("service.name", "shop"))
case("no target_info", [gauge("a")], """
# TYPE a gauge
a 1
""", BARE, resource=SHOP)
case("job", [gauge("a")], """
# HELP target_info Target metadata
# TYPE target_info gauge
target_info{host_arch="amd64",instance="i1",job="eu/shop"} 1
# TYPE a gauge
a{instance="i1",job="eu/shop"} 1
""", "job", resource=SHOP)
case("a long job", [gauge("a"), gauge("b", "as_int: 1 flags: 1 } data_points { as_int: 3")], f"""
# TYPE a gauge
a{{instance="{'i' * 900}",job="{'n' * 700}/{'s' * 800}"}} 1
# TYPE b gauge
b{{instance="{'i' * 900}",job="{'n' * 700}/{'s' * 800}"}} 3
""", "job no-target-info", "unrecorded=1", resource=attr("service.name", "s" * 800) + attr("service.namespace", "n" * 700) + attr("service.instance.id", "i" * 900))
case("a metric of the name target_info", [gauge("target.info"), gauge("target")], """
# TYPE target gauge
target 1
""", "", "conflicts=1")
raw("resources of two services", """resource_metrics { resource { %s } scope_metrics { metrics { %s } } }
resource_metrics { resource { %s %s } scope_metrics { metrics { %s } } }
resource_metrics { resource { %s %s } scope_metrics { metrics { %s } } }""" % (
    attr("service.name", "b"), gauge("g"), attr("service.name", "a"), attr("x", "1"), gauge("g", "as_int: 2"),
    attr("service.name", "b"), attr("x", "2"), gauge("h")), """
# HELP target_info Target metadata
# TYPE target_info gauge
target_info{job="a",x="1"} 1
target_info{job="b"} 1
# TYPE g gauge
g{job="b"} 1
g{job="a"} 2
# TYPE h gauge
h{job="b"} 1
""")

# ---- exemplars ------------------------------------------------------------------------------------

TRACE = 'trace_id: "0123456789abcdef" span_id: "01234567"'
HEX = 'trace_id="30313233343536373839616263646566",span_id="3031323334353637"'


def exemplar(value, time, more=""):
    return f"exemplars {{ {value} time_unix_nano: {time} {more} }}"


case("exemplar of a counter: the latest", [counter("c", more=exemplar("as_int: 1", 5) + exemplar("as_double: 2.5", 1700000001250000000, TRACE + attr("k.l", "v", "filtered_attributes")) + exemplar("as_int: 3", 7))], f"""
# TYPE c counter
c_total 1 # {{{HEX},k_l="v"}} 2.5 1700000001.25
# EOF
""", OM)
case("exemplars have no place in text", [counter("c", more=exemplar("as_int: 1", 5, TRACE))], """
# TYPE c_total counter
c_total 1
""")
case("exemplars of buckets", [histogram("h", [1, 5], [1, 1, 1], "sum: 2 " + exemplar("as_double: 0.5", 2000000000) + exemplar("as_double: 1", 3000000000) + exemplar("as_double: 0.75", 1000000000) + exemplar("as_double: 9", 0, TRACE) + exemplar("as_double: nan", 1))], f"""
# TYPE h histogram
h_bucket{{le="1.0"}} 1 # {{}} 1.0 3
h_bucket{{le="5.0"}} 2
h_bucket{{le="+Inf"}} 3 # {{{HEX}}} 9.0
h_sum 2.0
h_count 3
# EOF
""", OM)
case("attributes of an exemplar up to 128 characters", [counter("c", more=exemplar("as_int: 1", 1000000000, TRACE + attr("k", "\u00e4" * 64, "filtered_attributes")))], f"""
# TYPE c counter
c_total 1 # {{{HEX},k="{chr(0xe4) * 64}"}} 1.0 1
# EOF
""", OM)
case("and not beyond", [counter("c", more=exemplar("as_int: 1", 1000000000, TRACE + attr("k", "\u00e4" * 65, "filtered_attributes")))], f"""
# TYPE c counter
c_total 1 # {{{HEX}}} 1.0 1
# EOF
""", OM)
case("ids win over attributes", [counter("c", more=exemplar("as_int: 1", 1000000000, TRACE + attr("trace.id", "v", "filtered_attributes")))], f"""
# TYPE c counter
c_total 1 # {{{HEX}}} 1.0 1
# EOF
""", OM)

HEADER = """# OTLP metrics and the Prometheus text that they become. Made by
# tests/oracle/make_prometheus.py; README.md here says what the lines mean.
"""


with OUT.open("w", newline="\n") as out:
    out.write(HEADER)
    for name, options, message, text, left_out in CASES:
        out.write(f"\ncase {name}\n")
        if options:
            out.write(f"options {options}\n")
        if left_out:
            out.write(f"left_out {left_out}\n")
        out.write("# " + json_format.MessageToJson(message, indent=None).replace("\n", " ")[:2000] + "\n")
        out.write("hex " + message.SerializeToString().hex() + "\n")
        for line in text.split("\n") if text else []:
            out.write("> " + line.replace("\0", "\\0") + "\n")
print(f"{len(CASES)} cases", file=sys.stderr)
