#!/usr/bin/python3
"""Encodes calls of `publish` with Debian's python3-thrift, for the bench: `publisher.py EVENTS BUNDLE` prints seconds of CPU. BUNDLE is 1 for a call an event."""
import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gen-py'))
from databridge import ThriftEventTransmissionService as service
from databridge.ttypes import ThriftEventBundle
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport import TTransport

events, size = int(sys.argv[1]), int(sys.argv[2])
examples = [
    ('00:0b:86:c2:a4:85', '00:13:ce:55:98:%02x' % i, 'linksys-%d' % (i % 7), 4, -45 - i % 40, 1795462508 + i, 40.1235 + i / 1e4, 1.5, i % 2 == 0)
    for i in range(8)
]
began = time.process_time()
for first in range(0, events, size):
    ints, longs, doubles, bools, strings = [], [], [], [], []
    for i in range(size):
        bssid, mac, ssid, kind, signal, lasttime, lat, rate, locked = examples[(first + i) % 8]
        strings += ['wifi.client:1.0.0', bssid, mac, ssid]
        longs += [1700000000000, lasttime]
        ints += [kind, signal]
        doubles += [lat, rate]
        bools.append(locked)
    bundle = ThriftEventBundle('7b0ac1a8-4e5c-4fe8-bc92-ea1551ce69e2', size, ints, longs, doubles, bools, strings)
    transport = TTransport.TMemoryBuffer()
    service.Client(TBinaryProtocol(transport)).send_publish(bundle)
print(time.process_time() - began)
