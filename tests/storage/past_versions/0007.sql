-- What: one row of every table, as a database at migration 0007 holds them.
-- released: no
UPDATE installation SET watchlist_version = 3, unknown_from = 600, unknown_to = 700, id_floor = 40;

INSERT INTO newsroom (guild_id, language, timezone, announcements_channel, operations_channel, reporter_role, storm,
    quiet_days, second_source, retention_days, threads, deadline_days, award_days, quiet_from, quiet_until)
VALUES (1001, 'fr', 'Europe/Paris', 2001, 2002, 3001, 30, 'silent', 0, NULL, 1, NULL, 60, '22:00', '07:30');

INSERT INTO member (guild_id, person, role, seen_at) VALUES (1001, 7, 'reporter', '2026-11-16T11:00:00.000000+00:00');

INSERT INTO channel (guild_id, channel_id, floor_id, is_forum) VALUES (1001, 2001, 500, 0), (1001, 2002, 500, 1);
INSERT INTO channel (guild_id, channel_id, floor_id, parked_reason, parked_at)
VALUES (1001, 2003, 500, 'deleted', '2026-11-16T08:00:00.000000+00:00');
INSERT INTO channel (guild_id, channel_id, floor_id, person, read_to) VALUES (1001, 2004, 500, 7, 700);
INSERT INTO sighting (guild_id, channel_id, code, message_id) VALUES (1001, 2001, 'A7K3-92QZ', 503);

INSERT INTO watch_item (id, guild_id, kind, name, name_key, aliases, identifiers, any_of, none_of, sources, channel_id,
    priority, ref, note, added_by, added_at, changed_in, silence_told_at, noise_told_at)
VALUES (1, 1001, 'company', 'Valmarin Systèmes', 'valmarin systemes', '["Sentival"]', '["siren:998100473"]', '[]', '[]',
    '[]', 2003, 'instant', 'A1', 'dossier ; été', 7, '2026-11-15T08:00:00.000000+00:00', 3,
    '2026-11-16T07:00:00.000000+00:00', '2026-11-16T07:30:00.000000+00:00');

INSERT INTO source_state (source, baseline_at, attempted_at, succeeded_at, new_at, degraded_since, told, told_since,
    notices_read, cursor, dumps)
VALUES ('boamp', '2026-11-15T08:00:00.000000+00:00', '2026-11-16T08:00:00.000000+00:00',
    '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:01.000000+00:00',
    'source_degraded', '2026-11-16T08:00:01.000000+00:00', 40, '{"etag": "\"abc\""}', 2);

INSERT INTO poll_log (source, started_at, ended_at, read, new, changed, losses)
VALUES ('boamp', '2026-11-16T08:00:00.000000+00:00', '2026-11-16T08:00:01.000000+00:00', 40, 3, 1, 2);

INSERT INTO register_entity (source, entity, fingerprint, content_version, missing_since, missing_entries, entries)
VALUES ('hatvp', 'H1', 'feed', 1, 2, '{"fiche:A": 2}', '["H1", "H1:client:1"]');

INSERT INTO backfill (id, guild_id, source, since, until, reached, started_at, started_by, notices, new_notices)
VALUES (1, 1001, 'boamp', '2026-01-01', '2026-11-16', '2026-02-05', '2026-11-16T14:00:00.000000+00:00', 7, 900, 850);
INSERT INTO backfill (id, guild_id, source, since, until, reached, started_at, ended_at, error)
VALUES (2, NULL, 'boamp', '2026-01-01', '2026-02-01', '2026-01-08', '2026-11-15T14:00:00.000000+00:00',
    '2026-11-15T14:05:00.000000+00:00', 'it answered 500');

INSERT INTO source_pause (guild_id, source, paused_at, paused_by)
VALUES (1001, 'boamp', '2026-11-16T14:30:00.000000+00:00', 9);

INSERT INTO notice (id, source, source_id, revision, content_sha256, content_version, procedure, seen_at, is_baseline,
    is_indexed)
