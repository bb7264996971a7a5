"""Reads request bodies with the official opentelemetry-proto.

Lines of JSON come in: name, protobuf (base64) and json, two bodies of the same
records, and signal, which is logs if it is not there. Both must decode, to
equal messages.
"""

import base64
import json
import sys

from google.protobuf import json_format
from google.protobuf.internal import api_implementation

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

DEPTH = 1000
REQUESTS = {
    'logs': ExportLogsServiceRequest,
    'traces': ExportTraceServiceRequest,
    'metrics': ExportMetricsServiceRequest,
}
IDS = ('traceId', 'spanId', 'parentSpanId')


def allow_depth():
    """64 arrays are more messages than the 100 that Python takes by default."""
    if api_implementation.Type() == 'upb':
        from google._upb import _message

        _message.SetAllowOversizeProtos(True)


def from_protobuf(request, body):
    message = request()
    message.ParseFromString(body)
    return message


def standard(value):
    """ProtoJSON has ids in base64 where OTLP has hexadecimal."""
    if isinstance(value, list):
        return [standard(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64encode(bytes.fromhex(one)).decode()
        if key in IDS else standard(one)
        for key, one in value.items()
    }


def number(digits):
    """Python's reader takes -0 for a whole number."""
    return -0.0 if digits == '-0' else int(digits)


def from_json(request, text):
    plain = json.loads(text, parse_int=number)
    return json_format.ParseDict(standard(plain),
                                 request(),
                                 max_recursion_depth=DEPTH)


def text_of(message):
    """Messages with NaN are never equal; their bytes are."""
    return message.SerializeToString(deterministic=True)


def main():
    sys.setrecursionlimit(20 * DEPTH)
    allow_depth()
    count = 0
    for line in sys.stdin:
        bodies = json.loads(line)
        request = REQUESTS[bodies.get('signal', 'logs')]
        a = from_protobuf(request, base64.b64decode(bodies['protobuf']))
        b = from_json(request, bodies['json'])
        if text_of(a) != text_of(b):
            sys.exit(f'{bodies["name"]}: the encodings differ\n{a}\n{b}')
        count += 1
    print(count, 'bodies agree')


if __name__ == '__main__':
    main()
