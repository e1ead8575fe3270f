#!/usr/bin/python3
"""A databridge on Debian's python3-thrift: keeps sessions, unpacks bundles by one cursor for each list, and misbehaves when told to.
The binary protocol, by hand, has two more ports.

Says its ports as a line of JSON, then reads commands, one a line:
  expire         end all sessions
  define JSON    a stream, which restarts do not forget
  block SECONDS  publish calls wait so long before they are taken, as with a full queue
  restart SECONDS  cut everything, forget sessions and definitions, listen again after so long
Every event is a line of JSON in --out. At the end of its input it says what it counted and leaves.
"""
import argparse, json, os, socket, ssl, struct, sys, threading, time, uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gen-py'))
from databridge import ThriftEventTransmissionService as plain_service
from databridge import ThriftSecureEventTransmissionService as secure_service
from databridge.ttypes import *
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport import TSocket, TTransport

options = argparse.ArgumentParser()
options.add_argument('--cert')
options.add_argument('--key')
options.add_argument('--out')
options.add_argument('--session-s', type=float, default=1800)
options.add_argument('--tls1', action='store_true', help='TLS 1.0 and its ciphers, as BAM 2.5')
options = options.parse_args()

out = open(options.out, 'w')
lock = threading.Lock()
sessions, definitions, deployed, sockets = {}, {}, {}, set()
blocked_until = 0
counted = {'events': 0, 'bundles': 0, 'malformed': 0, 'logins': 0, 'expired': 0}


def alive(session):
    since = sessions.get(session)
    if since is None or time.monotonic() - since > options.session_s:
        counted['expired'] += 1
        raise ThriftSessionExpiredException('%s expired' % session)


class Lists:
    def __init__(self, bundle):
        self.lists = {
            'INT': bundle.intAttributeList, 'LONG': bundle.longAttributeList, 'DOUBLE': bundle.doubleAttributeList,
            'FLOAT': bundle.doubleAttributeList, 'BOOL': bundle.boolAttributeList, 'STRING': bundle.stringAttributeList,
        }
        self.iterators = {kind: iter(values or []) for kind, values in self.lists.items() if kind != 'FLOAT'}
        self.iterators['FLOAT'] = self.iterators['DOUBLE']

    def next(self, kind):
        value = next(self.iterators[kind])
        return None if kind == 'STRING' and value == '_null' else value

    def rest(self):
        return sum(len(list(iterator)) for kind, iterator in self.iterators.items() if kind != 'FLOAT')


def unpack(bundle):
    lists, events = Lists(bundle), []
    for i in range(bundle.eventNum):
        stream, stamp = lists.next('STRING'), lists.next('LONG')
        values = {}
        for section in ('metaData', 'correlationData', 'payloadData'):
            for attribute in definitions[stream].get(section, []):
                values[attribute['name']] = lists.next(attribute['type'])
        events.append({'stream': stream, 'time': stamp, 'values': values, 'arbitrary': (bundle.arbitraryDataMapMap or {}).get(i)})
    if lists.rest() > 0:
        raise ValueError('the lists are too long')
    return events


def keep(unpacked):
    counted['bundles'] += 1
    try:
        events = unpacked()
    except Exception as error:
        counted['malformed'] += 1
        print('malformed: %r' % error, file=sys.stderr)
        return
    counted['events'] += len(events)
    for event in events:
        out.write(json.dumps(event) + '\n')
    out.flush()


def take(session, unpacked):
    alive(session)
    while time.monotonic() < blocked_until:
        time.sleep(0.05)
    with lock:
        # A restart meanwhile has ended the server that this call came to.
        alive(session)
        keep(unpacked)


class Handler:
    def connect(self, userName, password):
        if (userName, password) != ('admin', 'admin'):
            raise ThriftAuthenticationException('wrong userName or password')
        session = str(uuid.uuid4())
        sessions[session] = time.monotonic()
        counted['logins'] += 1
        return session

    def disconnect(self, sessionId):
        sessions.pop(sessionId, None)

    def findStreamId(self, sessionId, streamName, streamVersion):
        alive(sessionId)
        stream = '%s:%s' % (streamName, streamVersion)
        if stream not in definitions:
            raise ThriftNoStreamDefinitionExistException('Stream definition not exist for %s %s' % (streamName, streamVersion))
        return stream

    def defineStream(self, sessionId, streamDefinition):
        alive(sessionId)
        try:
            definition = json.loads(streamDefinition)
            stream = '%s:%s' % (definition['name'], definition.get('version', '1.0.0'))
        except (ValueError, KeyError):
            raise ThriftMalformedStreamDefinitionException(' Malformed stream definition %s' % streamDefinition)
        if definitions.get(stream, definition) != definition:
            raise ThriftDifferentStreamDefinitionAlreadyDefinedException('Similar event stream for %s with the same name and version already exist: %s' % (streamDefinition, json.dumps(definitions[stream], indent=2)))
        for other in definitions.values():
            for section in ('metaData', 'correlationData', 'payloadData') if other['name'] == definition['name'] else ():
                known = {attribute['name']: attribute['type'] for attribute in other.get(section, [])}
                for attribute in definition.get(section, []):
                    if known.get(attribute['name'], attribute['type']) != attribute['type']:
                        raise ThriftDifferentStreamDefinitionAlreadyDefinedException(
                            'Attribute type mismatch %s %s type:%s was already defined with type:%s in %s, hence %s cannot be defined'
                            % (section[:-4], attribute['name'], attribute['type'], known[attribute['name']], json.dumps(other, indent=2), streamDefinition))
        definitions[stream] = definition
        return stream

    def publish(self, eventBundle):
        take(eventBundle.sessionId, lambda: unpack(eventBundle))

    def deleteStreamById(self, sessionId, streamId):
        alive(sessionId)
        return definitions.pop(streamId, None) is not None

    def deleteStreamByNameVersion(self, sessionId, streamName, streamVersion):
        return self.deleteStreamById(sessionId, '%s:%s' % (streamName, streamVersion))


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def next(self, form):
        values = struct.unpack_from('>' + form, self.data, self.at)
        self.at += struct.calcsize('>' + form)
        return values[0]

    def text(self, length=None):
        length = self.next('i') if length is None else length
        if self.at + length > len(self.data):
            raise ValueError('a text beyond the end')
        self.at += length
        return self.data[self.at - length:self.at].decode()


