-- What: digests with their slots, what each hit and each change of a fact still owes them, the storm brake.
-- Why: what happened since the last digest, told once at the hour that the desk chose, whatever the clock does.
-- When: 2026-11-22

ALTER TABLE newsroom ADD COLUMN storm INTEGER NOT NULL DEFAULT 20 CHECK (storm BETWEEN 1 AND 1000);
ALTER TABLE newsroom ADD COLUMN quiet_days TEXT NOT NULL DEFAULT 'say' CHECK (quiet_days IN ('say', 'silent'));

-- The watermark of a digest is what it told last: seen_* are ids of rows, never moments. first_hit is the newest hit
-- when it was scheduled: what was announced before it is not told again.
CREATE TABLE digest (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    dossier_id INTEGER,
    every TEXT NOT NULL CHECK (every IN ('daily', 'weekdays', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday',
        'saturday', 'sunday')),
    at TEXT NOT NULL CHECK (at GLOB '[0-2][0-9]:[0-5][0-9]' AND at < '24:00'),
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    removed_by INTEGER,
    removed_at TEXT,
    first_hit INTEGER NOT NULL CHECK (first_hit >= 0),
    seen_hit INTEGER NOT NULL CHECK (seen_hit >= first_hit),
    seen_fact_change INTEGER NOT NULL CHECK (seen_fact_change >= 0),
    seen_notice INTEGER NOT NULL CHECK (seen_notice >= 0),
    told_at TEXT,
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, channel_id) REFERENCES channel (guild_id, channel_id),
    FOREIGN KEY (guild_id, dossier_id) REFERENCES dossier (guild_id, id),
    CHECK ((removed_by IS NULL) = (removed_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX digest_time ON digest (guild_id, channel_id, coalesce(dossier_id, 0), every, at)
    WHERE removed_at IS NULL;

-- A slot stands here once its digest is owed, or was left out because there was nothing to say: it is never due again.
CREATE TABLE digest_slot (
    guild_id INTEGER NOT NULL,
    digest_id INTEGER NOT NULL,
    local_date TEXT NOT NULL CHECK (local_date IS date(local_date)),
    due_at TEXT NOT NULL,
    made_at TEXT NOT NULL,
    messages INTEGER NOT NULL CHECK (messages >= 0),
    PRIMARY KEY (digest_id, local_date),
    FOREIGN KEY (guild_id, digest_id) REFERENCES digest (guild_id, id)
) STRICT;

-- Hits, made anew for a CHECK cannot be changed. digest says what the digest of the hit's own channel has to do with
-- it: nothing (none), it will tell it (due), it told it (told).
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
    held TEXT CHECK (held IN ('baseline', 'weak', 'digest', 'late', 'muted', 'storm')),
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
    held, CASE WHEN held IN ('weak', 'digest', 'late') AND item_id IN (SELECT id FROM watch_item WHERE removed_at IS NULL)
        THEN 'due' ELSE 'none' END, found_at
FROM hit;

DROP TABLE hit;
ALTER TABLE hit_wider RENAME TO hit;

CREATE INDEX hit_item ON hit (guild_id, item_id, found_at);
CREATE INDEX hit_due ON hit (guild_id, id) WHERE digest = 'due';

-- The outbox, for digests and storms too. No id is given twice: what is taken back must not be taken for what comes
-- after it. polled names the source whose poll is under way: such a row is not sent before
-- the poll ended, for it may turn out to be one of a storm.
CREATE TABLE announcement_wider (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('notice', 'operations', 'tip', 'fact', 'digest', 'storm')),
    subject TEXT NOT NULL CHECK (subject <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    notice_id INTEGER REFERENCES notice (id),
    tip_id INTEGER,
    fact_id INTEGER,
    digest_id INTEGER,
    follows INTEGER,
    details TEXT NOT NULL CHECK (json_type(details) = 'object'),
    polled TEXT CHECK (polled <> ''),
    code TEXT NOT NULL CHECK (length(code) = 9),
    nonce TEXT NOT NULL UNIQUE CHECK (length(nonce) = 25),
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'set_aside')),
    is_plain INTEGER NOT NULL DEFAULT 0 CHECK (is_plain IN (0, 1)),
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    created_at TEXT NOT NULL,
    first_try_at TEXT,
    history_from INTEGER,
    next_try_at TEXT NOT NULL,
    sent_at TEXT,
    message_id INTEGER,
    shown TEXT CHECK (json_type(shown) = 'object'),
    shown_revision INTEGER,
    due_revision INTEGER NOT NULL,
    UNIQUE (guild_id, id),
    UNIQUE (guild_id, code),
    UNIQUE (guild_id, channel_id, kind, subject, revision),
    FOREIGN KEY (guild_id, channel_id) REFERENCES channel (guild_id, channel_id),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    FOREIGN KEY (guild_id, digest_id) REFERENCES digest (guild_id, id),
    FOREIGN KEY (guild_id, follows) REFERENCES announcement (guild_id, id),
    CHECK ((kind = 'notice') = (notice_id IS NOT NULL)),
    CHECK ((kind = 'tip') = (tip_id IS NOT NULL)),
    CHECK ((kind = 'fact') = (fact_id IS NOT NULL)),
    CHECK ((kind = 'digest') = (digest_id IS NOT NULL)),
    CHECK ((polled IS NOT NULL) <= (state = 'pending')),
    CHECK ((state = 'pending') <= (message_id IS NULL)),
    CHECK ((state IN ('sending', 'sent')) <= (first_try_at IS NOT NULL)),
    CHECK ((first_try_at IS NULL) = (history_from IS NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'set_aside') <= (reason IS NOT NULL))
) STRICT;

