#!/bin/sh
# Makes the certificates beside it; they hold for a hundred years. `stock` is of the kind that WSO2 servers of 2013 came with.
set -eu
cd "$(dirname "$0")"
days=36500
curve='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
openssl req -x509 $curve -days $days -subj '/CN=Wherry test CA' -keyout ca.key -out ca.pem
sign() {
  openssl req $curve -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf '%s\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "$3" -days $days -extfile "$1.ext" -out "$1.leaf"
  cat "$1.leaf" ca.pem >"$1.pem"
  rm "$1.csr" "$1.ext" "$1.leaf"
}
sign server 'subjectAltName=DNS:localhost,IP:127.0.0.1' 2
sign client 'extendedKeyUsage=clientAuth' 3
openssl req -x509 -newkey rsa:1024 -nodes -sha1 -days $days -subj '/CN=localhost' -keyout stock.key -out stock.pem
rm ca.key
