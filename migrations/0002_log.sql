-- What: dossiers, tips and facts with their versions and citations, the forms being filled in, the words to search by.
-- Why: the team's log: what it knows beside what the registers say; nothing in it is ever overwritten.
-- When: 2026-11-21

-- An investigation. A closed one keeps its name, so that it can be reopened.
CREATE TABLE dossier (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    name TEXT NOT NULL CHECK (name <> ''),
    name_key TEXT NOT NULL CHECK (name_key <> ''),
    channel_id INTEGER,
    created_by INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    closed_by INTEGER,
    closed_at TEXT,
    UNIQUE (guild_id, id),
    UNIQUE (guild_id, name_key),
    FOREIGN KEY (guild_id, channel_id) REFERENCES channel (guild_id, channel_id),
    CHECK ((closed_by IS NULL) = (closed_at IS NULL))
) STRICT;

-- A tip as it stands; its words are in its revisions. changes moves with everything that is done with it, and is what
-- a card that was posted compares.
CREATE TABLE tip (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    changes INTEGER NOT NULL DEFAULT 1 CHECK (changes >= revision),
    status TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'checking', 'confirmed', 'dropped')),
    is_sensitive INTEGER NOT NULL CHECK (is_sensitive IN (0, 1)),
    owner INTEGER,
    logged_by INTEGER NOT NULL,
    logged_at TEXT NOT NULL,
    UNIQUE (guild_id, id)
) STRICT;

CREATE INDEX tip_logged ON tip (guild_id, logged_at);

CREATE TABLE tip_revision (
    guild_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    text TEXT NOT NULL CHECK (text <> ''),
    origin TEXT,
    origin_url TEXT,
    heard TEXT,
    heard_typed TEXT,
    is_sensitive INTEGER NOT NULL CHECK (is_sensitive IN (0, 1)),
    reason TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (tip_id, revision),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    CHECK ((heard IS NULL) = (heard_typed IS NULL))
) STRICT;

CREATE TABLE tip_change (
    guild_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('logged', 'noted', 'edited', 'assigned', 'status', 'promoted')),
    text TEXT,
    before TEXT,
    after TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (tip_id, number),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    CHECK ((kind = 'noted') <= (text IS NOT NULL))
) STRICT;

CREATE INDEX tip_change_made ON tip_change (guild_id, made_by, made_at);

-- A fact as it stands; its words are in its revisions. verified_by is of this revision.
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    revision INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    changes INTEGER NOT NULL DEFAULT 1 CHECK (changes >= revision),
    status TEXT NOT NULL DEFAULT 'logged' CHECK (status IN ('logged', 'verified', 'disputed', 'retracted')),
    tip_id INTEGER,
    logged_by INTEGER NOT NULL,
    logged_at TEXT NOT NULL,
    verified_by INTEGER,
    verified_at TEXT,
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    CHECK ((verified_by IS NULL) = (verified_at IS NULL)),
    CHECK ((status = 'verified') <= (verified_by IS NOT NULL))
) STRICT;

CREATE INDEX fact_logged ON fact (guild_id, logged_at);
CREATE INDEX fact_tip ON fact (guild_id, tip_id) WHERE tip_id IS NOT NULL;

-- status, verified_by and verified_at stand in a revision once the next one has taken its place.
CREATE TABLE fact_revision (
    guild_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    claim TEXT NOT NULL CHECK (claim <> ''),
    event_date TEXT,
    event_date_typed TEXT,
    reason TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    status TEXT CHECK (status IN ('logged', 'verified', 'disputed', 'retracted')),
    verified_by INTEGER,
    verified_at TEXT,
    PRIMARY KEY (fact_id, revision),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    CHECK ((event_date IS NULL) = (event_date_typed IS NULL)),
    CHECK ((revision = 1) = (reason IS NULL)),
    CHECK ((verified_by IS NULL) = (verified_at IS NULL)),
    CHECK ((status = 'verified') <= (verified_by IS NOT NULL))
) STRICT;

-- What a fact rests on. A citation stands in the revisions from from_revision on, and before until_revision where a
-- correction replaced it.
CREATE TABLE citation (
    guild_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 1),
    from_revision INTEGER NOT NULL,
    until_revision INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('link', 'message', 'notice', 'file', 'words')),
    url TEXT,
    title TEXT,
    origin TEXT,
    quote TEXT,
    retrieved_at TEXT,
    notice_id INTEGER REFERENCES notice (id),
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (fact_id, n, from_revision),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    FOREIGN KEY (fact_id, from_revision) REFERENCES fact_revision (fact_id, revision),
    FOREIGN KEY (fact_id, until_revision) REFERENCES fact_revision (fact_id, revision),
    CHECK (until_revision > from_revision),
    CHECK (url IS NOT NULL OR title IS NOT NULL),
    CHECK ((kind = 'notice') = (notice_id IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX citation_standing ON citation (fact_id, n) WHERE until_revision IS NULL;
CREATE INDEX citation_notice ON citation (notice_id) WHERE notice_id IS NOT NULL;

CREATE TABLE fact_change (
    guild_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('logged', 'cited', 'corrected', 'verified', 'disputed', 'retracted')),
    text TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (fact_id, number),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    CHECK ((kind IN ('corrected', 'disputed', 'retracted')) <= (text IS NOT NULL))
) STRICT;

-- What a tip or a fact is about, and which dossiers an item, a tip or a fact is in.
CREATE TABLE tip_item (
    guild_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (tip_id, item_id),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id)
) STRICT;

