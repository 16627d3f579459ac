-- What: the audit log; erased and embargoed tips and facts; stated origins; members, exports and backups; withdrawn messages.
-- Why: what is printed is answered for in court: who changed what, whose words a source is, who still has an old version.
-- When: 2026-11-22

-- What a newsroom asks of a fact before it is verified, and after how many days somebody is asked whether a tip is kept
-- (NULL: nobody is ever asked).
ALTER TABLE newsroom ADD COLUMN second_source INTEGER NOT NULL DEFAULT 1 CHECK (second_source IN (0, 1));
ALTER TABLE newsroom ADD COLUMN retention_days INTEGER DEFAULT 90 CHECK (retention_days BETWEEN 1 AND 3650);

-- The members who have used the bot, as they last were.
CREATE TABLE member (
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    person INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('nobody', 'reporter', 'editor')),
    seen_at TEXT NOT NULL,
    PRIMARY KEY (guild_id, person)
) STRICT;

-- A channel with a person is where the bot writes to that person alone.
ALTER TABLE channel ADD COLUMN person INTEGER;
CREATE UNIQUE INDEX channel_person ON channel (guild_id, person) WHERE person IS NOT NULL;

-- An embargo hides a tip or a fact from others while it stands. Of an erased tip nothing is left but this row; kept_at is
-- when somebody last said that it is to be kept.
ALTER TABLE tip ADD COLUMN embargo_until TEXT;
ALTER TABLE tip ADD COLUMN kept_at TEXT;
ALTER TABLE tip ADD COLUMN erased_at TEXT;
ALTER TABLE tip ADD COLUMN erased_by INTEGER CHECK ((erased_by IS NULL) = (erased_at IS NULL));
ALTER TABLE fact ADD COLUMN embargo_until TEXT;
CREATE INDEX tip_embargo ON tip (embargo_until) WHERE embargo_until IS NOT NULL;
CREATE INDEX fact_embargo ON fact (embargo_until) WHERE embargo_until IS NOT NULL;

-- A digest that names a fact which was under embargo since shows it never again.
ALTER TABLE digest_fact ADD COLUMN is_hidden INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0, 1));

-- A hidden tip is none that nobody owns: that list is read by all.
DROP INDEX tip_unowned;
CREATE INDEX tip_unowned ON tip (guild_id, id)
    WHERE owner IS NULL AND NOT is_sensitive AND embargo_until IS NULL AND erased_at IS NULL AND status IN ('new', 'checking');

-- Whose words a citation is, where a person said so: two of one origin count once. The party of a notice is who bought or
-- declared what it publishes, else who published it.
ALTER TABLE citation ADD COLUMN said_origin TEXT CHECK (said_origin <> '');
ALTER TABLE citation ADD COLUMN party TEXT CHECK (party <> '');
CREATE INDEX citation_said ON citation (guild_id, added_at) WHERE said_origin IS NOT NULL;
UPDATE citation SET party = (
    SELECT nullif(says.buyer, '') FROM notice AS cited
    JOIN notice AS leader ON leader.id = coalesce(cited.same_as, cited.id)
    JOIN notice_revision AS says ON says.notice_id = leader.id AND says.revision = leader.revision
    WHERE cited.id = citation.notice_id AND says.kind IN ('tender', 'award', 'change', 'cancellation')
) WHERE notice_id IS NOT NULL;

-- The entry of the audit log that seals each row of the team's log: such a row is never changed.
ALTER TABLE tip_revision ADD COLUMN sealed_in INTEGER;
ALTER TABLE fact_revision ADD COLUMN sealed_in INTEGER;
ALTER TABLE citation ADD COLUMN sealed_in INTEGER;
CREATE INDEX tip_revision_sealed ON tip_revision (guild_id, sealed_in);
CREATE INDEX fact_revision_sealed ON fact_revision (guild_id, sealed_in);
CREATE INDEX citation_sealed ON citation (guild_id, sealed_in);

-- What was done with tips and with facts, made anew for a CHECK cannot be changed.
CREATE TABLE tip_change_wider (
    guild_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('logged', 'noted', 'edited', 'assigned', 'status', 'promoted', 'kept', 'embargoed',
        'released')),
    text TEXT,
    before TEXT,
    after TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    sealed_in INTEGER,
    PRIMARY KEY (tip_id, number),
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    CHECK ((kind = 'noted') <= (text IS NOT NULL))
) STRICT;

