-- A client that was cut off goes on with its session, also on another server.

-- The one token that opens the session again, as SHA-256; null: it cannot be resumed.
ALTER TABLE "transcription_sessions" ADD COLUMN "resume_token_hash" TEXT;
-- Since when its client is away; null while it is there.
ALTER TABLE "transcription_sessions" ADD COLUMN "cut_at" TIMESTAMPTZ(3);
ALTER TABLE "transcription_sessions" ADD CONSTRAINT "transcription_sessions_resume_token_hash_check"
  CHECK ("resume_token_hash" ~ '^[0-9a-f]{64}$');
ALTER TABLE "transcription_sessions" ADD CONSTRAINT "transcription_sessions_cut_at_check"
  CHECK ("cut_at" IS NULL OR "resume_token_hash" IS NOT NULL);

-- How far the session has come, as of the last heartbeat; beside what the heartbeat writes anyway.
-- Position up to which audio was billed: what is below it is a replay.
ALTER TABLE "leases" ADD COLUMN "heard_ms" BIGINT NOT NULL DEFAULT 0;
-- The client has every final up to here.
ALTER TABLE "leases" ADD COLUMN "horizon_ms" BIGINT NOT NULL DEFAULT 0;
-- Replayed for free, in the session's whole life.
ALTER TABLE "leases" ADD COLUMN "replayed_ms" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "leases" ADD CONSTRAINT "leases_progress_check"
  CHECK ("heard_ms" >= 0 AND "horizon_ms" >= 0 AND "replayed_ms" >= 0);
