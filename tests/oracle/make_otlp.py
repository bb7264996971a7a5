"""Writes tests/vectors/otlp.txt: requests of all three signals in protobuf and
in OTLP JSON, by the official opentelemetry-proto and Python's ProtoJSON.

    python tests/oracle/make_otlp.py > tests/vectors/otlp.txt
"""

import base64
import json
import math
import re

from google.protobuf import json_format

from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

V = common_pb2.AnyValue
KV = common_pb2.KeyValue
IDS = ('traceId', 'spanId', 'parentSpanId')
T = 1_700_000_000_123_456_789
TRACE, SPAN = bytes(range(16)), bytes(range(240, 248))


def attributes(**values):
    out = []
    for key, value in values.items():
        if isinstance(value, bool):
            value = V(bool_value=value)
        elif isinstance(value, str):
            value = V(string_value=value)
        elif isinstance(value, int):
            value = V(int_value=value)
        elif isinstance(value, float):
            value = V(double_value=value)
        elif isinstance(value, bytes):
            value = V(bytes_value=value)
        out.append(KV(key=key, value=value))
    return out


def logs(*records, **more):
    scope = logs_pb2.ScopeLogs(log_records=records, **more)
    return logs_service_pb2.ExportLogsServiceRequest(
        resource_logs=[logs_pb2.ResourceLogs(scope_logs=[scope])])


def spans(*records, **more):
    scope = trace_pb2.ScopeSpans(spans=records, **more)
    return trace_service_pb2.ExportTraceServiceRequest(
        resource_spans=[trace_pb2.ResourceSpans(scope_spans=[scope])])


def metrics(*records, **more):
    scope = metrics_pb2.ScopeMetrics(metrics=records, **more)
    return metrics_service_pb2.ExportMetricsServiceRequest(
        resource_metrics=[metrics_pb2.ResourceMetrics(scope_metrics=[scope])])


