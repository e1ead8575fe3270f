/** Which capture it is: a hash of its beginning up to the end of the first packet record. The stream's identity in event ids, wherever its bytes come from. */
import { createHash } from 'node:crypto'

export function captureIdentity(beginning: Uint8Array): string {
  return createHash('sha256').update(beginning).digest('hex').slice(0, 32)
}