def unpack_binary(body, count):
    forms, events = {'INT': 'i', 'LONG': 'q', 'FLOAT': 'f', 'DOUBLE': 'd', 'BOOL': '?'}, []
    for _ in range(count):
        end = body.next('i') + body.at
        stamp, stream, values, arbitrary = body.next('q'), body.text(), {}, {}
        for section in ('metaData', 'correlationData', 'payloadData'):
            for attribute in definitions[stream].get(section, []):
                kind = attribute['type']
                values[attribute['name']] = (body.text() or None) if kind == 'STRING' else body.next(forms[kind])
        while body.at < end:
            key = body.text()
            arbitrary[key] = body.text()
        if body.at != end:
            raise ValueError('an event is longer than it says')
        events.append({'stream': stream, 'time': stamp, 'values': values, 'arbitrary': arbitrary})
    if body.at != len(body.data):
        raise ValueError('the message is too long')
    return events


class BinaryProcessor:
    def process(self, protocol, _):
        transport = protocol.trans
        kind, size = struct.unpack('>bi', transport.readAll(5))
        body, handler = Bytes(transport.readAll(size)), Handler()
        answer = b'\0'
        try:
            if kind == 0:
                lengths = body.next('i'), body.next('i')
                session = handler.connect(body.text(lengths[0]), body.text(lengths[1])).encode()
                answer = struct.pack('>bi', 2, len(session)) + session
            elif kind == 1:
                handler.disconnect(body.text())
            elif kind == 2:
                take(body.text(), lambda: unpack_binary(body, body.next('i')))
            else:
                return
        except (ThriftAuthenticationException, ThriftSessionExpiredException) as error:
            known = 'AuthenticationException' if kind == 0 else 'SessionTimeoutException'
            name, words = ('org.wso2.carbon.databridge.commons.exception.' + known).encode(), error.message.encode()
            answer = struct.pack('>bii', 1, len(name), len(words)) + name + words
        transport.write(answer)
        transport.flush()


def serve(connection, processor, context):
    try:
        if context:
            connection.settimeout(30)
            connection = context.wrap_socket(connection, server_side=True)
        sockets.add(connection)
        handle = TSocket.TSocket()
        handle.setHandle(connection)
        protocol = TBinaryProtocol(TTransport.TBufferedTransport(handle))
        while True:
            processor.process(protocol, protocol)
    except Exception:
        pass
    finally:
        sockets.discard(connection)
        connection.close()


class Port:
    def __init__(self, processor, context):
        self.processor, self.context, self.port = processor, context, 0
        self.open()

    def open(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', self.port))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection, self.processor, self.context), daemon=True).start()

    def shut(self):
        # An accept under way keeps a socket listening that is only closed.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
if options.tls1:
    context.set_ciphers('ALL:@SECLEVEL=0')
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
else:
    context.set_ciphers('DEFAULT:@SECLEVEL=0')
context.load_cert_chain(options.cert, options.key)
ports = [
    Port(plain_service.Processor(Handler()), None), Port(secure_service.Processor(Handler()), context),
    Port(BinaryProcessor(), None), Port(BinaryProcessor(), context),
]
print(json.dumps(dict(zip(('plain', 'secure', 'binary', 'binary_secure'), (port.port for port in ports)))), flush=True)
for line in sys.stdin:
    command, _, argument = line.strip().partition(' ')
    if command == 'expire':
        sessions.clear()
    elif command == 'define':
        definition = json.loads(argument)
        deployed['%s:%s' % (definition['name'], definition['version'])] = definition
        definitions.update(deployed)
    elif command == 'block':
        blocked_until = time.monotonic() + float(argument)
    elif command == 'restart':
        for port in ports:
            port.shut()
        for connection in list(sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with lock:
            sessions.clear()
            definitions.clear()
            definitions.update(deployed)
        time.sleep(float(argument))
        for port in ports:
            port.open()
print(json.dumps(counted), flush=True)
os._exit(0)