VALUES (1, 'boamp', '26-100', 2, 'feed', 1, 'boamp:26-100', '2026-11-16T08:00:01.000000+00:00', 0, 1);

INSERT INTO notice (id, source, source_id, revision, content_sha256, content_version, procedure, seen_at, is_baseline,
    is_indexed, same_as, text_dropped_at)
VALUES (2, 'ted', '700-2026', 1, 'fade', 1, 'boamp:26-100', '2026-11-16T08:00:02.000000+00:00', 0, 0, 1,
    '2026-11-17T08:00:00.000000+00:00');

INSERT INTO notice_words (rowid, title, text) VALUES (1, 'cameras', 'texte');

INSERT INTO notice_revision (notice_id, revision, seen_at, kind, title, text, buyer, suppliers, people, identifiers,
    amount, currency, cpv, published, deadline, url, language, procedure, raw_sha256)
VALUES
    (1, 1, '2026-11-16T08:00:01.000000+00:00', 'tender', 'Caméras', 'Texte', 'Ville', '["Valmarin Systèmes"]', '[]',
        '["siren:998100473"]', '120000.00', 'EUR', '["35125300"]', '2026-11-15', '2026-12-01T12:00:00+01:00',
        'https://www.boamp.fr/pages/avis/?q=idweb:26-100', 'fr', 'boamp:26-100', 'beef'),
    (1, 2, '2026-11-16T09:00:01.000000+00:00', 'tender', 'Caméras', 'Texte', 'Ville', '["Valmarin Systèmes"]', '[]',
        '["siren:998100473"]', '130000.00', 'EUR', '["35125300"]', '2026-11-15', '2026-12-01T12:00:00+01:00',
        'https://www.boamp.fr/pages/avis/?q=idweb:26-100', 'fr', 'boamp:26-100', 'beef');
INSERT INTO notice_revision (notice_id, revision, seen_at, kind, title, text, suppliers, people, identifiers, cpv,
    particulars)
VALUES (2, 1, '2026-11-16T08:00:02.000000+00:00', 'tender', 'Caméras', '', '[]', '[]', '[]', '[]',
    '[["spend", "10000-25000"]]');

INSERT INTO hit (id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched, snippet,
    count, organisations, digest, found_at)
VALUES (1, 1001, 1, 1, 1, 'identifier', 'siren:998100473', 'identifier', 'identifiers[0]', 0, 15, 'siren:998100473',
    'siren:998100473', 1, '{"": {"name": ""}}', 'told', '2026-11-16T08:00:01.000000+00:00');
INSERT INTO hit (id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched, snippet,
    count, organisations, held, digest, found_at, stood_in)
VALUES (2, 1001, 1, 1, 2, 'exact', 'Valmarin Systèmes', 'legal_form', 'suppliers[0]', 0, 17, 'Valmarin Systèmes',
    'Valmarin Systèmes Est', 1, '{"valmarin systemes est": {"name": "Valmarin Systèmes Est"}}', 'dismissed', 'due',
    '2026-11-16T09:00:01.000000+00:00', 1);

INSERT INTO dismissal (id, guild_id, item_id, notice_id, organisation_key, name, made_by, made_at, undone_by, undone_at)
VALUES
    (1, 1001, 1, 1, 'valmarin systemes est', 'Valmarin Systèmes Est', 7, '2026-11-16T08:30:00.000000+00:00', NULL, NULL),
    (2, 1001, 1, 1, NULL, 'Caméras', 7, '2026-11-16T08:31:00.000000+00:00', 8, '2026-11-16T08:32:00.000000+00:00');

INSERT INTO dossier (id, guild_id, name, name_key, channel_id, created_by, created_at)
VALUES (1, 1001, 'Été ; caméras', 'ete cameras', 2003, 7, '2026-11-16T10:00:00.000000+00:00');
INSERT INTO dossier (id, guild_id, name, name_key, created_by, created_at, closed_by, closed_at)
VALUES (2, 1001, 'Drones', 'drones', 7, '2026-11-15T10:00:00.000000+00:00', 8, '2026-11-16T10:00:00.000000+00:00');

