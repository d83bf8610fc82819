-- A connection's schedule may follow the calendar of a time zone, and may be paused.

ALTER TABLE connections
    -- A cron expression of five fields and the IANA time zone whose clocks it means; in place of `scan_every_seconds`.
    ADD COLUMN schedule_cron text,
    ADD COLUMN schedule_time_zone text,
    -- Since when the schedule counts: when it was set or changed, or its pause ended. No earlier time of a cron
    -- expression was missed.
    ADD COLUMN schedule_since timestamptz,
    -- Set while it is paused.
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_by text,
    ADD CONSTRAINT connections_schedule_zone_check CHECK ((schedule_cron IS NULL) = (schedule_time_zone IS NULL)),
    ADD CONSTRAINT connections_schedule_check CHECK (schedule_cron IS NULL OR scan_every_seconds IS NULL),
    ADD CONSTRAINT connections_paused_check CHECK ((paused_at IS NULL) = (paused_by IS NULL));

UPDATE connections SET schedule_since = created_at;

ALTER TABLE connections ALTER COLUMN schedule_since SET NOT NULL;
