/** Geohash: bits of longitude and latitude by turns, five to a character (G. Niemeyer, 2008). */
const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'

export function geohash(lat: number, lon: number, characters: number): string {
  let [south, north, west, east] = [-90, 90, -180, 180]
  let hash = ''
  for (let at = 0; at < characters; at++) {
    let code = 0
    for (let bit = 0; bit < 5; bit++) {
      if ((at * 5 + bit) % 2 === 0) {
        const middle = (west + east) / 2
        code = code * 2 + (lon >= middle ? 1 : 0)
        if (lon >= middle) west = middle
        else east = middle
      } else {
        const middle = (south + north) / 2
        code = code * 2 + (lat >= middle ? 1 : 0)
        if (lat >= middle) south = middle
        else north = middle
      }
    }
    hash += ALPHABET[code]
  }
  return hash
}
