-- Lists that people come back to: a name for what a list is asked for, of one person, of a team or of everybody.

CREATE TABLE saved_views (
    view_id bigint GENERATED ALWAYS AS IDENTITY,
    -- The list that it is of, such as `findings`.
    screen text NOT NULL,
    -- Whose it is: of one person, or of a team, else of everybody.
    person_id bigint,
    team text,
    name text NOT NULL,
    -- The query string, as the list's own addresses have it.
    query text NOT NULL,
    -- Deleted ones are kept for a while, so that it can be undone.
    deleted_at timestamptz,
    -- How often it was changed: an act says which state it saw.
    version integer NOT NULL DEFAULT 1,
    -- The name, the query and whether it was there before the last change; NULL before the first.
    before jsonb,
    changed_at timestamptz NOT NULL,
    changed_by bigint NOT NULL,
    -- What makes the form that made it another than the next one.
    form_key text NOT NULL,
    CONSTRAINT saved_views_pkey PRIMARY KEY (view_id),
    CONSTRAINT saved_views_form_key UNIQUE (form_key),
    CONSTRAINT saved_views_owner_check CHECK (person_id IS NULL OR team IS NULL),
    CONSTRAINT saved_views_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id),
    CONSTRAINT saved_views_changed_by_fkey FOREIGN KEY (changed_by) REFERENCES people (person_id)
);

CREATE INDEX saved_views_screen_idx ON saved_views (screen, view_id) WHERE deleted_at IS NULL;
CREATE INDEX saved_views_person_idx ON saved_views (person_id);
CREATE INDEX saved_views_changed_by_idx ON saved_views (changed_by);
