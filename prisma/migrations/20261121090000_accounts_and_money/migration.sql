-- Amounts are whole milliseconds of audio. Nothing that money depends on is deleted with its user:
-- the foreign keys of balance, sessions and ledger are RESTRICT.

CREATE TABLE "users" (
  "id" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "password_hash" TEXT NOT NULL,
  "stripe_customer_id" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "users_email_is_lower_case" CHECK ("email" = lower("email"))
);
CREATE UNIQUE INDEX "users_email_key" ON "users" ("email");
CREATE UNIQUE INDEX "users_stripe_customer_id_key" ON "users" ("stripe_customer_id");

CREATE TABLE "refresh_tokens" (
  "token_hash" TEXT NOT NULL,
  "family_id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "device_name" TEXT,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "used_at" TIMESTAMPTZ(3),
  CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("token_hash"),
  CONSTRAINT "refresh_tokens_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "refresh_tokens_family_id_idx" ON "refresh_tokens" ("family_id");
CREATE INDEX "refresh_tokens_user_id_idx" ON "refresh_tokens" ("user_id");
CREATE INDEX "refresh_tokens_expires_at_idx" ON "refresh_tokens" ("expires_at");

CREATE TABLE "credit_balance" (
  "user_id" TEXT NOT NULL,
  "available_ms" BIGINT NOT NULL DEFAULT 0,
  "held_ms" BIGINT NOT NULL DEFAULT 0,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "credit_balance_pkey" PRIMARY KEY ("user_id"),
  CONSTRAINT "credit_balance_available_ms_check" CHECK ("available_ms" >= 0),
  CONSTRAINT "credit_balance_held_ms_check" CHECK ("held_ms" >= 0),
  CONSTRAINT "credit_balance_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "transcription_sessions" (
  "id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "mode" TEXT NOT NULL,
  "backend" TEXT NOT NULL,
  "model" TEXT,
  "language" TEXT,
  "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "ended_at" TIMESTAMPTZ(3),
  "used_ms" BIGINT NOT NULL DEFAULT 0,
  "status" TEXT NOT NULL DEFAULT 'active',
  "end_reason" TEXT,
  CONSTRAINT "transcription_sessions_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "transcription_sessions_mode_check" CHECK ("mode" IN ('managed', 'byok')),
  CONSTRAINT "transcription_sessions_used_ms_check" CHECK ("used_ms" >= 0),
  CONSTRAINT "transcription_sessions_status_check"
    CHECK ("status" IN ('active', 'completed', 'terminated')),
  CONSTRAINT "transcription_sessions_ended_check" CHECK (("status" = 'active') = ("ended_at" IS NULL)),
  CONSTRAINT "transcription_sessions_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "transcription_sessions_user_id_started_at_idx"
  ON "transcription_sessions" ("user_id", "started_at");
CREATE INDEX "transcription_sessions_started_at_idx" ON "transcription_sessions" ("started_at");
CREATE INDEX "transcription_sessions_status_idx" ON "transcription_sessions" ("status");

CREATE TABLE "usage_ledger" (
  "id" TEXT NOT NULL,
  "user_id" TEXT NOT NULL,
  "session_id" TEXT,
  "kind" TEXT NOT NULL,
  "delta_ms" BIGINT NOT NULL,
  "ref" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "usage_ledger_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "usage_ledger_user_id_fkey" FOREIGN KEY ("user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "usage_ledger_session_id_fkey" FOREIGN KEY ("session_id")
    REFERENCES "transcription_sessions" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "usage_ledger_ref_key" ON "usage_ledger" ("ref");
CREATE INDEX "usage_ledger_user_id_recorded_at_idx" ON "usage_ledger" ("user_id", "recorded_at");
CREATE INDEX "usage_ledger_session_id_idx" ON "usage_ledger" ("session_id");

CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'usage_ledger is append-only: correct it with a new entry'
    USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "usage_ledger_is_append_only"
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "usage_ledger"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();

CREATE TABLE "processed_events" (
  "id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "processed_events_pkey" PRIMARY KEY ("id")
);
