-- What: cursors and the last polls of sources, full registers to compare, backfills, pauses, notices that belong together.
-- Why: every register the desk reads, read for what changed, never silently broken; a newsroom may hold a source back.
-- When: 2026-11-22

-- Sources, made anew for a CHECK cannot be changed. cursor is what the last read that was stored left for the next one.
-- degraded_since says since when far more is lost than usual; dumps counts the full registers that were compared.
CREATE TABLE source_state_wider (
    source TEXT PRIMARY KEY CHECK (source <> ''),
    baseline_at TEXT,
    attempted_at TEXT,
    succeeded_at TEXT,
    new_at TEXT,
    not_before TEXT,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since TEXT,
    error TEXT,
    degraded_since TEXT,
    told TEXT CHECK (told IN ('source_failing', 'source_silent', 'source_degraded')),
    told_since TEXT,
    notices_read INTEGER NOT NULL DEFAULT 0,
    notices_new INTEGER NOT NULL DEFAULT 0,
    notices_changed INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    losses_total INTEGER NOT NULL DEFAULT 0,
    unknown_fields TEXT NOT NULL DEFAULT '[]' CHECK (json_type(unknown_fields) = 'array'),
    cursor TEXT NOT NULL DEFAULT '{}' CHECK (json_type(cursor) = 'object'),
    dumps INTEGER NOT NULL DEFAULT 0 CHECK (dumps >= 0),
    CHECK ((failures = 0) = (failing_since IS NULL)),
    CHECK ((failures = 0) = (error IS NULL)),
    CHECK ((told IS NULL) = (told_since IS NULL))
) STRICT;

INSERT INTO source_state_wider (source, baseline_at, attempted_at, succeeded_at, new_at, not_before, failures,
    failing_since, error, told, told_since, notices_read, notices_new, notices_changed, losses, losses_total,
    unknown_fields)
SELECT source, baseline_at, attempted_at, succeeded_at, new_at, not_before, failures, failing_since, error, told,
    told_since, notices_read, notices_new, notices_changed, losses, losses_total, unknown_fields
FROM source_state;

DROP TABLE source_state;
ALTER TABLE source_state_wider RENAME TO source_state;

-- The last polls of each source that went through: what is usual there.
CREATE TABLE poll_log (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL CHECK (source <> ''),
    started_at TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    read INTEGER NOT NULL CHECK (read >= 0),
    new INTEGER NOT NULL CHECK (new >= 0),
    changed INTEGER NOT NULL CHECK (changed >= 0),
    losses INTEGER NOT NULL CHECK (losses >= 0)
) STRICT;

CREATE INDEX poll_log_source ON poll_log (source, id);

-- The entities of a full register as its last dump showed them, made by the rules of content_version. missing_since is
-- the number of the dump that was the first to lack the entity; missing_entries gives the same by entry, of those that
-- vanished from an entity whose others stay. What the next dump lacks too is removed: it no longer stands here.
CREATE TABLE register_entity (
    source TEXT NOT NULL CHECK (source <> ''),
    entity TEXT NOT NULL CHECK (entity <> ''),
    fingerprint TEXT NOT NULL,
    content_version INTEGER NOT NULL,
    missing_since INTEGER CHECK (missing_since >= 1),
    missing_entries TEXT NOT NULL DEFAULT '{}' CHECK (json_type(missing_entries) = 'object'),
    entries TEXT NOT NULL CHECK (json_type(entries) = 'array'),
    PRIMARY KEY (source, entity)
) STRICT;

CREATE INDEX register_entity_missing ON register_entity (source)
    WHERE missing_since IS NOT NULL OR missing_entries <> '{}';

-- A source's history being read in windows, from since up to but not including until; reached is the next day to read.
-- The command line asks for no newsroom.
CREATE TABLE backfill (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER REFERENCES newsroom (guild_id),
    source TEXT NOT NULL CHECK (source <> ''),
    since TEXT NOT NULL CHECK (since IS date(since)),
    until TEXT NOT NULL CHECK (until IS date(until)),
    reached TEXT NOT NULL CHECK (reached IS date(reached)),
    started_at TEXT NOT NULL,
    started_by INTEGER,
    ended_at TEXT,
    error TEXT,
    notices INTEGER NOT NULL DEFAULT 0 CHECK (notices >= 0),
    new_notices INTEGER NOT NULL DEFAULT 0 CHECK (new_notices >= 0),
    CHECK (reached BETWEEN since AND until)
) STRICT;

CREATE UNIQUE INDEX backfill_open ON backfill (source) WHERE ended_at IS NULL;

-- A source that a newsroom holds back; it is read for the others.
CREATE TABLE source_pause (
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    source TEXT NOT NULL CHECK (source <> ''),
    paused_at TEXT NOT NULL,
    paused_by INTEGER NOT NULL,
    PRIMARY KEY (guild_id, source)
) STRICT;

-- same_as is the notice of another source that published the same thing first. The text of a notice that concerns
-- nobody is dropped after a while; all else of it is kept for ever.
ALTER TABLE notice ADD COLUMN same_as INTEGER REFERENCES notice (id) CHECK (same_as <> id);
ALTER TABLE notice ADD COLUMN text_dropped_at TEXT;
CREATE INDEX notice_same_as ON notice (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX notice_text ON notice (seen_at) WHERE text_dropped_at IS NULL;

-- What comparisons of registers need and a notice's JSON line does not hold: pairs of a code and a value.
ALTER TABLE notice_revision ADD COLUMN particulars TEXT NOT NULL DEFAULT '[]' CHECK (json_type(particulars) = 'array');

-- The further notices that one message tells of, beside its own.
CREATE TABLE announcement_companion (
    guild_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    PRIMARY KEY (announcement_id, notice_id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id)
) STRICT;

CREATE INDEX announcement_companion_notice ON announcement_companion (notice_id);

-- Hits, made anew for a CHECK cannot be changed: the message of another notice tells of a companion; a paused one is
-- of a source that its newsroom held back.
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
    held TEXT CHECK (held IN ('baseline', 'weak', 'digest', 'late', 'muted', 'storm', 'dismissed', 'companion', 'paused')),
    digest TEXT NOT NULL CHECK (digest IN ('none', 'due', 'told')),
    found_at TEXT NOT NULL,
    UNIQUE (guild_id, id),
    UNIQUE (notice_id, revision, item_id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id),
    FOREIGN KEY (notice_id, revision) REFERENCES notice_revision (notice_id, revision),
    CHECK (start < "end"),
    CHECK ((held IN ('baseline', 'muted', 'paused')) <= (digest = 'none'))
) STRICT;

INSERT INTO hit_wider (id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched,
    snippet, count, organisations, held, digest, found_at)
SELECT id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched, snippet, count,
    organisations, held, digest, found_at
FROM hit;

DROP TABLE hit;
ALTER TABLE hit_wider RENAME TO hit;

CREATE INDEX hit_item ON hit (guild_id, item_id, found_at);
CREATE INDEX hit_due ON hit (guild_id, id) WHERE digest = 'due';
