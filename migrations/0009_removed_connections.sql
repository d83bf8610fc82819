-- A connection that nobody wants any more is not scanned and not shown; what was found stays, as history does.

ALTER TABLE connections
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN removed_by text,
    ADD CONSTRAINT connections_removed_check CHECK ((removed_at IS NULL) = (removed_by IS NULL));
