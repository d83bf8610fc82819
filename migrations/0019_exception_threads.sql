-- What people say about an exception, and the files that they add as evidence.

CREATE TABLE exception_comments (
    exception_comment_id bigint GENERATED ALWAYS AS IDENTITY,
    exception_id bigint NOT NULL,
    at timestamptz NOT NULL,
    person_id bigint NOT NULL,
    text text NOT NULL,
    -- What the form had: one that is sent twice says it once.
    form_key text NOT NULL,
    CONSTRAINT exception_comments_pkey PRIMARY KEY (exception_comment_id),
    CONSTRAINT exception_comments_form_key UNIQUE (form_key),
    CONSTRAINT exception_comments_exception_fkey FOREIGN KEY (exception_id) REFERENCES exceptions (exception_id),
    CONSTRAINT exception_comments_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id)
);

CREATE INDEX exception_comments_exception_idx ON exception_comments (exception_id, exception_comment_id);

CREATE TABLE exception_files (
    exception_file_id bigint GENERATED ALWAYS AS IDENTITY,
    exception_id bigint NOT NULL,
    at timestamptz NOT NULL,
    person_id bigint NOT NULL,
    -- The domain's `FileName` and `FileKind`.
    name text NOT NULL,
    kind text NOT NULL,
    content_hash bytea NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT exception_files_pkey PRIMARY KEY (exception_file_id),
    -- The same file under the same name is there once.
    CONSTRAINT exception_files_content_key UNIQUE (exception_id, name, content_hash),
    CONSTRAINT exception_files_exception_fkey FOREIGN KEY (exception_id) REFERENCES exceptions (exception_id),
    CONSTRAINT exception_files_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id),
    CONSTRAINT exception_files_hash_check CHECK (length(content_hash) = 32),
    CONSTRAINT exception_files_size_check CHECK (length(content) BETWEEN 1 AND 10485760)
);

-- Pictures and documents are compressed already.
ALTER TABLE exception_files ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TRIGGER exception_comments_insert_only BEFORE UPDATE OR DELETE ON exception_comments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_comments_no_truncate BEFORE TRUNCATE ON exception_comments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_files_insert_only BEFORE UPDATE OR DELETE ON exception_files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_files_no_truncate BEFORE TRUNCATE ON exception_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
