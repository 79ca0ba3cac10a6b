-- Audio is leased before it is forwarded, credit is bought, browsers log in by cookie, and limits
-- hold over several server processes.

-- What a refund took that was spent already. Collected from the next credit that comes in.
ALTER TABLE "credit_balance" ADD COLUMN "owed_ms" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "credit_balance" ADD CONSTRAINT "credit_balance_owed_ms_check" CHECK ("owed_ms" >= 0);

CREATE TABLE "leases" (
  "session_id" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "user_id" TEXT NOT NULL,
  "instance" TEXT NOT NULL,
  "start_ms" BIGINT NOT NULL,
  "granted_ms" BIGINT NOT NULL,
  "used_ms" BIGINT NOT NULL DEFAULT 0,
  "state" TEXT NOT NULL DEFAULT 'active',
  "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "taken_over" BOOLEAN NOT NULL DEFAULT false,
  "settled_at" TIMESTAMPTZ(3),
  CONSTRAINT "leases_pkey" PRIMARY KEY ("session_id", "seq"),
  CONSTRAINT "leases_start_ms_check" CHECK ("start_ms" >= 0),
  CONSTRAINT "leases_granted_ms_check" CHECK ("granted_ms" > 0),
  CONSTRAINT "leases_used_ms_check" CHECK ("used_ms" >= 0 AND "used_ms" <= "granted_ms"),
  CONSTRAINT "leases_state_check" CHECK ("state" IN ('active', 'settled', 'reaped')),
  CONSTRAINT "leases_settled_check" CHECK (("state" = 'active') = ("settled_at" IS NULL)),
  CONSTRAINT "leases_session_id_fkey" FOREIGN KEY ("session_id")
    REFERENCES "transcription_sessions" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "leases_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
-- Heartbeats change rows every second. With room in the page, and no index on what they change, the
-- new version of a row stays beside the old one and no index is written.
) WITH (fillfactor = 70);
-- A session's audio is covered by one lease at a time.
CREATE UNIQUE INDEX "leases_one_active_per_session" ON "leases" ("session_id") WHERE "state" = 'active';
CREATE INDEX "leases_active_of_user" ON "leases" ("user_id") WHERE "state" = 'active';

-- The speech provider's own count of a session, to be held against ours.
ALTER TABLE "transcription_sessions" ADD COLUMN "provider_audio_ms" BIGINT;
ALTER TABLE "transcription_sessions" ADD COLUMN "provider_request_id" TEXT;

-- From here on every active session has an active lease. What a crash left open before never ends
-- by itself.
UPDATE "transcription_sessions"
  SET "status" = 'terminated', "end_reason" = 'internal', "ended_at" = CURRENT_TIMESTAMP
  WHERE "status" = 'active';

CREATE TABLE "credit_purchases" (
  "id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "package_id" TEXT NOT NULL,
  "label" TEXT NOT NULL,
  "audio_ms" BIGINT NOT NULL,
  "price_cents" INTEGER NOT NULL,
  "currency" TEXT NOT NULL,
  "status" TEXT NOT NULL DEFAULT 'open',
  "idempotency_key" TEXT NOT NULL,
  "checkout_session_id" TEXT,
  "checkout_url" TEXT,
  "payment_intent_id" TEXT,
  "refunded_cents" INTEGER NOT NULL DEFAULT 0,
  "dispute" TEXT,
  "reversed_ms" BIGINT NOT NULL DEFAULT 0,
  "reversals" INTEGER NOT NULL DEFAULT 0,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "paid_at" TIMESTAMPTZ(3),
  CONSTRAINT "credit_purchases_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "credit_purchases_audio_ms_check" CHECK ("audio_ms" > 0),
  CONSTRAINT "credit_purchases_price_cents_check" CHECK ("price_cents" > 0),
  CONSTRAINT "credit_purchases_refunded_cents_check"
    CHECK ("refunded_cents" >= 0 AND "refunded_cents" <= "price_cents"),
  CONSTRAINT "credit_purchases_reversed_ms_check"
    CHECK ("reversed_ms" >= 0 AND "reversed_ms" <= "audio_ms"),
  CONSTRAINT "credit_purchases_status_check"
    CHECK ("status" IN ('open', 'paid', 'failed', 'expired')),
  CONSTRAINT "credit_purchases_dispute_check" CHECK ("dispute" IN ('open', 'won', 'lost')),
  CONSTRAINT "credit_purchases_paid_check" CHECK (("status" = 'paid') = ("paid_at" IS NOT NULL)),
  CONSTRAINT "credit_purchases_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "credit_purchases_checkout_session_id_key"
  ON "credit_purchases" ("checkout_session_id");
CREATE UNIQUE INDEX "credit_purchases_payment_intent_id_key"
  ON "credit_purchases" ("payment_intent_id");
CREATE UNIQUE INDEX "credit_purchases_user_id_idempotency_key_key"
  ON "credit_purchases" ("user_id", "idempotency_key");

-- A browser's login is one token in a cookie that is not rotated; a program's are, at every use.
ALTER TABLE "refresh_tokens" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'app';
ALTER TABLE "refresh_tokens" ADD COLUMN "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_kind_check" CHECK ("kind" IN ('app', 'web'));

-- The columns are those of the library that keeps it (rate-limiter-flexible).
CREATE TABLE "rate_limits" (
  "key" TEXT NOT NULL,
  "points" INTEGER NOT NULL DEFAULT 0,
  "expire" BIGINT,
  CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);