INSERT INTO tip (id, guild_id, revision, changes, status, is_sensitive, owner, logged_by, logged_at, embargo_until,
    kept_at, erased_at, erased_by)
VALUES
    (1, 1001, 2, 7, 'confirmed', 0, 8, 7, '2026-11-16T11:00:00.000000+00:00', '2026-12-01T00:00:00.000000+00:00',
        '2026-11-16T11:05:00.000000+00:00', NULL, NULL),
    (2, 1001, 1, 1, 'new', 1, NULL, 7, '2026-11-16T11:06:00.000000+00:00', NULL, NULL, NULL, NULL),
    (3, 1001, 1, 1, 'dropped', 0, NULL, 7, '2026-11-16T11:07:00.000000+00:00', NULL, NULL,
        '2026-11-16T11:08:00.000000+00:00', 9);

INSERT INTO tip_revision (guild_id, tip_id, revision, text, origin, origin_url, heard, heard_typed, is_sensitive,
    reason, made_by, made_at, sealed_in)
VALUES
    (1001, 1, 1, 'La ville paierait deux fois', 'un agent', NULL, '2026-11-10', 'mardi dernier', 0, NULL, 7,
        '2026-11-16T11:00:00.000000+00:00', 1),
    (1001, 1, 2, 'La ville paierait trois fois', 'un agent', 'https://discord.com/channels/1001/2001/501', '2026-11-10',
        'mardi dernier', 0, 'mal entendu', 7, '2026-11-16T11:01:00.000000+00:00', 1),
    (1001, 2, 1, 'Une signature serait fausse', NULL, NULL, NULL, NULL, 1, NULL, 7,
        '2026-11-16T11:06:00.000000+00:00', 3);

INSERT INTO tip_change (guild_id, tip_id, number, kind, text, before, after, made_by, made_at, sealed_in)
VALUES
    (1001, 1, 1, 'logged', NULL, NULL, NULL, 7, '2026-11-16T11:00:00.000000+00:00', 1),
    (1001, 1, 2, 'edited', 'mal entendu', NULL, NULL, 7, '2026-11-16T11:01:00.000000+00:00', 1),
    (1001, 1, 3, 'noted', 'à recouper', NULL, NULL, 7, '2026-11-16T11:02:00.000000+00:00', 1),
    (1001, 1, 4, 'assigned', NULL, NULL, '8', 7, '2026-11-16T11:03:00.000000+00:00', 1),
    (1001, 1, 5, 'promoted', '1', 'new', 'confirmed', 8, '2026-11-16T11:04:00.000000+00:00', 1),
    (1001, 1, 6, 'kept', NULL, NULL, NULL, 8, '2026-11-16T11:05:00.000000+00:00', 1),
    (1001, 1, 7, 'embargoed', NULL, NULL, '2026-12-01T00:00:00.000000+00:00', 8, '2026-11-16T11:05:30.000000+00:00', 1),
    (1001, 2, 1, 'logged', NULL, NULL, NULL, 7, '2026-11-16T11:06:00.000000+00:00', 3);

INSERT INTO tip_words (rowid, text, more)
VALUES (1, 'la ville paierait trois fois', 'un agent a recouper'), (2, 'une signature serait fausse', '');

INSERT INTO fact (id, guild_id, revision, changes, status, tip_id, logged_by, logged_at, verified_by, verified_at,
    embargo_until)
VALUES (1, 1001, 2, 4, 'verified', 1, 8, '2026-11-16T11:04:00.000000+00:00', 9, '2026-11-16T12:00:00.000000+00:00',
    '2026-12-01T00:00:00.000000+00:00');

INSERT INTO fact_revision (guild_id, fact_id, revision, claim, event_date, event_date_typed, reason, made_by, made_at,
    status, sealed_in)
VALUES
    (1001, 1, 1, 'La ville a payé deux fois', '2020-11', 'novembre 2020', NULL, 8, '2026-11-16T11:04:00.000000+00:00',
        'logged', 2),
    (1001, 1, 2, 'La ville a payé trois fois', '2020-11', 'novembre 2020', 'la facture le dit', 8,
        '2026-11-16T11:05:00.000000+00:00', NULL, 2);

