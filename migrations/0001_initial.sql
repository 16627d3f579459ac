-- What: newsrooms, watch items, sources, notices, hits and the announcements they owe.
-- Why: the first whole path, from a public notice to one announcement; the schema carries the rules.
-- When: 2026-11-21

-- One row: the random id goes into every nonce, the version moves with every change of any watchlist.
CREATE TABLE installation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL CHECK (length(id) = 32),
    watchlist_version INTEGER NOT NULL DEFAULT 0 CHECK (watchlist_version >= 0)
) STRICT;

INSERT INTO installation (one, id) VALUES (1, lower(hex(randomblob(16))));

CREATE TABLE newsroom (
    guild_id INTEGER PRIMARY KEY CHECK (guild_id > 0),
    language TEXT NOT NULL CHECK (language IN ('fr', 'en')),
    timezone TEXT NOT NULL CHECK (timezone <> ''),
    announcements_channel INTEGER,
    operations_channel INTEGER,
    log_channel INTEGER,
    reporter_role INTEGER,
    editor_role INTEGER
) STRICT;

-- A channel where announcements may go. floor_id is a snowflake that Discord gave before anything of ours stood
-- there: the place from which its history is read. A parked channel is one that refuses us.
CREATE TABLE channel (
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    channel_id INTEGER NOT NULL CHECK (channel_id > 0),
    floor_id INTEGER NOT NULL CHECK (floor_id >= 0),
    parked_reason TEXT CHECK (parked_reason IN ('deleted', 'forbidden')),
    parked_at TEXT,
    PRIMARY KEY (guild_id, channel_id),
    CHECK ((parked_reason IS NULL) = (parked_at IS NULL))
) STRICT;

CREATE TABLE watch_item (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    kind TEXT NOT NULL CHECK (kind IN ('company', 'official', 'keyword')),
    name TEXT NOT NULL CHECK (name <> ''),
    name_key TEXT NOT NULL CHECK (name_key <> ''),
    aliases TEXT NOT NULL CHECK (json_type(aliases) = 'array'),
    identifiers TEXT NOT NULL CHECK (json_type(identifiers) = 'array'),
    any_of TEXT NOT NULL CHECK (json_type(any_of) = 'array'),
    none_of TEXT NOT NULL CHECK (json_type(none_of) = 'array'),
    sources TEXT NOT NULL CHECK (json_type(sources) = 'array'),
    channel_id INTEGER,
    priority TEXT NOT NULL CHECK (priority IN ('instant', 'digest')),
    ref TEXT CHECK (ref <> ''),
    note TEXT,
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    removed_by INTEGER,
    removed_at TEXT,
    muted_until TEXT,
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, channel_id) REFERENCES channel (guild_id, channel_id),
    CHECK ((removed_by IS NULL) = (removed_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX watch_item_name ON watch_item (guild_id, kind, name_key) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX watch_item_ref ON watch_item (guild_id, ref) WHERE removed_at IS NULL AND ref IS NOT NULL;

CREATE TABLE source_state (
    source TEXT PRIMARY KEY CHECK (source <> ''),
    baseline_at TEXT,
    attempted_at TEXT,
    succeeded_at TEXT,
    new_at TEXT,
    not_before TEXT,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failing_since TEXT,
    error TEXT,
    told TEXT CHECK (told IN ('source_failing', 'source_silent')),
    told_since TEXT,
    notices_read INTEGER NOT NULL DEFAULT 0,
    notices_new INTEGER NOT NULL DEFAULT 0,
    notices_changed INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    losses_total INTEGER NOT NULL DEFAULT 0,
    unknown_fields TEXT NOT NULL DEFAULT '[]' CHECK (json_type(unknown_fields) = 'array'),
    CHECK ((failures = 0) = (failing_since IS NULL)),
    CHECK ((failures = 0) = (error IS NULL)),
    CHECK ((told IS NULL) = (told_since IS NULL))
) STRICT;

CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL CHECK (source <> ''),
    source_id TEXT NOT NULL CHECK (source_id <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    content_sha256 TEXT NOT NULL,
    content_version INTEGER NOT NULL,
    procedure TEXT,
    seen_at TEXT NOT NULL,
    is_baseline INTEGER NOT NULL CHECK (is_baseline IN (0, 1)),
    UNIQUE (source, source_id)
) STRICT;

CREATE INDEX notice_procedure ON notice (procedure) WHERE procedure IS NOT NULL;
CREATE INDEX notice_seen ON notice (seen_at);

CREATE TABLE notice_revision (
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    seen_at TEXT NOT NULL,
    kind TEXT,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    buyer TEXT,
    suppliers TEXT NOT NULL CHECK (json_type(suppliers) = 'array'),
    people TEXT NOT NULL CHECK (json_type(people) = 'array'),
    identifiers TEXT NOT NULL CHECK (json_type(identifiers) = 'array'),
    amount TEXT,
    currency TEXT,
    cpv TEXT NOT NULL CHECK (json_type(cpv) = 'array'),
    published TEXT,
    deadline TEXT,
    url TEXT,
    language TEXT,
    procedure TEXT,
    raw_sha256 TEXT,
    PRIMARY KEY (notice_id, revision)
) STRICT;

-- held says why a hit was not announced at once; empty means that it was.
CREATE TABLE hit (
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
    held TEXT CHECK (held IN ('baseline', 'weak', 'digest', 'late', 'muted')),
    found_at TEXT NOT NULL,
    UNIQUE (guild_id, id),
    UNIQUE (notice_id, revision, item_id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id),
    FOREIGN KEY (notice_id, revision) REFERENCES notice_revision (notice_id, revision),
    CHECK (start < "end")
) STRICT;

CREATE INDEX hit_item ON hit (guild_id, item_id, found_at);

-- The outbox. What is owed or was sent: references only, the card is made when it is sent; shown keeps what was sent.
-- A row shows revision shown_revision of its notice and owes due_revision: an edit is due while they differ.
-- history_from is the newest snowflake that Discord gave us in the channel before the first POST: a message of this
-- row can only stand after it, whatever was sent there since.
CREATE TABLE announcement (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('notice', 'operations')),
    subject TEXT NOT NULL CHECK (subject <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    notice_id INTEGER REFERENCES notice (id),
    follows INTEGER,
    details TEXT NOT NULL CHECK (json_type(details) = 'object'),
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
    FOREIGN KEY (guild_id, follows) REFERENCES announcement (guild_id, id),
    CHECK ((kind = 'notice') = (notice_id IS NOT NULL)),
    CHECK ((state = 'pending') <= (message_id IS NULL)),
    CHECK ((state IN ('sending', 'sent')) <= (first_try_at IS NOT NULL)),
    CHECK ((first_try_at IS NULL) = (history_from IS NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'set_aside') <= (reason IS NOT NULL))
) STRICT;

CREATE INDEX announcement_due ON announcement (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE INDEX announcement_edit ON announcement (channel_id, id) WHERE state = 'sent' AND shown_revision < due_revision;
CREATE INDEX announcement_message ON announcement (guild_id, channel_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX announcement_notice ON announcement (notice_id, guild_id, channel_id) WHERE notice_id IS NOT NULL;

CREATE TABLE announcement_hit (
    guild_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    hit_id INTEGER NOT NULL,
    PRIMARY KEY (announcement_id, hit_id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id),
    FOREIGN KEY (guild_id, hit_id) REFERENCES hit (guild_id, id)
) STRICT;

-- The commands that Discord was last given: they are sent again only when they changed.
CREATE TABLE command_sync (
    application_id INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    synced_at TEXT NOT NULL,
    PRIMARY KEY (application_id, scope)
) STRICT;
