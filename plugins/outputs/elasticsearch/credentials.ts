/** What a request says of who sends it. */
import { readFile } from 'node:fs/promises'

export const credentialsSchema = {
  api_key: { type: 'string', minLength: 1, description: 'API key: `id:key`, or the encoded form that Kibana shows.' },
  api_key_file: {
    type: 'string',
    minLength: 1,
    description: 'File that holds the API key instead, read for each request: a renewed one needs no restart.',
  },
  username: { type: 'string', minLength: 1, description: 'For basic authentication.' },
  password: { type: 'string', description: 'Its password.' },
  password_file: { type: 'string', minLength: 1, description: 'File that holds the password instead, read for each request.' },
  bearer_token: { type: 'string', minLength: 1, description: 'Token of a service account.' },
  bearer_token_file: { type: 'string', minLength: 1, description: 'File that holds the token instead, read for each request.' },
} as const

export interface Credentials {
  readonly api_key?: string
  readonly api_key_file?: string
  readonly username?: string
  readonly password?: string
  readonly password_file?: string
  readonly bearer_token?: string
  readonly bearer_token_file?: string
}

/**
 * What is wrong with them; in words of ours, since those of a schema would repeat what is secret.
 * @throws Error
 */
export function checkCredentials({ api_key, api_key_file, username, password, password_file, bearer_token, bearer_token_file }: Credentials): void {
  const given = Object.entries({ api_key, api_key_file, username, bearer_token, bearer_token_file }).filter(([, value]) => value !== undefined)
  if (given.length > 1) throw new Error(`${given.map(([name]) => name).join(' and ')}: there is one way to log in`)
  if (password !== undefined && password_file !== undefined) throw new Error('password and password_file: there is one password')
  const secret = password ?? password_file
  if ((username === undefined) !== (secret === undefined)) throw new Error('username and password (or password_file) belong together')
}

/** Value of the `Authorization` header, if there is to be one; reads the files anew each time. */
export async function authorizationOf(credentials: Credentials): Promise<string | undefined> {
  const { username } = credentials
  const [api_key, bearer_token, password] = await Promise.all([
    secretOf(credentials.api_key, credentials.api_key_file),
    secretOf(credentials.bearer_token, credentials.bearer_token_file),
    secretOf(credentials.password, credentials.password_file),
  ])
  // The encoded form has no colon.
  if (api_key !== undefined) return `ApiKey ${api_key.includes(':') ? base64(api_key) : api_key}`
  if (bearer_token !== undefined) return `Bearer ${bearer_token}`
  return username === undefined ? undefined : `Basic ${base64(`${username}:${password}`)}`
}

async function secretOf(value: string | undefined, file: string | undefined): Promise<string | undefined> {
  return file === undefined ? value : (await readFile(file, 'utf8')).trim()
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
