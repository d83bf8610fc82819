-- Why a verdict turned out otherwise is a fact of its own: what changed from what to what, or which rule or setting did.

ALTER TABLE finding_events
    -- The domain's `Cause` as JSON; NULL where the event has none, or an older Postern wrote it.
    ADD COLUMN cause jsonb;