def cases():
    m = metrics_pb2
    yield 'nothing', logs_service_pb2.ExportLogsServiceRequest()
    yield 'empty envelopes', logs()
    yield 'a record without anything', logs(logs_pb2.LogRecord())
    yield 'all of a log record', logs(
        logs_pb2.LogRecord(
            time_unix_nano=T, observed_time_unix_nano=2**64 - 1,
            severity_number=24, severity_text='FATAL',
            body=V(string_value='söme "text"\n\t\x01\x7f\u2028\U0001F600'),
            attributes=attributes(s='', t=True, f=False, i=0, n=-2**63,
                                  x=2**63 - 1, d=0.0, e=1e300, b=b'\0\xff>'),
            dropped_attributes_count=2**32 - 1, flags=2**32 - 1,
            trace_id=TRACE, span_id=SPAN, event_name='e'),
        scope=common_pb2.InstrumentationScope(
            name='n', version='v', attributes=attributes(a='b'),
            dropped_attributes_count=3),
        schema_url='https://example.com/1')
    yield 'values in values', logs(logs_pb2.LogRecord(body=V(
        kvlist_value=common_pb2.KeyValueList(values=[
            KV(key='a', value=V(array_value=common_pb2.ArrayValue(values=[
                V(int_value=1), V(), V(double_value=-0.5),
                V(array_value=common_pb2.ArrayValue())]))),
            KV(key='b'), KV(value=V(string_value='no key')),
            KV(key='c', value=V(kvlist_value=common_pb2.KeyValueList()))]))))
    request = logs(logs_pb2.LogRecord(severity_number=9))
    request.resource_logs[0].schema_url = 'https://example.com/2'
    request.resource_logs[0].resource.CopyFrom(resource_pb2.Resource(
        attributes=attributes(a='b'), dropped_attributes_count=1,
        entity_refs=[common_pb2.EntityRef(
            schema_url='u', type='host', id_keys=['k', '', 'l'],
            description_keys=['d'])]))
    yield 'a resource with entities', request
    yield 'several of each', logs_service_pb2.ExportLogsServiceRequest(
        resource_logs=[logs_pb2.ResourceLogs(scope_logs=[
            logs_pb2.ScopeLogs(log_records=[logs_pb2.LogRecord(
                severity_number=i)] * 2) for i in (1, 2)])] * 2)
    yield 'all of a span', spans(
        trace_pb2.Span(
            trace_id=TRACE, span_id=SPAN, trace_state='a=b,c=d',
            parent_span_id=SPAN[::-1], name='GET /', kind=5,
            start_time_unix_nano=T, end_time_unix_nano=T + 1,
            attributes=attributes(a='b', c=4), dropped_attributes_count=1,
            events=[trace_pb2.Span.Event(
                time_unix_nano=T, name='e', attributes=attributes(x=1.25),
                dropped_attributes_count=2), trace_pb2.Span.Event()],
            dropped_events_count=3,
            links=[trace_pb2.Span.Link(
                trace_id=TRACE, span_id=SPAN, trace_state='l=1',
                attributes=attributes(y='z'), dropped_attributes_count=4,
                flags=0x301)],
            dropped_links_count=5,
            status=trace_pb2.Status(message='bad', code=2), flags=0x101),
        trace_pb2.Span(status=trace_pb2.Status()), schema_url='s')
    points = [m.NumberDataPoint(start_time_unix_nano=1, time_unix_nano=T,
                                as_int=i, attributes=attributes(a=i))
              for i in (0, -2**63, 2**63 - 1)]
    points += [m.NumberDataPoint(as_double=d, flags=1) for d in (
        0.0, -0.0, 0.1, 1e21, 5e-324, 1.7976931348623157e308, math.inf,
        -math.inf, math.nan)]
    yield 'a gauge', metrics(
        m.Metric(name='g', description='d', unit='1',
                 gauge=m.Gauge(data_points=points),
                 metadata=attributes(m='n')))
    yield 'sums', metrics(
        m.Metric(name='s', sum=m.Sum(
            data_points=[m.NumberDataPoint(
                as_int=1, exemplars=[
                    m.Exemplar(time_unix_nano=T, as_double=0, span_id=SPAN,
                               trace_id=TRACE,
                               filtered_attributes=attributes(f='g')),
                    m.Exemplar(as_int=-1)])],
            aggregation_temporality=2, is_monotonic=True)),
        m.Metric(name='t', sum=m.Sum()))
    yield 'histograms', metrics(
        m.Metric(name='h', histogram=m.Histogram(
            data_points=[
                m.HistogramDataPoint(
                    start_time_unix_nano=1, time_unix_nano=2, count=2**64 - 1,
                    sum=0, bucket_counts=[0, 1, 2**64 - 1],
                    explicit_bounds=[-1.5, 0.1], flags=1, min=0, max=-0.0,
                    exemplars=[m.Exemplar(as_double=7)],
                    attributes=attributes(a='b')),
                m.HistogramDataPoint()],
            aggregation_temporality=1)))
    yield 'exponential histograms', metrics(
        m.Metric(name='x', exponential_histogram=m.ExponentialHistogram(
            data_points=[
                m.ExponentialHistogramDataPoint(
                    attributes=attributes(a='b'), start_time_unix_nano=1,
                    time_unix_nano=2, count=300, sum=1.5, scale=-10,
                    zero_count=4, flags=1, min=-1, max=1e-7,
                    positive=m.ExponentialHistogramDataPoint.Buckets(
                        offset=2**31 - 1, bucket_counts=[0, 127, 128, 2**64 - 1]),
                    negative=m.ExponentialHistogramDataPoint.Buckets(
                        offset=-2**31, bucket_counts=[1]),
                    exemplars=[m.Exemplar()], zero_threshold=1e-9),
                m.ExponentialHistogramDataPoint(
                    scale=20, positive=m.ExponentialHistogramDataPoint.Buckets())],
            aggregation_temporality=2)))
    yield 'summaries', metrics(
        m.Metric(name='y', summary=m.Summary(data_points=[
            m.SummaryDataPoint(
                start_time_unix_nano=1, time_unix_nano=2, count=3, sum=4.5,
                quantile_values=[
                    m.SummaryDataPoint.ValueAtQuantile(quantile=0.5, value=9),
                    m.SummaryDataPoint.ValueAtQuantile()],
                attributes=attributes(a='b'), flags=1)])))


def otlp(value):
    """ProtoJSON as OTLP has it: ids in hexadecimal."""
    if isinstance(value, list):
        return [otlp(one) for one in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return -0.0 if str(value) == '-0.0' else int(value)
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(one).hex() if key in IDS else otlp(one)
        for key, one in value.items()
    }


def text_of(request):
    plain = json_format.MessageToDict(request, use_integers_for_enums=True)
    text = json.dumps(otlp(plain), ensure_ascii=False, separators=(',', ':'))
    # doubles are spelt as JavaScript does: no string here looks like one
    return re.sub(r'(\de-)0(\d)', r'\1\2', re.sub(r'(":-0)\.0\b', r'\1', text))


def main():
    print('# Requests of all three signals in both encodings, written by\n'
          '# tests/oracle/make_otlp.py.')
    for name, request in cases():
        signal = request.DESCRIPTOR.name[len('Export'):-len('ServiceRequest')]
        print(f'\ncase {name}')
        print('signal', {'Trace': 'traces'}.get(signal, signal.lower()))
        print('pb', request.SerializeToString(deterministic=True).hex())
        print('json', text_of(request))


if __name__ == '__main__':
    main()
