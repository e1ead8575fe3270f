/** Numbers of MessagePack where they lie. */
const TWO_32 = 4294967296

/** The number at `at`, floats among them; NaN for anything else and for integers beyond 2^53. */
export function numberAt(view: DataView, at: number): number {
  const head = view.getUint8(at)
  if (head < 0x80) return head
  if (head >= 0xe0) return head - 256
  switch (head) {
    case 0xca:
      return view.getFloat32(at + 1)
    case 0xcb:
      return view.getFloat64(at + 1)
    case 0xcc:
      return view.getUint8(at + 1)
    case 0xcd:
      return view.getUint16(at + 1)
    case 0xce:
      return view.getUint32(at + 1)
    case 0xd0:
      return view.getInt8(at + 1)
    case 0xd1:
      return view.getInt16(at + 1)
    case 0xd2:
      return view.getInt32(at + 1)
    case 0xcf:
    case 0xd3: {
      const high = head === 0xcf ? view.getUint32(at + 1) : view.getInt32(at + 1)
      const n = high * TWO_32 + view.getUint32(at + 5)
      return Number.isSafeInteger(n) ? n : Number.NaN
    }
    default:
      return Number.NaN
  }
}

/** The unsigned integer at `at` in two halves; undefined for anything else. */
export function u64At(view: DataView, at: number): { high: number; low: number } | undefined {
  if (view.getUint8(at) === 0xcf) return { high: view.getUint32(at + 1), low: view.getUint32(at + 5) }
  const n = numberAt(view, at)
  return Number.isSafeInteger(n) && n >= 0 ? { high: Math.floor(n / TWO_32), low: n % TWO_32 } : undefined
}
