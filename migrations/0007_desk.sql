-- What: threads and forum posts, quiet hours, follow-ups on a procedure, who took a notice, which procedures are followed.
-- Why: what is announced has to be where the desk works, quiet when it rests, and remembered until it is settled.
-- When: 2026-11-22

-- threads: what comes after a first message on a procedure goes into a thread of that message. A reminder comes
-- deadline_days before a deadline, an alarm award_days after one without an award; NULL is never. quiet_from to
-- quiet_until are local times between which nothing that Vigie found by itself is sent; the end may be before the start.
ALTER TABLE newsroom ADD COLUMN threads INTEGER NOT NULL DEFAULT 0 CHECK (threads IN (0, 1));
ALTER TABLE newsroom ADD COLUMN deadline_days INTEGER DEFAULT 3 CHECK (deadline_days BETWEEN 1 AND 60);
ALTER TABLE newsroom ADD COLUMN award_days INTEGER DEFAULT 90 CHECK (award_days BETWEEN 1 AND 730);
ALTER TABLE newsroom ADD COLUMN quiet_from TEXT CHECK (quiet_from GLOB '[0-2][0-9]:[0-5][0-9]' AND quiet_from < '24:00');
ALTER TABLE newsroom ADD COLUMN quiet_until TEXT
    CHECK (quiet_until GLOB '[0-2][0-9]:[0-5][0-9]' AND quiet_until < '24:00')
    CHECK ((quiet_until IS NULL) = (quiet_from IS NULL));

-- A forum takes no messages of its own: each announcement there is a post, or stands in one.
ALTER TABLE channel ADD COLUMN is_forum INTEGER NOT NULL DEFAULT 0 CHECK (is_forum IN (0, 1));

-- What a register no longer says is its news too: such a hit stands in the words of an earlier revision than its own.
ALTER TABLE hit ADD COLUMN stood_in INTEGER CHECK (stood_in >= 1 AND stood_in < revision);

-- What was sent after a backup may stand in a thread of its channel.
ALTER TABLE sighting ADD COLUMN thread_id INTEGER;

-- When an item was last named in the weekly note on items that bring noise.
ALTER TABLE watch_item ADD COLUMN noise_told_at TEXT;

-- The outbox, made anew for a CHECK cannot be changed. A deadline that comes near and an award that is missing answer the
-- message that they follow. Before held_until a message is not sent. thread_id is the thread, of its channel, in which a
-- message stands or will; that of a forum's post is the post itself, known once Discord has it.
CREATE TABLE announcement_wider (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guild_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('notice', 'operations', 'tip', 'fact', 'digest', 'storm', 'correction', 'reminder',
        'deadline', 'no_award')),
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
    held_until TEXT,
    sent_at TEXT,
    thread_id INTEGER,
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
    CHECK ((kind IN ('correction', 'deadline', 'no_award')) <= (follows IS NOT NULL)),
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
    next_try_at, sent_at, message_id, shown, shown_revision, due_revision, remade, is_withdrawn)
SELECT id, guild_id, channel_id, kind, subject, revision, notice_id, tip_id, fact_id, digest_id, follows, details, polled,
    code, nonce, state, is_plain, reason, tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id,
    shown, shown_revision, due_revision, remade, is_withdrawn
FROM announcement;

DELETE FROM sqlite_sequence WHERE name = 'announcement_wider';
INSERT INTO sqlite_sequence (name, seq) SELECT 'announcement_wider', seq FROM sqlite_sequence WHERE name = 'announcement';

DROP TABLE announcement;
ALTER TABLE announcement_wider RENAME TO announcement;

CREATE INDEX announcement_due ON announcement (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE INDEX announcement_edit ON announcement (channel_id, id) WHERE state = 'sent' AND shown_revision < due_revision;
CREATE INDEX announcement_withdrawal ON announcement (channel_id, id) WHERE is_withdrawn AND state <> 'withdrawn';
CREATE INDEX announcement_set_aside ON announcement (guild_id, channel_id) WHERE state = 'set_aside';
CREATE INDEX announcement_message ON announcement (guild_id, channel_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX announcement_thread ON announcement (guild_id, thread_id, message_id) WHERE thread_id IS NOT NULL;
CREATE INDEX announcement_notice ON announcement (notice_id, guild_id, channel_id) WHERE notice_id IS NOT NULL;
CREATE INDEX announcement_tip ON announcement (guild_id, tip_id) WHERE tip_id IS NOT NULL;
CREATE INDEX announcement_fact ON announcement (guild_id, fact_id) WHERE fact_id IS NOT NULL;
CREATE INDEX announcement_digest ON announcement (guild_id, digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX announcement_follows ON announcement (guild_id, follows) WHERE follows IS NOT NULL;
CREATE INDEX announcement_polled ON announcement (polled) WHERE polled IS NOT NULL;
CREATE INDEX announcement_held ON announcement (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX notice_says ON notice_revision (notice_id, revision, kind, deadline, published);
CREATE INDEX announcement_follow_up ON announcement (guild_id, kind, created_at) WHERE kind IN ('deadline', 'no_award');

-- Who looks into a notice for an item, or into a procedure that no item names. What ended stays.
CREATE TABLE take (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL REFERENCES newsroom (guild_id),
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    item_id INTEGER,
    taken_by INTEGER NOT NULL,
    taken_at TEXT NOT NULL,
    ended_by INTEGER,
    ended_at TEXT,
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, item_id) REFERENCES watch_item (guild_id, id),
    CHECK ((ended_by IS NULL) = (ended_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX take_standing ON take (guild_id, notice_id, coalesce(item_id, 0)) WHERE ended_at IS NULL;

-- A procedure that a person wants to be told of in a channel, named by one of its notices: what is published of it is
-- announced there, item or not. What ended stays.
CREATE TABLE procedure_follow (
    id INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    channel_id INTEGER NOT NULL,
    followed_by INTEGER NOT NULL,
    followed_at TEXT NOT NULL,
    ended_by INTEGER,
    ended_at TEXT,
    UNIQUE (guild_id, id),
    FOREIGN KEY (guild_id, channel_id) REFERENCES channel (guild_id, channel_id),
    CHECK ((ended_by IS NULL) = (ended_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX procedure_follow_standing ON procedure_follow (guild_id, notice_id) WHERE ended_at IS NULL;
CREATE INDEX procedure_follow_notice ON procedure_follow (notice_id) WHERE ended_at IS NULL;
CREATE INDEX take_notice ON take (notice_id) WHERE ended_at IS NULL;
