__all__ = ['ttypes', 'constants', 'ThriftEventTransmissionService', 'ThriftSecureEventTransmissionService']
