#!/bin/sh
# Writes .env for compose.yaml, with secrets of its own. It leaves one that exists alone.
set -eu
cd "$(dirname "$0")"
if [ -e .env ]; then
  echo '.env exists: it holds the secrets of a database and of logins, and stays as it is.' >&2
  exit 1
fi
# Letters that mean nothing in a URL, in compose's files, and to a shell.
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
cat >.env <<END
POSTGRES_PASSWORD=$(secret)
JWT_SECRET=$(secret)
# The proxy on this machine that speaks TLS; and where browsers reach it.
TRUST_PROXY=1
PUBLIC_URL=https://captions.example.org
# https://console.deepgram.com
DEEPGRAM_API_KEY=
# Empty: credit is not sold, and new accounts get STARTING_CREDIT_MINUTES.
STRIPE_SECRET_KEY=
STRIPE_WEBHOOK_SECRET=
END
echo '.env is written. Fill in DEEPGRAM_API_KEY and PUBLIC_URL, then: docker compose up -d --build'
