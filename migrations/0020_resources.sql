-- The list of resources, now and of any moment, is made of how bad the worst of each is that fails, and of which resources
-- were there: both read by index, whatever years there are of history.

-- The asset that the finding is on, which its row names by a long text in another table.
ALTER TABLE finding_spans
    -- NULL only while an archive is taken in.
    ADD COLUMN asset_number bigint,
    ADD CONSTRAINT finding_spans_asset_fkey FOREIGN KEY (asset_number) REFERENCES assets (asset_number);

UPDATE finding_spans
SET asset_number = assets.asset_number
FROM findings
JOIN assets USING (connection_id, asset_id)
WHERE findings.finding_id = finding_spans.finding_id;

-- With the span itself and the finding, so that nothing else is read.
CREATE INDEX finding_spans_failing_idx
    ON finding_spans (connection_id, asset_number, severity_rank, since, until, finding_id)
    WHERE standing = 0;

-- Which assets came, went, and could not be read: few rows among all those that say what changed of one.
CREATE INDEX asset_changes_presence_idx
    ON asset_changes (connection_id, at, change, asset_id)
    WHERE change <> 'changed';
