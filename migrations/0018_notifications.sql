-- Notifications: what happened is written in the transaction in which it happens, and is delivered from here.

CREATE TABLE outbox (
    event_id bigint GENERATED ALWAYS AS IDENTITY,
    -- What makes it this event: `X-12/3` for the third act, `X-12/ends-7-2026-09-01` for a warning.
    event_key text NOT NULL,
    kind text NOT NULL,
    exception_id bigint NOT NULL,
    at timestamptz NOT NULL,
    -- The domain's `Event`.
    event jsonb NOT NULL,
    -- When it was decided who gets it; NULL: not yet.
    addressed_at timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (event_id),
    CONSTRAINT outbox_event_key UNIQUE (event_key),
    CONSTRAINT outbox_exception_fkey FOREIGN KEY (exception_id) REFERENCES exceptions (exception_id)
);

CREATE INDEX outbox_waiting_idx ON outbox (event_id) WHERE addressed_at IS NULL;

-- Messages: one of an event to a target, or one of a day to somebody who wants no more.
CREATE TABLE deliveries (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY,
    -- `X-12/3 P-7` or `2026-09-01 P-7`: the same message however often it is sent.
    delivery_key text NOT NULL,
    -- The domain's `Target`: `P-7`, `approvers` or `webhook:siem`. Addresses are read when it is sent.
    target text NOT NULL,
    -- The day of which it is the digest; NULL: of one event.
    digest_on date,
    state text NOT NULL,
    attempts integer NOT NULL,
    -- When it is tried next. While it is tried, when another process takes it for abandoned.
    next_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    -- In words of ours: what servers answer may hold secrets.
    last_error text,
    CONSTRAINT deliveries_pkey PRIMARY KEY (delivery_id),
    CONSTRAINT deliveries_delivery_key UNIQUE (delivery_key),
    CONSTRAINT deliveries_state_check CHECK (state IN ('pending', 'delivered', 'parked')),
    CONSTRAINT deliveries_delivered_check CHECK ((state = 'delivered') = (delivered_at IS NOT NULL))
);

CREATE INDEX deliveries_due_idx ON deliveries (next_at) WHERE state = 'pending';

-- What a message says.
CREATE TABLE delivery_events (
    delivery_id bigint NOT NULL,
    event_id bigint NOT NULL,
    CONSTRAINT delivery_events_pkey PRIMARY KEY (delivery_id, event_id),
    CONSTRAINT delivery_events_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries (delivery_id),
    CONSTRAINT delivery_events_event_fkey FOREIGN KEY (event_id) REFERENCES outbox (event_id)
);

-- How often somebody wants mail; who said nothing gets each.
CREATE TABLE notification_preferences (
    person_id bigint NOT NULL,
    frequency text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT notification_preferences_pkey PRIMARY KEY (person_id),
    CONSTRAINT notification_preferences_person_fkey FOREIGN KEY (person_id) REFERENCES people (person_id),
    CONSTRAINT notification_preferences_frequency_check CHECK (frequency IN ('each', 'daily', 'none'))
);