CREATE INDEX tip_item_item ON tip_item (guild_id, item_id);

CREATE TABLE fact_item (
    guild_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (fact_id, item_id),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id)
) STRICT;

CREATE INDEX fact_item_item ON fact_item (guild_id, item_id);

CREATE TABLE dossier_item (
    guild_id INTEGER NOT NULL,
    dossier_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (item_id, dossier_id),
    FOREIGN KEY (guild_id, dossier_id) REFERENCES dossier (guild_id, id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id)
) STRICT;

CREATE INDEX dossier_item_dossier ON dossier_item (guild_id, dossier_id);

CREATE TABLE dossier_tip (
    guild_id INTEGER NOT NULL,
    dossier_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (tip_id, dossier_id),
    FOREIGN KEY (guild_id, dossier_id) REFERENCES dossier (guild_id, id),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id)
) STRICT;

CREATE INDEX dossier_tip_dossier ON dossier_tip (guild_id, dossier_id);

CREATE TABLE dossier_fact (
    guild_id INTEGER NOT NULL,
    dossier_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    added_by INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (fact_id, dossier_id),
    FOREIGN KEY (guild_id, dossier_id) REFERENCES dossier (guild_id, id),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id)
) STRICT;

CREATE INDEX dossier_fact_dossier ON dossier_fact (guild_id, dossier_id);

-- A form that a person was shown: what it is about, and what they typed. It goes when what it asks for is stored.
CREATE TABLE draft (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    person INTEGER NOT NULL,
    form TEXT NOT NULL CHECK (form <> ''),
    context TEXT NOT NULL CHECK (json_type(context) = 'object'),
    fields TEXT NOT NULL CHECK (json_type(fields) = 'object'),
    made_at TEXT NOT NULL
) STRICT;

CREATE INDEX draft_made ON draft (made_at);

-- The outbox, for cards of tips and facts too: it is made anew, for a CHECK cannot be changed.
CREATE TABLE announcement_wider (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('notice', 'operations', 'tip', 'fact')),
    subject TEXT NOT NULL CHECK (subject <> ''),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    notice_id INTEGER REFERENCES notice (id),
    tip_id INTEGER,
    fact_id INTEGER,
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
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    FOREIGN KEY (guild_id, follows) REFERENCES announcement (guild_id, id),
    CHECK ((kind = 'notice') = (notice_id IS NOT NULL)),
    CHECK ((kind = 'tip') = (tip_id IS NOT NULL)),
    CHECK ((kind = 'fact') = (fact_id IS NOT NULL)),
    CHECK ((state = 'pending') <= (message_id IS NULL)),
    CHECK ((state IN ('sending', 'sent')) <= (first_try_at IS NOT NULL)),
    CHECK ((first_try_at IS NULL) = (history_from IS NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'set_aside') <= (reason IS NOT NULL))
) STRICT;

INSERT INTO announcement_wider (id, guild_id, channel_id, kind, subject, revision, notice_id, follows, details, code,
    nonce, state, is_plain, reason, tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id,
    shown, shown_revision, due_revision)
SELECT id, guild_id, channel_id, kind, subject, revision, notice_id, follows, details, code, nonce, state, is_plain,
    reason, tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id, shown, shown_revision,
    due_revision
FROM announcement;

DROP TABLE announcement;
ALTER TABLE announcement_wider RENAME TO announcement;

CREATE INDEX announcement_due ON announcement (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE INDEX announcement_edit ON announcement (channel_id, id) WHERE state = 'sent' AND shown_revision < due_revision;
CREATE INDEX announcement_message ON announcement (guild_id, channel_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX announcement_notice ON announcement (notice_id, guild_id, channel_id) WHERE notice_id IS NOT NULL;
CREATE INDEX announcement_tip ON announcement (guild_id, tip_id) WHERE tip_id IS NOT NULL;
CREATE INDEX announcement_fact ON announcement (guild_id, fact_id) WHERE fact_id IS NOT NULL;

-- The words of notices, tips and facts as matching folds them; rowid is the id of what they are of. A notice is
-- indexed after it was stored.
ALTER TABLE notice ADD COLUMN is_indexed INTEGER NOT NULL DEFAULT 0 CHECK (is_indexed IN (0, 1));
CREATE INDEX notice_unindexed ON notice (id) WHERE is_indexed = 0;

CREATE VIRTUAL TABLE notice_words USING fts5 (title, text, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE tip_words USING fts5 (text, more, tokenize = "unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE fact_words USING fts5 (claim, more, tokenize = "unicode61 remove_diacritics 0");
