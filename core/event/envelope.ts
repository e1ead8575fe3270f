/** The fields every event has (ECS names), and those of every captured frame (Wireshark's names). */
import { fieldTable } from './fields.ts'

export const envelope = fieldTable('envelope', {
  timestamp: {
    path: '@timestamp',
    type: 'time',
    alias: ['frame.time', 'frame.time_epoch'],
    description: 'Capture time of the record, to the nanosecond; never the time of sending.',
    source: 'record header',
  },
  id: {
    path: 'event.id',
    type: 'id',
    description: 'Which record this is: capture time, stream and place in the stream. Sorts by time; the same after every re-read.',
    source: 'core/event/id.ts',
  },
  kind: { path: 'event.kind', type: 'text', description: 'event, metric, state or alert.', source: 'ECS' },
  dataset: { path: 'event.dataset', type: 'text', description: 'What the event describes: wifi.frame, pcap.statistics, wherry.gap …', source: 'ECS' },
  observer: { path: 'observer.name', type: 'text', description: 'Name of the sensor (shipper.name).', source: 'shipper.yml' },
  errorType: { path: 'error.type', type: 'text', description: 'Kind of damage that stopped the decoding of this record.', source: 'decoder' },
  errorReason: {
    path: 'error.reason',
    type: 'text',
    description: 'What was wrong, and where; what had been decoded so far is kept.',
    source: 'decoder',
  },
  clockState: {
    path: 'event.clock.state',
    type: 'text',
    description: "Whether the sensor's clock could be believed when the record was read: synced, unsynced or unknown. See shipper.mark_clock.",
    source: 'time service',
  },
  clockOffset: {
    path: 'event.clock.offset_ns',
    type: 'int',
    unit: 'ns',
    description: 'How far the clock was ahead of true time, where the time service said so, or where @timestamp was set right by it (clock_wait_s).',
    source: 'time service',
  },
})

export const frame = fieldTable('frame', {
  number: { path: 'frame.number', type: 'int', description: 'Number of the record in its capture, from 1, as Wireshark counts.', source: 'count' },
  len: {
    path: 'frame.len',
    type: 'int',
    unit: 'bytes',
    description: 'Length of the frame on the air, capture headers included.',
    source: 'record header',
  },
  capLen: { path: 'frame.cap_len', type: 'int', unit: 'bytes', description: 'Bytes of the frame that were captured.', source: 'record header' },
  link: {
    path: 'frame.link_type',
    type: 'int',
    emit: 'full',
    description: 'Link type (LINKTYPE_ value) of the frame.',
    source: 'file header or interface block',
  },
  interface: {
    path: 'frame.interface_id',
    type: 'int',
    emit: 'full',
    description: 'Number of the capture interface within the file.',
    source: 'pcapng',
  },
  interfaceName: {
    path: 'frame.interface_name',
    type: 'text',
    emit: 'full',
    description: 'Name of the capture interface.',
    source: 'pcapng if_name',
  },
  comment: {
    path: 'frame.comment',
    type: 'text',
    list: true,
    class: 'identity',
    emit: 'full',
    description: 'Comments somebody put on the packet.',
    source: 'pcapng opt_comment',
  },
})

/** Fields whose value is the same for all frames of an input. */
export const SAME_OF_FRAMES: readonly string[] = (['kind', 'dataset', 'observer'] as const).map((key) => envelope.fields[envelope.at[key]].path)
