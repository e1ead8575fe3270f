/** Which random value of a scene is which: equal slots of one scene hold equal bytes. */
export const SLOT = {
  own: 0,
  anonce: 1,
  snonce: 2,
  pmkid: 3,
  mic: 4,
  /** Commit and confirm of the client, then of the access point. */
  sae: 8,
  /** Public keys of client and access point. */
  owe: 12,
  groupKey: 14,
} as const