INSERT INTO tip_change_wider (guild_id, tip_id, number, kind, text, before, after, made_by, made_at)
SELECT guild_id, tip_id, number, kind, text, before, after, made_by, made_at FROM tip_change;

DROP TABLE tip_change;
ALTER TABLE tip_change_wider RENAME TO tip_change;

CREATE INDEX tip_change_made ON tip_change (guild_id, made_by, made_at);
CREATE INDEX tip_change_sealed ON tip_change (guild_id, sealed_in);

CREATE TABLE fact_change_wider (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    kind TEXT NOT NULL CHECK (kind IN ('logged', 'cited', 'corrected', 'verified', 'disputed', 'retracted', 'embargoed',
        'released')),
    text TEXT,
    made_by INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    sealed_in INTEGER,
    UNIQUE (fact_id, number),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    CHECK ((kind IN ('corrected', 'disputed', 'retracted')) <= (text IS NOT NULL))
) STRICT;

INSERT INTO fact_change_wider (id, guild_id, fact_id, number, kind, text, made_by, made_at)
SELECT id, guild_id, fact_id, number, kind, text, made_by, made_at FROM fact_change;

DROP TABLE fact_change;
ALTER TABLE fact_change_wider RENAME TO fact_change;

CREATE INDEX fact_change_guild ON fact_change (guild_id, id);
CREATE INDEX fact_change_sealed ON fact_change (guild_id, sealed_in);

-- The outbox, made anew for a CHECK cannot be changed. A correction answers the card that it follows; a reminder is for
-- one person. What is_withdrawn is to be taken out of its channel, and withdrawn once it certainly does not stand there.
-- No id is given twice: the counter goes along.
CREATE TABLE announcement_wider (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('notice', 'operations', 'tip', 'fact', 'digest', 'storm', 'correction', 'reminder')),
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
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'set_aside', 'withdrawn')),
    is_plain INTEGER NOT NULL DEFAULT 0 CHECK (is_plain IN (0, 1)),
    is_withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (is_withdrawn IN (0, 1)),
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
    remade INTEGER NOT NULL DEFAULT 0 CHECK (remade >= 0),
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
    CHECK ((kind IN ('fact', 'correction')) = (fact_id IS NOT NULL)),
    CHECK ((kind = 'digest') = (digest_id IS NOT NULL)),
    CHECK ((kind = 'correction') <= (follows IS NOT NULL)),
    CHECK ((polled IS NOT NULL) <= (state = 'pending')),
    CHECK ((state = 'pending') <= (message_id IS NULL)),
    CHECK ((state IN ('sending', 'sent')) <= (first_try_at IS NOT NULL)),
    CHECK ((first_try_at IS NULL) = (history_from IS NULL)),
    CHECK ((state = 'sent') <= (sent_at IS NOT NULL)),
    CHECK ((sent_at IS NOT NULL) <= (state IN ('sent', 'withdrawn'))),
    CHECK ((state = 'set_aside') <= (reason IS NOT NULL)),
    CHECK ((state = 'withdrawn') <= is_withdrawn),
    CHECK (is_withdrawn <= (shown IS NULL))
) STRICT;

INSERT INTO announcement_wider (id, guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id, digest_id,
    follows, details, polled, code, nonce, state, is_plain, reason, tries, created_at, first_try_at, history_from,
    next_try_at, sent_at, message_id, shown, shown_revision, due_revision, remade)
SELECT id, guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id, digest_id, follows, details, polled,
    code, nonce, state, is_plain, reason, tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id,
    shown, shown_revision, due_revision, remade
FROM announcement;

DELETE FROM sqlite_sequence WHERE name = 'announcement_wider';
INSERT INTO sqlite_sequence (name, seq) SELECT 'announcement_wider', seq FROM sqlite_sequence WHERE name = 'announcement';

DROP TABLE announcement;
ALTER TABLE announcement_wider RENAME TO announcement;

