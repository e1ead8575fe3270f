/*
 * The databridge of WSO2 (BAM, CEP, DAS, Stream Processor) as it is on the wire. Names of structs and methods, numbers and types of fields are facts of
 * the protocol; the namespaces of the servers do not show on the wire.
 *
 * generate.sh makes the code of it.
 */
struct ThriftEventBundle {
  1: optional string sessionId
  2: optional i32 eventNum
  3: optional list<i32> intAttributeList
  4: optional list<i64> longAttributeList
  5: optional list<double> doubleAttributeList
  6: optional list<bool> boolAttributeList
  7: optional list<string> stringAttributeList
  8: optional map<i32, map<string, string>> arbitraryDataMapMap
}

exception ThriftAuthenticationException { 1: required string message }
exception ThriftSessionExpiredException { 1: required string message }
exception ThriftStreamDefinitionException { 1: required string message }
exception ThriftNoStreamDefinitionExistException { 1: required string message }
exception ThriftDifferentStreamDefinitionAlreadyDefinedException { 1: required string message }
exception ThriftMalformedStreamDefinitionException { 1: required string message }
exception ThriftUndefinedEventTypeException { 1: required string message }

/* The plain port. */
service ThriftEventTransmissionService {
  string defineStream(1: string sessionId, 2: string streamDefinition) throws (
    1: ThriftDifferentStreamDefinitionAlreadyDefinedException ade,
    2: ThriftMalformedStreamDefinitionException mtd,
    3: ThriftStreamDefinitionException tde,
    4: ThriftSessionExpiredException se)
  string findStreamId(1: string sessionId, 2: string streamName, 3: string streamVersion) throws (
    1: ThriftNoStreamDefinitionExistException tnde,
    2: ThriftSessionExpiredException se)
  void publish(1: ThriftEventBundle eventBundle) throws (
    1: ThriftUndefinedEventTypeException ue,
    2: ThriftSessionExpiredException se)
  bool deleteStreamById(1: string sessionId, 2: string streamId) throws (1: ThriftSessionExpiredException se)
  bool deleteStreamByNameVersion(1: string sessionId, 2: string streamName, 3: string streamVersion) throws (1: ThriftSessionExpiredException se)
}

/* The TLS port has these as well. */
service ThriftSecureEventTransmissionService extends ThriftEventTransmissionService {
  string connect(1: string userName, 2: string password) throws (1: ThriftAuthenticationException ae)
  void disconnect(1: string sessionId)
}
