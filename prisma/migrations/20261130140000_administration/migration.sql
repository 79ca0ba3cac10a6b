-- Administrators: who they are, what they may do to others, and a record of it that nobody can change.

ALTER TABLE "users" ADD COLUMN "role" TEXT NOT NULL DEFAULT 'user';
ALTER TABLE "users" ADD CONSTRAINT "users_role_check" CHECK ("role" IN ('user', 'admin'));
-- Since when: no login and no session any more; null: not blocked.
ALTER TABLE "users" ADD COLUMN "blocked_at" TIMESTAMPTZ(3);
CREATE INDEX "users_created_at_id_idx" ON "users" ("created_at", "id");
-- Whether one is left is asked before the role is taken away.
CREATE INDEX "users_administrators" ON "users" ("id") WHERE "role" = 'admin';

-- Sums of a day, by kind, out of the index alone.
CREATE INDEX "usage_ledger_kind_recorded_at_delta_ms_idx"
  ON "usage_ledger" ("kind", "recorded_at", "delta_ms");

-- Why its process is to settle it, where no other session takes its place. It is told by the flag that
-- every process knows already.
ALTER TABLE "leases" ADD COLUMN "stop_reason" TEXT;
ALTER TABLE "leases" ADD CONSTRAINT "leases_stop_reason_check"
  CHECK ("stop_reason" IN ('ended_by_operator', 'account_blocked'));
ALTER TABLE "leases" ADD CONSTRAINT "leases_stop_is_taken_over_check"
  CHECK ("stop_reason" IS NULL OR "taken_over");

CREATE TABLE "admin_audit_entries" (
  "id" TEXT NOT NULL,
  -- Who: an administrator, or whoever used the server's command line.
  "actor_user_id" TEXT,
  "os_user" TEXT,
  "action" TEXT NOT NULL,
  "subject_user_id" TEXT NOT NULL,
  "subject_session_id" TEXT,
  "reason" TEXT NOT NULL,
  "before" JSONB,
  "after" JSONB,
  "request_id" TEXT,
  -- Of the change that it records.
  "transaction_id" BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT "admin_audit_entries_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "admin_audit_entries_actor_check"
    CHECK (("actor_user_id" IS NULL) <> ("os_user" IS NULL)),
  CONSTRAINT "admin_audit_entries_action_check" CHECK ("action" IN (
    'credits_adjusted', 'session_ended', 'user_blocked', 'user_unblocked', 'role_granted', 'role_revoked'
  )),
  CONSTRAINT "admin_audit_entries_session_check"
    CHECK (("action" = 'session_ended') = ("subject_session_id" IS NOT NULL)),
  CONSTRAINT "admin_audit_entries_reason_check" CHECK (char_length("reason") BETWEEN 3 AND 500),
  CONSTRAINT "admin_audit_entries_actor_user_id_fkey" FOREIGN KEY ("actor_user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "admin_audit_entries_subject_user_id_fkey" FOREIGN KEY ("subject_user_id")
    REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT "admin_audit_entries_subject_session_id_fkey" FOREIGN KEY ("subject_session_id")
    REFERENCES "transcription_sessions" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "admin_audit_entries_recorded_at_id_idx" ON "admin_audit_entries" ("recorded_at", "id");
CREATE INDEX "admin_audit_entries_subject_user_id_recorded_at_idx"
  ON "admin_audit_entries" ("subject_user_id", "recorded_at");
CREATE INDEX "admin_audit_entries_transaction_id_idx" ON "admin_audit_entries" ("transaction_id");

CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'admin_audit_entries is append-only: what was done stays on record'
    USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "admin_audit_entries_is_append_only"
  BEFORE UPDATE OR DELETE OR TRUNCATE ON "admin_audit_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();

-- What only administrators do cannot be committed without its entry. Looked at as late as the commit, so
-- that the entry may be written last, when it is known what has changed.
-- Arguments: the column with the user's id, and the actions that allow it, comma-separated.
CREATE FUNCTION "require_audit_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM "admin_audit_entries"
    WHERE "transaction_id" = pg_current_xact_id()::text::bigint
      AND "subject_user_id" = to_jsonb(NEW) ->> TG_ARGV[0]
      AND "action" = ANY (string_to_array(TG_ARGV[1], ','))
  ) THEN
    RAISE EXCEPTION 'a change of % by an administrator needs its entry in admin_audit_entries, in the same transaction', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER "users_admin_is_audited" AFTER INSERT ON "users"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW."role" <> 'user')
  EXECUTE FUNCTION "require_audit_entry"('id', 'role_granted');
CREATE CONSTRAINT TRIGGER "users_role_is_audited" AFTER UPDATE OF "role" ON "users"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD."role" <> NEW."role")
  EXECUTE FUNCTION "require_audit_entry"('id', 'role_granted,role_revoked');
CREATE CONSTRAINT TRIGGER "users_block_is_audited" AFTER UPDATE OF "blocked_at" ON "users"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD."blocked_at" IS DISTINCT FROM NEW."blocked_at")
  EXECUTE FUNCTION "require_audit_entry"('id', 'user_blocked,user_unblocked');
CREATE CONSTRAINT TRIGGER "usage_ledger_adjustment_is_audited" AFTER INSERT ON "usage_ledger"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW."kind" IN ('operator_grant', 'operator_adjustment'))
  EXECUTE FUNCTION "require_audit_entry"('user_id', 'credits_adjusted');
-- Heartbeats do not touch this column, and do not pay for its trigger.
CREATE CONSTRAINT TRIGGER "leases_stop_is_audited" AFTER UPDATE OF "stop_reason" ON "leases"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD."stop_reason" IS DISTINCT FROM NEW."stop_reason")
  EXECUTE FUNCTION "require_audit_entry"('user_id', 'session_ended,user_blocked');
