/** What to ask a legacy server for: what the user wants and the server has, without what it cannot send right. */
import { formOf, identifying, MANDATORY, SENTENCES, USELESS, USUAL } from './sentences.ts'

/** From the config: for each sentence its fields or `*`. */
export type Wanted = Readonly<Record<string, '*' | readonly string[]>>

/** Sentences to ask the fields of, by what the greeting offers. */
export function sentencesOf(offered: readonly string[], wanted: Wanted | undefined): string[] {
  const has = new Set(offered)
  if (wanted)
    return Object.keys(wanted)
      .map((name) => name.toUpperCase())
      .filter((name) => has.has(name) && !MANDATORY.has(name))
  const plugins = offered.filter((name) => !Object.hasOwn(SENTENCES, name) && !MANDATORY.has(name) && !USELESS.has(name))
  return [...USUAL.filter((name) => has.has(name)), ...plugins]
}

/**
 * Fields to subscribe, in order: those that are wanted as the user wrote them, then those without which a record could not be told from others.
 * @param offered what CAPABILITY says
 */
export function fieldsOf(name: string, offered: readonly string[], wanted: Wanted | undefined): string[] {
  const form = formOf(name)
  const given = givenOf(name, wanted)
  const asked = given === undefined || given === '*' ? offered : given.map((field) => field.toLowerCase())
  const has = new Set(offered)
  const all = new Set([...asked, ...identifying(form)])
  return [...all].filter((field) => has.has(field) && !form.broken.includes(field))
}

/** Fields that the user names and that are not subscribed: those the server does not have, and those it cannot write right. */
export function leftOut(name: string, offered: readonly string[], wanted: Wanted | undefined): { missing: string[]; broken: string[] } {
  const given = givenOf(name, wanted)
  const named = given === undefined || given === '*' ? [] : given.map((field) => field.toLowerCase())
  const { broken } = formOf(name)
  return { missing: named.filter((field) => !offered.includes(field)), broken: named.filter((field) => broken.includes(field)) }
}

function givenOf(name: string, wanted: Wanted | undefined): Wanted[string] | undefined {
  return wanted && Object.entries(wanted).find(([sentence]) => sentence.toUpperCase() === name)?.[1]
}
