/** What the statistics of a capture interface say: how much was seen and how much was lost before it was written. */
import { fieldTable } from '../event/fields.ts'

const source = 'pcapng interface statistics block'

export const captureStatistics = fieldTable('pcap_statistics', {
  received: { path: 'pcap.statistics.received', type: 'int', description: 'Packets that the interface received.', source },
  dropped: { path: 'pcap.statistics.dropped', type: 'int', description: 'Packets that the interface dropped for want of room.', source },
  filterAccepted: { path: 'pcap.statistics.filter_accepted', type: 'int', description: 'Packets that passed the capture filter.', source },
  osDropped: { path: 'pcap.statistics.os_dropped', type: 'int', description: 'Packets that the operating system dropped.', source },
  delivered: { path: 'pcap.statistics.delivered', type: 'int', description: 'Packets handed to the capturing program.', source },
  start: { path: 'pcap.statistics.start', type: 'time', description: 'When the capture began.', source },
  end: { path: 'pcap.statistics.end', type: 'time', description: 'When the capture ended.', source },
})
