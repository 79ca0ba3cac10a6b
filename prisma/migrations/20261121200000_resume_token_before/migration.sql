-- The answer to a resume may be lost with its connection: until the client has shown that it has the new
-- token, the one that it showed last opens the session, too, on whichever server it comes to next.
ALTER TABLE "transcription_sessions" ADD COLUMN "resume_token_hash_before" TEXT;
ALTER TABLE "transcription_sessions" ADD CONSTRAINT "transcription_sessions_token_before_check"
  CHECK ("resume_token_hash_before" ~ '^[0-9a-f]{64}$');
