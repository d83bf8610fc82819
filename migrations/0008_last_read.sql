-- A scan that finds an asset as it was leaves its row alone, so that a thousand scans of a quiet estate write nothing here.

COMMENT ON COLUMN current_assets.last_read_at IS
    'Where `unread_reason` is set: the last snapshot that read it. Otherwise that is the connection''s latest one.';