INSERT INTO citation (guild_id, fact_id, n, from_revision, until_revision, kind, url, title, origin,
    said_origin, party, quote, retrieved_at, notice_id, added_by, added_at, sealed_in)
VALUES
    (1001, 1, 1, 1, 2, 'link', 'https://ville.example/delib', NULL, NULL, NULL, NULL, 'payé deux fois', NULL,
        NULL, 8, '2026-11-16T11:04:00.000000+00:00', 2),
    (1001, 1, 1, 2, NULL, 'link', 'https://ville.example/facture', 'Facture', NULL, 'la mairie',
        NULL, 'payé trois fois', '2026-11-16T11:05:00.000000+00:00', NULL, 8, '2026-11-16T11:05:00.000000+00:00', 2),
    (1001, 1, 2, 1, NULL, 'notice', 'https://www.boamp.fr/pages/avis/?q=idweb:26-100', 'Caméras', 'Ville', NULL,
        'Ville', NULL, NULL, 1, 8, '2026-11-16T11:04:00.000000+00:00', 2);

INSERT INTO fact_change (guild_id, fact_id, number, kind, text, made_by, made_at, sealed_in)
VALUES
    (1001, 1, 1, 'logged', NULL, 8, '2026-11-16T11:04:00.000000+00:00', 2),
    (1001, 1, 2, 'corrected', 'la facture le dit', 8, '2026-11-16T11:05:00.000000+00:00', 2),
    (1001, 1, 3, 'verified', NULL, 9, '2026-11-16T12:00:00.000000+00:00', 2),
    (1001, 1, 4, 'embargoed', '2026-12-01T00:00:00.000000+00:00', 9, '2026-11-16T12:01:00.000000+00:00', 2);

INSERT INTO fact_words (rowid, claim, more) VALUES (1, 'la ville a paye trois fois', 'facture paye trois fois cameras');

INSERT INTO tip_item (guild_id, tip_id, item_id, added_by, added_at)
VALUES (1001, 1, 1, 7, '2026-11-16T11:00:00.000000+00:00');
INSERT INTO fact_item (guild_id, fact_id, item_id, added_by, added_at)
VALUES (1001, 1, 1, 8, '2026-11-16T11:04:00.000000+00:00');
INSERT INTO dossier_item (guild_id, dossier_id, item_id, added_by, added_at)
VALUES (1001, 1, 1, 7, '2026-11-16T10:01:00.000000+00:00'), (1001, 2, 1, 7, '2026-11-15T10:01:00.000000+00:00');
INSERT INTO dossier_tip (guild_id, dossier_id, tip_id, added_by, added_at)
VALUES (1001, 1, 1, 7, '2026-11-16T11:00:00.000000+00:00');
INSERT INTO dossier_fact (guild_id, dossier_id, fact_id, added_by, added_at)
VALUES (1001, 1, 1, 8, '2026-11-16T11:04:00.000000+00:00');

INSERT INTO draft (id, guild_id, person, form, context, fields, made_at)
VALUES (1, 1001, 7, 'fact', '{"notice": 1}', '{"claim": "La ville…"}', '2026-11-16T11:10:00.000000+00:00');

INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, notice_id, details, code, nonce, state,
    tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id, shown, shown_revision,
    due_revision, remade)
VALUES (1, 1001, 2001, 'notice', 'boamp:26-100', 1, 1, '{"changes": []}', 'A7K3-92QF', '0123456789abcdef012345678',
    'sent', 1, '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:02.000000+00:00', 500,
    '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:03.000000+00:00', 501, '{"title": "Caméras"}', 1, 2, 1);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, notice_id, follows, details, code, nonce,
    created_at, next_try_at, due_revision)
VALUES (2, 1001, 2001, 'notice', 'boamp:26-100', 2, 1, 1, '{"changes": []}', 'A7K3-92QG', '1123456789abcdef012345678',
    '2026-11-16T09:00:01.000000+00:00', '2026-11-16T09:00:01.000000+00:00', 2);

INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, tip_id, details, code, nonce, created_at,
    next_try_at, due_revision)
VALUES (3, 1001, 2003, 'tip', 'tip:1', 1, 1, '{}', 'A7K3-92QH', '2123456789abcdef012345678',
    '2026-11-16T11:00:00.000000+00:00', '2026-11-16T11:00:00.000000+00:00', 5);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, fact_id, details, code, nonce, state,
    tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id, shown, shown_revision,
    due_revision)
VALUES (4, 1001, 2003, 'fact', 'fact:1', 1, 1, '{}', 'A7K3-92QJ', '3123456789abcdef012345678', 'sent', 1,
    '2026-11-16T11:04:00.000000+00:00', '2026-11-16T11:04:01.000000+00:00', 500, '2026-11-16T11:04:00.000000+00:00',
    '2026-11-16T11:04:02.000000+00:00', 502, '{"title": "Fait"}', 2, 3);

INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (1001, 1, 1);
INSERT INTO announcement_companion (guild_id, announcement_id, notice_id) VALUES (1001, 1, 2);

INSERT INTO digest (id, guild_id, channel_id, dossier_id, every, at, added_by, added_at, first_hit, seen_hit,
    seen_fact_change, seen_notice, told_at)
VALUES (1, 1001, 2001, 1, 'weekdays', '08:30', 9, '2026-11-16T13:00:00.000000+00:00', 0, 1, 3, 1,
    '2026-11-17T07:30:00.000000+00:00');
INSERT INTO digest_slot (guild_id, digest_id, local_date, due_at, made_at, messages)
VALUES (1001, 1, '2026-11-17', '2026-11-17T07:30:00.000000+00:00', '2026-11-17T07:30:00.000000+00:00', 1);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, digest_id, details, code, nonce, created_at,
    next_try_at, due_revision)
VALUES (5, 1001, 2001, 'digest', '1:2026-11-17:1', 1, 1, '{"part": 1, "parts": 1}', 'A7K3-92QK',
    '4123456789abcdef012345678', '2026-11-17T07:30:00.000000+00:00', '2026-11-17T07:30:00.000000+00:00', 1);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, details, polled, code, nonce, created_at,
    next_try_at, held_until, due_revision)
VALUES (6, 1001, 2001, 'storm', 'boamp:2026-11-17T07:00:00.000000+00:00', 1, '{"source": "boamp"}', 'boamp', 'A7K3-92QM',
    '5123456789abcdef012345678', '2026-11-17T07:00:00.000000+00:00', '2026-11-17T07:00:00.000000+00:00',
    '2026-11-17T07:30:00.000000+00:00', 1);
INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (1001, 5, 1);
INSERT INTO digest_fact (guild_id, announcement_id, fact_id, after, upto, is_hidden) VALUES (1001, 5, 1, 0, 3, 1);
INSERT INTO digest_tip (guild_id, announcement_id, tip_id, revision) VALUES (1001, 5, 1, 1);

INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, fact_id, follows, details, code, nonce,
    created_at, next_try_at, due_revision)
VALUES (7, 1001, 2003, 'correction', 'fact:1', 2, 1, 4, '{}', 'A7K3-92QN', '6123456789abcdef012345678',
    '2026-11-16T11:05:00.000000+00:00', '2026-11-16T11:05:00.000000+00:00', 2);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, details, code, nonce, created_at,
    next_try_at, due_revision)
VALUES (8, 1001, 2004, 'reminder', 'rest:tip:2', 1, '{}', 'A7K3-92QP', '7123456789abcdef012345678',
    '2026-11-20T08:00:00.000000+00:00', '2026-11-20T08:00:00.000000+00:00', 1);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, tip_id, details, code, nonce, state,
    is_withdrawn, tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id, shown_revision,
    due_revision)
VALUES (9, 1001, 2003, 'tip', 'tip:3', 1, 3, '{}', 'A7K3-92QR', '8123456789abcdef012345678', 'withdrawn', 1, 1,
    '2026-11-16T11:07:00.000000+00:00', '2026-11-16T11:07:01.000000+00:00', 500, '2026-11-16T11:07:00.000000+00:00',
    '2026-11-16T11:07:02.000000+00:00', 504, 1, 1);

INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, follows, details, code, nonce, state,
    created_at, first_try_at, history_from, next_try_at, thread_id, due_revision)
VALUES (10, 1001, 2001, 'deadline', 'boamp:26-100:2026-12-01T12:00:00+01:00', 1, 1, '{}', 'A7K3-92QS',
    '9123456789abcdef012345678', 'sending', '2026-11-28T08:00:00.000000+00:00', '2026-11-28T08:00:01.000000+00:00', 501,
    '2026-11-28T08:00:00.000000+00:00', 501, 1);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, follows, details, code, nonce, created_at,
    next_try_at, due_revision)
VALUES (11, 1001, 2001, 'no_award', 'boamp:26-100', 1, 1, '{}', 'A7K3-92QT', 'a123456789abcdef012345678',
    '2027-03-01T08:00:00.000000+00:00', '2027-03-01T08:00:00.000000+00:00', 1);

INSERT INTO take (id, guild_id, notice_id, item_id, taken_by, taken_at)
VALUES (1, 1001, 1, 1, 7, '2026-11-16T08:05:00.000000+00:00');
INSERT INTO take (id, guild_id, notice_id, taken_by, taken_at, ended_by, ended_at)
VALUES (2, 1001, 2, 7, '2026-11-16T08:05:00.000000+00:00', 9, '2026-11-16T08:06:00.000000+00:00');
INSERT INTO procedure_follow (id, guild_id, notice_id, channel_id, followed_by, followed_at)
VALUES (1, 1001, 1, 2001, 7, '2026-11-16T08:07:00.000000+00:00');

INSERT INTO known_fact (guild_id, announcement_id, fact_id, revision, status) VALUES (1001, 1, 1, 2, 'verified');
INSERT INTO known_tip (guild_id, announcement_id, tip_id) VALUES (1001, 1, 1);
INSERT INTO reminder (id, guild_id, person, reason, tip_id, number, announcement_id, made_at)
VALUES (1, 1001, '7', 'rest', 2, 1, 8, '2026-11-20T08:00:00.000000+00:00');
INSERT INTO reminder (id, guild_id, person, reason, fact_id, number, made_at, told_at)
VALUES (2, 1001, 'cli:lea', 'corrected', 1, 2, '2026-11-16T11:05:00.000000+00:00', '2026-11-17T08:00:00.000000+00:00');

INSERT INTO audit (guild_id, number, made_at, made_by, action, subject, commitment, hash)
VALUES
    (1001, 1, '2026-11-16T13:00:00.000000+00:00', 'vigie', 'seal', 'tip:1',
        'e64ae109a07cf8f61c9af9be3037dd8a1f192464b4fe726ed555990439d760d4',
        'abb5537add5e34cd72dbfd954988e930a096ca9f8d32bf01aa3a17b44f0f408e'),
    (1001, 2, '2026-11-16T13:00:00.000000+00:00', 'vigie', 'seal', 'fact:1',
        '25569eda2d0f2c565f6d36f37d0d1a957d59a70fb832e9ce5d6f20c8f3e8f8e2',
        '048021008e754621cfe1e54d17e89c7d6086b48486427e9f9e2a79d06722e9c1'),
    (1001, 3, '2026-11-16T13:00:00.000000+00:00', 'vigie', 'seal', 'tip:2',
        '93a9300b31d6923a976046ec563f5b730a34cf83e600ce9298420430a964098f',
        '4d0381d057acd99dfe8c08a0665483aa281c7925e8eafd60fa3e93051ec369b8'),
    (1001, 4, '2026-11-16T13:00:00.000000+00:00', 'vigie', 'seal', 'tip:3',
        'f36c950f8086cb6f372f292fdf9a92170eb149306e4ad7e13aed823e8ce99cc9',
        '2d1fcfdd124a55fce25877d532e0616ddfe4368b3734ea602e0e2ff1a4fa6913'),
    (1001, 5, '2026-11-16T11:08:00.000000+00:00', '9', 'tip erase', 'tip:3',
        '387ca2638ccde6ee7fff15c03ca4c26a9c743207d8589d2c03929d15d264b3b0',
        '85931755aca7920386559185ae7b982c8bec033bc229c89a6dbf81fa03ee1984'),
    (1001, 6, '2026-11-16T14:30:00.000000+00:00', '9', 'source pause', 'source:boamp',
        '8354405d0800f8b7bf348dd9b603a71287ce00c9b38a4f81bbaeb4ac93dd1e65',
        'eb2428d126ea9c42467471d8df2aec3f1d3e05f6763fae0e15d95f03d6c8e781');
