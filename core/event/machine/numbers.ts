/** Numbers that JavaScript and WebAssembly must agree on: the compilers of both read this file, so it has nothing but integers. */

/** What `Fill` answers beside where it ended: the record has other fields, other values where they are part of the text, or what JavaScript must write. */
export const OTHER_FIELDS = 0
export const OTHER_VALUES = 1
export const CANNOT = 2

/** Bytes of a template's head, and of what stands in its list of presence words, fixed fields and holes (../template.ts). */
export const HEAD = 24
export const WORD = 12
export const FIXED = 24
export const HOLE = 24

/** Kinds of values, as places in the list of types of ../compiled.ts, 12 more for lists; and one that only frames around texts have, an EventTime of the forward protocol. */
export const KIND_BOOL = 0
export const KIND_INT = 1
export const KIND_U64 = 3
export const KIND_MAC = 4
export const KIND_TEXT = 5
export const KIND_BYTES = 6
export const KIND_IP = 7
export const KIND_TIME = 8
export const KIND_ID = 11
export const KIND_INTS = 13
export const KIND_MACS = 16
export const KIND_EVENT_TIME = 32

/** How a value is read, as in ../reads.ts. */
export const COLUMN = 0
export const U8 = 1
export const I8 = 2
export const BITS = 3
export const U32 = 4
export const MAC = 5
export const LESS = 6
export const U64 = 7
export const BYTES = 8
export const I8S = 9
export const U8S = 10
export const SECOND = 11
export const BE = 12
export const MACS = 13
export const PACKET_NUMBER = 14

/** Bytes in a run's memory before its blocks: which run it is, and how many others it outlives. */
export const RUN_VERSION = 0
export const RUN_CREDIT = 4
export const RUN_BLOCKS = 16
/** How many other runs a run that came again outlives in its place. */
export const CREDIT = 3

/** Places of runs, and of flows; those of the same hash are `WAYS` next to each other. */
export const PLACES = 4096
export const WAYS = 8

/**
 * A layout of radiotap headers, as in plugins/filters/ieee80211/radiotap-layout.ts: which bits of the first `LAYOUT_HEAD` bytes count, these bits, how many places tell, and the places. There
 * is room for `LAYOUTS` of them, a power of two; half of it stays empty, so that they are found at once.
 */
export const LAYOUTS = 128
export const LAYOUT_BYTES = 128
export const LAYOUT_HEAD = 32
export const LAYOUT_TELLING = 64

/** Management subtypes, as bits, that stations exchange, one saying much the same as the next: (re)association, probe request, authentication and their ends. */
export const EXCHANGED = 0b1110000011111

/** What is behind a MAC header, where its fields stand at the same places in all such frames (assembly/above.ts); 0 where that is not known. First unencrypted packets. */
export const ABOVE_ARP = 1
export const ABOVE_IPV4 = 2
export const ABOVE_IPV4_TCP = 3
export const ABOVE_IPV4_UDP = 4
export const ABOVE_IPV6 = 5
export const ABOVE_IPV6_TCP = 6
export const ABOVE_IPV6_UDP = 7
/** The head of an encrypted body. */
export const ABOVE_WEP = 8
export const ABOVE_TKIP = 9
export const ABOVE_CCMP = 10
/** A request for a block ack, and a compressed one with a bitmap of 8 bytes; and these with no byte more behind them, of which the last four may be an FCS. */
export const ABOVE_REQUEST = 11
export const ABOVE_BLOCK_ACK = 12
export const ABOVE_SHORT_REQUEST = 13
export const ABOVE_SHORT_BLOCK_ACK = 14
/** Added to it where the record holds less than was on the air (snap length). */
export const CUT = 16

/** Places in a flow (../../route/fast-path.ts). */
export const FLOW_VERSION = 0
export const FLOW_RUN = 4
export const FLOW_BLOCKS = 8
export const FLOW_LENGTH = 12
export const FLOW_LINK = 16
export const FLOW_MAC = 20
export const FLOW_FCS = 24
export const FLOW_CRC = 28
export const FLOW_WHOLE = 32
export const FLOW_VALUE = 36
export const FLOW_STATUS = 40
export const FLOW_KIND = 44
export const FLOW_TEMPLATES = 48

/** Places in a job. */
export const JOB_AT = 0
export const JOB_END = 4
export const JOB_MOST = 8
export const JOB_RECORD = 12
export const JOB_BUDGET = 16
export const JOB_UNIT = 20
export const JOB_EVENT = 24
export const JOB_WORDS = 28
export const JOB_BASE = 32
export const JOB_LINK = 36
export const JOB_FLOWS = 40
export const JOB_STRIDE = 44
export const JOB_TIMESTAMP = 48
export const JOB_ID = 52
export const JOB_NUMBER = 56
export const JOB_LEN = 60
export const JOB_CAP_LEN = 64
export const JOB_TARGETS = 68
export const JOB_FRAMES = 72
export const JOB_OFFSET = 80
export const JOB_BYTES = 88

/** Places in a target of a job, which stand behind it. */
export const TARGET_BODY = 0
export const TARGET_OUT = 4
export const TARGET_LIMIT = 8
export const TARGET_INDEX = 12
export const TARGET_HEAD = 16
export const TARGET_TAIL = 20
export const TARGET_PACK = 24
export const TARGET_LEAF = 28
export const TARGET_FROM = 32
export const TARGET_TO = 40
export const TARGET_NEXT = 48
export const TARGET_BYTES = 56
