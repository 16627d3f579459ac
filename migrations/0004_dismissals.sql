-- What: what people said is not the item they watch: an organisation, or a series of notices; where each hit stands.
-- Why: a homonym that was dismissed once is held back from then on, until somebody says otherwise.
-- When: 2026-11-22

-- An organisation is told by its key, a series by a notice: that one, and all of its procedure. What was undone stays.
-- name is the organisation as that notice writes it, of a series the title of the notice.
CREATE TABLE dismissal (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    organisation_key TEXT CHECK (organisation_key <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    undone_by INTEGER,
    undone_at TEXT,
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id),
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
) STRICT;

CREATE INDEX dismissal_item ON dismissal (guild_id, item_id) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX dismissal_organisation ON dismissal (guild_id, item_id, organisation_key)
    WHERE undone_at IS NULL AND organisation_key IS NOT NULL;
CREATE UNIQUE INDEX dismissal_series ON dismissal (guild_id, item_id, notice_id)
    WHERE undone_at IS NULL AND organisation_key IS NULL;

-- Hits, made anew for a CHECK cannot be changed. organisations holds, by key, the organisations whose names the item's
-- words stand in, the empty key for words that stand in none; it is empty for hits of before, until somebody asks.
CREATE TABLE hit_wider (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    notice_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    tier TEXT NOT NULL CHECK (tier IN ('identifier', 'exact', 'variant', 'alias', 'weak')),
    term TEXT NOT NULL,
    rule TEXT NOT NULL CHECK (rule <> ''),
    field TEXT NOT NULL CHECK (field <> ''),
    start INTEGER NOT NULL CHECK (start >= 0),
    "end" INTEGER NOT NULL,
    matched TEXT NOT NULL,
    snippet TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 1),
    organisations TEXT CHECK (json_type(organisations) = 'object'),
    held TEXT CHECK (held IN ('baseline', 'weak', 'digest', 'late', 'muted', 'storm', 'dismissed')),
    digest TEXT NOT NULL CHECK (digest IN ('none', 'due', 'told')),
    found_at TEXT NOT NULL,
    UNIQUE (guild_id, id),
    UNIQUE (notice_id, revision, item_id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id),
    FOREIGN KEY (notice_id, revision) REFERENCES notice_revision (notice_id, revision),
    CHECK (start < "end"),
    CHECK ((held IN ('baseline', 'muted')) <= (digest = 'none'))
) STRICT;

INSERT INTO hit_wider (id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched,
    snippet, count, held, digest, found_at)
SELECT id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched, snippet, count,
    held, digest, found_at
FROM hit;

DROP TABLE hit;
ALTER TABLE hit_wider RENAME TO hit;

CREATE INDEX hit_item ON hit (guild_id, item_id, found_at);
CREATE INDEX hit_due ON hit (guild_id, id) WHERE digest = 'due';

-- How often a card was asked to be made anew at the revision that it shows: a card made before the last time is not
-- taken for the one that is owed.
ALTER TABLE announcement ADD COLUMN remade INTEGER NOT NULL DEFAULT 0 CHECK (remade >= 0);

-- The version of the watchlists that the last change of an item made: of many items only those changed are read again.
ALTER TABLE watch_item ADD COLUMN changed_in INTEGER NOT NULL DEFAULT 0;
CREATE INDEX watch_item_changed ON watch_item (changed_in);