INSERT INTO audit_opening (guild_id, number, salt, detail, "rows")
VALUES
    (1001, 1, '00000000000000000000000000000001', '{}',
        '[["tip_revision",1,1,"4b5bbc5c3dba03eec8106dd102b01b1a"],["tip_revision",1,2,"ae2930427a22cdf1a9724a8218e61646"],["tip_change",1,1,"fbc86628143c332ad460adbb189359bd"],["tip_change",1,2,"f8737d4322f4ccab5a98acb3296ebddb"],["tip_change",1,3,"5c73b3e33305144dc3e8f150b820bae1"],["tip_change",1,4,"15f01affcb049ca2adfa678885f8b3e6"],["tip_change",1,5,"64132ab5b49a16cee60e5c0c3aa23fb4"],["tip_change",1,6,"90f2a5970a5f42b2f04427a72c972a06"],["tip_change",1,7,"a8a8257bf125b762d6a2dbdf4d86ecaa"]]'),
    (1001, 2, '00000000000000000000000000000002', '{}',
        '[["fact_revision",1,1,"ef54c6350d6227d3553764563c2b5e80"],["fact_revision",1,2,"82982854d483b6599166cd213826a813"],["citation",1,1,1,"a9754ab21e34df49726e4ad0c88733cd"],["citation",1,1,2,"3c54f8a09c4201cc6050496f65cd7206"],["citation",1,2,1,"0bfe529ce1aaff198670e46bd08c46c9"],["fact_change",1,1,"d6eb3d282c3e464b57aef50c020a7714"],["fact_change",1,2,"864babdf7e3f70a5e2e9ff1b77b398d9"],["fact_change",1,3,"67e0ddaca54eeedf85b318ec5ae22b86"],["fact_change",1,4,"9ee229a28a4c70400cb3f7c26a0fa445"]]'),
    (1001, 3, '00000000000000000000000000000003', '{}',
        '[["tip_revision",2,1,"e211676fedcbc1eb8ccbec0bfd762ad8"],["tip_change",2,1,"e20f448023110b9259db93477d301a93"]]'),
    (1001, 5, '00000000000000000000000000000005', '{"erased_at":"2026-11-16T11:08:00.000000+00:00","is_sensitive":false,"logged_at":"2026-11-16T11:07:00.000000+00:00","logged_by":7,"owner":null,"revision":1}',
        '[]'),
    (1001, 6, '00000000000000000000000000000006', '{}',
        '[]');
INSERT INTO audit_head (guild_id, number, hash)
VALUES (1001, 6, 'eb2428d126ea9c42467471d8df2aec3f1d3e05f6763fae0e15d95f03d6c8e781');
INSERT INTO export (id, guild_id, kind, made_by, made_at, folder, filters, facts, tips, last_change)
VALUES (1, 1001, 'facts', 'cli:lea', '2026-11-16T12:30:00.000000+00:00', '/srv/out', '{"status": null}', '[[1,1]]', '[]',
    4);
INSERT INTO backup (id, path, made_at, sha256, bytes)
VALUES (1, '/srv/vigie.backup', '2026-11-16T09:00:00.000000+00:00', 'feedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeed', 8192);

INSERT INTO command_sync (application_id, scope, sha256, synced_at)
VALUES (42, 0, 'feed', '2026-11-16T08:00:00.000000+00:00');