CREATE INDEX announcement_due ON announcement (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE INDEX announcement_edit ON announcement (channel_id, id) WHERE state = 'sent' AND shown_revision < due_revision;
CREATE INDEX announcement_withdrawal ON announcement (channel_id, id) WHERE is_withdrawn AND state <> 'withdrawn';
CREATE INDEX announcement_message ON announcement (guild_id, channel_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX announcement_notice ON announcement (notice_id, guild_id, channel_id) WHERE notice_id IS NOT NULL;
CREATE INDEX announcement_tip ON announcement (guild_id, tip_id) WHERE tip_id IS NOT NULL;
CREATE INDEX announcement_fact ON announcement (guild_id, fact_id) WHERE fact_id IS NOT NULL;
CREATE INDEX announcement_digest ON announcement (guild_id, digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX announcement_follows ON announcement (guild_id, follows) WHERE follows IS NOT NULL;
CREATE INDEX announcement_polled ON announcement (polled) WHERE polled IS NOT NULL;

-- Every change by a person, numbered by newsroom; hash is over the hash before it and this row. commitment is over a
-- salt, the details and the rows that the entry seals: what was erased takes its opening along, and the chain stays valid.
-- rows lists them, each with its table, its key and its hash under the salt, so that the one which was altered is known.
-- made_by is a Discord user id, or who sits at the command line.
CREATE TABLE audit (
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    number INTEGER NOT NULL CHECK (number >= 1),
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL CHECK (made_by <> ''),
    action TEXT NOT NULL CHECK (action <> ''),
    subject TEXT CHECK (subject <> ''),
    commitment TEXT NOT NULL CHECK (length(commitment) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (guild_id, number)
) STRICT;

CREATE INDEX audit_subject ON audit (guild_id, subject, number) WHERE subject IS NOT NULL;
CREATE INDEX audit_made ON audit (guild_id, made_at);

CREATE TABLE audit_opening (
    guild_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    salt TEXT NOT NULL CHECK (length(salt) = 32),
    detail TEXT NOT NULL CHECK (json_type(detail) = 'object'),
    "rows" TEXT NOT NULL CHECK (json_type("rows") = 'array'),
    PRIMARY KEY (guild_id, number),
    FOREIGN KEY (guild_id, number) REFERENCES audit (guild_id, number)
) STRICT;

-- The number and the hash of each newsroom's last entry: a log that lost its end does not reach them.
CREATE TABLE audit_head (
    guild_id INTEGER PRIMARY KEY REFERENCES newsroom (guild_id),
    number INTEGER NOT NULL CHECK (number >= 1),
    hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_opening_unchanged BEFORE UPDATE ON audit_opening
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_opening_undeleted BEFORE DELETE ON audit_opening WHEN NOT EXISTS (
    SELECT 1 FROM audit AS entry JOIN audit AS erasure
        ON erasure.guild_id = entry.guild_id AND erasure.subject = entry.subject AND erasure.action = 'tip erase'
    WHERE entry.guild_id = OLD.guild_id AND entry.number = OLD.number
)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- What was exported: which facts and tips, as ranges of our ids, so that whoever has an old version can be told. What
-- was done with facts up to last_change, an id of fact_change, is in it. folder is where the command line wrote it.
CREATE TABLE export (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    kind TEXT NOT NULL CHECK (kind IN ('facts', 'tips', 'hits', 'watchlist', 'notices')),
    made_by TEXT NOT NULL CHECK (made_by <> ''),
    made_at TEXT NOT NULL,
    folder TEXT,
    filters TEXT NOT NULL CHECK (json_type(filters) = 'object'),
    facts TEXT NOT NULL DEFAULT '[]' CHECK (json_type(facts) = 'array'),
    tips TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tips) = 'array'),
    last_change INTEGER NOT NULL DEFAULT 0 CHECK (last_change >= 0),
    UNIQUE (guild_id, id)
) STRICT;

CREATE INDEX export_made ON export (guild_id, made_at);

-- Who was reminded of what, so that nobody is twice: of a tip or a fact as it stood at that number of its changes, by an
-- announcement, or without one when next they use the bot, which told_at notes. person is a Discord user id, or cli:name.
-- A wish is what somebody asked of the editors.
CREATE TABLE reminder (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    person TEXT NOT NULL CHECK (person <> ''),
    reason TEXT NOT NULL CHECK (reason IN ('rest', 'left', 'keep', 'unanswered', 'wish', 'corrected')),
    tip_id INTEGER,
    fact_id INTEGER,
    number INTEGER NOT NULL CHECK (number >= 1),
    announcement_id INTEGER,
    made_at TEXT NOT NULL,
    told_at TEXT,
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id),
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id) ON DELETE CASCADE,
    CHECK ((reason = 'corrected') = (fact_id IS NOT NULL)),
    CHECK ((tip_id IS NULL) = (fact_id IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX reminder_once ON reminder (guild_id, reason, coalesce(tip_id, fact_id), number, person);
CREATE INDEX reminder_tip ON reminder (guild_id, tip_id, number) WHERE tip_id IS NOT NULL;
CREATE INDEX reminder_fact ON reminder (guild_id, fact_id) WHERE fact_id IS NOT NULL;
CREATE INDEX reminder_announcement ON reminder (announcement_id) WHERE announcement_id IS NOT NULL;
CREATE INDEX reminder_untold ON reminder (guild_id, person) WHERE announcement_id IS NULL AND told_at IS NULL;

-- The backups that were made, so that an erasure can say which of them still hold what is erased. One without a checksum
-- is being made, or was broken off.
CREATE TABLE backup (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL CHECK (path <> ''),
    made_at TEXT NOT NULL,
    sha256 TEXT CHECK (length(sha256) = 64),
    bytes INTEGER CHECK (bytes > 0),
    CHECK ((sha256 IS NULL) = (bytes IS NULL))
) STRICT;

-- Set where this database came back from a backup: what was sent between the two snowflakes is not known here. No number
-- up to id_floor is given to anything new: it may have been given after the backup.
ALTER TABLE installation ADD COLUMN unknown_from INTEGER;
ALTER TABLE installation ADD COLUMN unknown_to INTEGER CHECK ((unknown_to IS NULL) = (unknown_from IS NULL));
ALTER TABLE installation ADD COLUMN id_floor INTEGER NOT NULL DEFAULT 0 CHECK (id_floor >= 0);

-- How far a channel was read for what was sent there meanwhile, and the messages of ours that were found: none of them
-- is sent again.
ALTER TABLE channel ADD COLUMN read_to INTEGER NOT NULL DEFAULT 0;

CREATE TABLE sighting (
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    code TEXT NOT NULL CHECK (length(code) = 9),
    message_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, channel_id, code),
    FOREIGN KEY (guild_id, channel_id) REFERENCES channel (guild_id, channel_id)
) STRICT;

-- When an item without a hit for long was last listed for review.
ALTER TABLE watch_item ADD COLUMN silence_told_at TEXT;

-- What the card of a notice told of what the newsroom already knew: the facts as they then stood, and the open tips that
-- it counted or named. It is made anew where one of them is no longer so.
CREATE TABLE known_fact (
    guild_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    fact_id INTEGER NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 1),
    status TEXT NOT NULL CHECK (status IN ('logged', 'verified', 'disputed', 'retracted')),
    PRIMARY KEY (announcement_id, fact_id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id) ON DELETE CASCADE,
    FOREIGN KEY (guild_id, fact_id) REFERENCES fact (guild_id, id)
) STRICT;

CREATE INDEX known_fact_fact ON known_fact (fact_id, announcement_id);

CREATE TABLE known_tip (
    guild_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    tip_id INTEGER NOT NULL,
    PRIMARY KEY (announcement_id, tip_id),
    FOREIGN KEY (guild_id, announcement_id) REFERENCES announcement (guild_id, id) ON DELETE CASCADE,
    FOREIGN KEY (guild_id, tip_id) REFERENCES tip (guild_id, id)
) STRICT;

CREATE INDEX known_tip_tip ON known_tip (tip_id, announcement_id);

-- The newest facts and tips of an item, and what was announced of it, are read from the end.
DROP INDEX fact_item_item;
CREATE INDEX fact_item_item ON fact_item (guild_id, item_id, fact_id);
DROP INDEX tip_item_item;
CREATE INDEX tip_item_item ON tip_item (guild_id, item_id, tip_id);
CREATE INDEX hit_announced ON hit (guild_id, item_id, id, notice_id) WHERE held IS NULL;

-- What lists of facts ask of each fact, so that their last pages need not look at the facts themselves.
CREATE INDEX fact_listed ON fact (guild_id, id, status, embargo_until, logged_by, verified_by, logged_at);
