#!/usr/bin/python3
"""Encodes bundles with Debian's python3-thrift, for the bench: `publisher.py EVENTS BUNDLE` prints seconds of CPU."""
import os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gen-py'))
from databridge import ThriftEventTransmissionService as service
from databridge.ttypes import ThriftEventBundle
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport import TTransport

events, size = int(sys.argv[1]), int(sys.argv[2])
began = time.process_time()
for first in range(0, events, size):
    ints, longs, doubles, bools, strings = [], [], [], [], []
    for i in range(size):
        strings += ['wifi.client:1.0.0', '00:0b:86:c2:a4:85', '00:13:ce:55:98:ef', 'linksys']
        longs += [1700000000000 + i, 1795462508 + i]
        ints += [4, -45]
        doubles += [40.1235, 1.5]
        bools += [True]
    bundle = ThriftEventBundle('7b0ac1a8-4e5c-4fe8-bc92-ea1551ce69e2', size, ints, longs, doubles, bools, strings)
    transport = TTransport.TMemoryBuffer()
    service.Client(TBinaryProtocol(transport)).send_publish(bundle)
print(time.process_time() - began)
