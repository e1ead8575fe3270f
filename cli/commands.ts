/** The commands, each in a file of its name. */
export const COMMANDS = [
  'run',
  'check',
  'setup',
  'decode',
  'explain',
  'test',
  'plugins',
  'schema',
  'new',
  'queue',
  'dead',
  'checkpoint',
  'oui',
] as const
