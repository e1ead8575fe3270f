/** How V8 works for us: small rather than soon at its fastest. */
import { setFlagsFromString } from 'node:v8'

const FLAGS = [
  // The young generation would grow to 16 MB for good, since reading a config leaves so much behind at once, and the old one to twice what lives before it is swept. Events never touch
  // the heap, so small ones cost nothing that shows; at 20,000 frames/s it is 25 MB less.
  '--semi-space-growth-factor=1',
  '--optimize-for-size',
  // A function is optimised when it has run six times as long as V8 would wait for. Most work is WebAssembly's, so half of 310 functions never were worth it, among them what starting and
  // learning new devices took: 0.6 s of compiling and 2 MB less, for the same time. Where JavaScript does all the work, 0.3 s go by until it is at its fastest; at twice as much shipping a
  // file takes longer.
  '--interrupt-budget=400000',
]

/** To be called again when a thread has started: V8 forgets flags that were set while it runs when it makes the heap of another thread (Node 20). */
export function setV8Flags(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}
