-- A ruling is not the end of a dispute: it can be appealed. The latest report holds.
ALTER TABLE "credit_purchases" ADD COLUMN "dispute_reported_at" TIMESTAMPTZ(3);
