-- Which rules judge, under which settings, and where packs came from: every change, so that a step in a trend can be explained.

-- Where the bytes of a pack came from; what vouches for it.
CREATE TABLE pack_origins (
    pack_digest bytea NOT NULL,
    origin text NOT NULL,
    -- The id of the trusted minisign key whose signature was verified, in hexadecimal.
    signer text,
    at timestamptz NOT NULL,
    CONSTRAINT pack_origins_pkey PRIMARY KEY (pack_digest),
    CONSTRAINT pack_origins_pack_fkey FOREIGN KEY (pack_digest) REFERENCES packs (pack_digest),
    CONSTRAINT pack_origins_origin_check CHECK (origin IN ('built_in', 'signed', 'unsigned')),
    CONSTRAINT pack_origins_signer_check CHECK ((origin = 'signed') = (signer IS NOT NULL))
);

-- The latest row of a pack's name says which of its versions judges.
CREATE TABLE pack_activations (
    pack_activation_id bigint GENERATED ALWAYS AS IDENTITY,
    pack text NOT NULL,
    -- NULL: the pack that the binary carries, or none where it carries none of that name.
    pack_digest bytea,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pack_activations_pkey PRIMARY KEY (pack_activation_id),
    CONSTRAINT pack_activations_pack_fkey FOREIGN KEY (pack_digest) REFERENCES packs (pack_digest)
);

CREATE INDEX pack_activations_pack_idx ON pack_activations (pack, pack_activation_id DESC);

-- The latest row of a pack's name holds.
CREATE TABLE setting_changes (
    setting_change_id bigint GENERATED ALWAYS AS IDENTITY,
    pack text NOT NULL,
    -- {"values": {…}, "overrides": […]}
    settings jsonb NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT setting_changes_pkey PRIMARY KEY (setting_change_id)
);

CREATE INDEX setting_changes_pack_idx ON setting_changes (pack, setting_change_id DESC);

CREATE TRIGGER pack_origins_insert_only BEFORE UPDATE OR DELETE ON pack_origins
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pack_activations_insert_only BEFORE UPDATE OR DELETE ON pack_activations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER setting_changes_insert_only BEFORE UPDATE OR DELETE ON setting_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER pack_origins_no_truncate BEFORE TRUNCATE ON pack_origins
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pack_activations_no_truncate BEFORE TRUNCATE ON pack_activations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER setting_changes_no_truncate BEFORE TRUNCATE ON setting_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