INSERT INTO announcement_wider (id, guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id, follows,
    details, code, nonce, state, is_plain, reason, tries, created_at, first_try_at, history_from, next_try_at, sent_at,
    message_id, shown, shown_revision, due_revision)
SELECT id, guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id, follows, details, code, nonce,
    state, is_plain, reason, tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id, shown,
    shown_revision, due_revision
FROM announcement;

DROP TABLE announcement;
ALTER TABLE announcement_wider RENAME TO announcement;

CREATE INDEX announcement_due ON announcement (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE INDEX announcement_edit ON announcement (channel_id, id) WHERE state = 'sent' AND shown_revision < due_revision;
CREATE INDEX announcement_message ON announcement (guild_id, channel_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX announcement_notice ON announcement (notice_id, guild_id, channel_id) WHERE notice_id IS NOT NULL;
CREATE INDEX announcement_tip ON announcement (guild_id, tip_id) WHERE tip_id IS NOT NULL;
CREATE INDEX announcement_fact ON announcement (guild_id, fact_id) WHERE fact_id IS NOT NULL;
CREATE INDEX announcement_digest ON announcement (guild_id, digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX announcement_follows ON announcement (guild_id, follows) WHERE follows IS NOT NULL;
CREATE INDEX announcement_polled ON announcement (polled) WHERE polled IS NOT NULL;
CREATE INDEX announcement_hit_hit ON announcement_hit (hit_id);

-- The facts and tips that a digest tells of; of a fact what was done with it after one number of its changes, up to
-- another; of a tip its words in one revision. A hidden tip was made sensitive since: its words are never shown there
-- again.
CREATE TABLE digest_fact (
    guild_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    after INTEGER NOT NULL CHECK (after >= 0),
    upto INTEGER NOT NULL,
    PRIMARY KEY (announcement_id, fact_id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    CHECK (after < upto)
) STRICT;

CREATE INDEX digest_fact_fact ON digest_fact (fact_id);

CREATE TABLE digest_tip (
    guild_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    is_hidden INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0, 1)),
    PRIMARY KEY (announcement_id, tip_id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id)
) STRICT;

CREATE INDEX digest_tip_tip ON digest_tip (tip_id);

-- What was done with facts, in one order over all of them, which a watermark can point into.
CREATE TABLE fact_change_wider (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('logged', 'cited', 'corrected', 'verified', 'disputed', 'retracted')),
    text TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    UNIQUE (fact_id, number),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    CHECK ((kind IN ('corrected', 'disputed', 'retracted')) <= (text IS NOT NULL))
) STRICT;

INSERT INTO fact_change_wider (guild_id, fact_id, number, kind, text, made_by, made_at)
SELECT guild_id, fact_id, number, kind, text, made_by, made_at FROM fact_change ORDER BY made_at, fact_id, number;

DROP TABLE fact_change;
ALTER TABLE fact_change_wider RENAME TO fact_change;

CREATE INDEX fact_change_guild ON fact_change (guild_id, id);
CREATE INDEX tip_unowned ON tip (guild_id, id)
    WHERE owner IS NULL AND NOT is_sensitive AND status IN ('new', 'checking');
CREATE INDEX notice_deadline ON notice_revision (deadline) WHERE deadline IS NOT NULL;
