#!/bin/sh
# Makes the code of databridge.thrift with Thrift 0.17: for the output in generated/, for the peer of the tests in test/peers/wso2/gen-py.
set -e
cd "$(dirname "$0")"
thrift --gen js:node,es6 -out generated databridge.thrift
# What is generated is CommonJS, in a package of ES modules, and loads a package that it does not use.
for file in generated/*.js; do
  sed -e "s#require('\./\(.*\)')#require('./\1.cjs')#" -e '/node-int64/d' "$file" >"${file%.js}.cjs"
  rm "$file"
done
sha256sum databridge.thrift generate.sh >generated/SOURCES
peer=../../../../test/peers/wso2/gen-py
thrift --gen py -out $peer databridge.thrift
rm -f $peer/__init__.py $peer/databridge/*-remote
