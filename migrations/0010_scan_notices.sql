-- Whoever shows a scan learns at once that it changed, whichever process runs it.

CREATE FUNCTION notify_of_scan() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_notify('postern_scans', NEW.connection_id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER scans_notify_insert
    AFTER INSERT ON scans
    FOR EACH ROW
    EXECUTE FUNCTION notify_of_scan();

-- A sign of life that says nothing new is no news.
CREATE TRIGGER scans_notify_update
    AFTER UPDATE ON scans
    FOR EACH ROW
    WHEN (
        (OLD.state, OLD.progress, OLD.cancel_requested_at)
        IS DISTINCT FROM (NEW.state, NEW.progress, NEW.cancel_requested_at)
    )
    EXECUTE FUNCTION notify_of_scan();
