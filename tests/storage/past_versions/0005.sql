-- What: one row of every table, as a database at migration 0005 holds them.
-- released: f49bbca21a6bb8fa4ed65537d18a2d9cfbc982f3cf7a17755967561542504e07
UPDATE installation SET watchlist_version = 3;

INSERT INTO newsroom (guild_id, language, timezone, announcements_channel, operations_channel, reporter_role, storm,
    quiet_days)
VALUES (1001, 'fr', 'Europe/Paris', 2001, 2002, 3001, 30, 'silent');

INSERT INTO channel (guild_id, channel_id, floor_id) VALUES (1001, 2001, 500), (1001, 2002, 500);
INSERT INTO channel (guild_id, channel_id, floor_id, parked_reason, parked_at)
VALUES (1001, 2003, 500, 'deleted', '2026-11-16T08:00:00.000000+00:00');

INSERT INTO watch_item (id, guild_id, kind, name, name_key, aliases, identifiers, any_of, none_of, sources, channel_id,
    priority, ref, note, added_by, added_at, changed_in)
VALUES (1, 1001, 'company', 'Valmarin Systèmes', 'valmarin systemes', '["Sentival"]', '["siren:998100473"]', '[]', '[]',
    '[]', 2003, 'instant', 'A1', 'dossier ; été', 7, '2026-11-15T08:00:00.000000+00:00', 3);

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
    count, organisations, held, digest, found_at)
VALUES (2, 1001, 1, 1, 2, 'exact', 'Valmarin Systèmes', 'legal_form', 'suppliers[0]', 0, 17, 'Valmarin Systèmes',
    'Valmarin Systèmes Est', 1, '{"valmarin systemes est": {"name": "Valmarin Systèmes Est"}}', 'dismissed', 'due',
    '2026-11-16T09:00:01.000000+00:00');

INSERT INTO dismissal (id, guild_id, item_id, notice_id, organisation_key, name, made_by, made_at, undone_by, undone_at)
VALUES
    (1, 1001, 1, 1, 'valmarin systemes est', 'Valmarin Systèmes Est', 7, '2026-11-16T08:30:00.000000+00:00', NULL, NULL),
    (2, 1001, 1, 1, NULL, 'Caméras', 7, '2026-11-16T08:31:00.000000+00:00', 8, '2026-11-16T08:32:00.000000+00:00');

INSERT INTO dossier (id, guild_id, name, name_key, channel_id, created_by, created_at)
VALUES (1, 1001, 'Été ; caméras', 'ete cameras', 2003, 7, '2026-11-16T10:00:00.000000+00:00');
INSERT INTO dossier (id, guild_id, name, name_key, created_by, created_at, closed_by, closed_at)
VALUES (2, 1001, 'Drones', 'drones', 7, '2026-11-15T10:00:00.000000+00:00', 8, '2026-11-16T10:00:00.000000+00:00');

INSERT INTO tip (id, guild_id, revision, changes, status, is_sensitive, owner, logged_by, logged_at)
VALUES
    (1, 1001, 2, 5, 'confirmed', 0, 8, 7, '2026-11-16T11:00:00.000000+00:00'),
    (2, 1001, 1, 1, 'new', 1, NULL, 7, '2026-11-16T11:06:00.000000+00:00');

INSERT INTO tip_revision (guild_id, tip_id, revision, text, origin, origin_url, heard, heard_typed, is_sensitive,
    reason, made_by, made_at)
VALUES
    (1001, 1, 1, 'La ville paierait deux fois', 'un agent', NULL, '2026-11-10', 'mardi dernier', 0, NULL, 7,
        '2026-11-16T11:00:00.000000+00:00'),
    (1001, 1, 2, 'La ville paierait trois fois', 'un agent', 'https://discord.com/channels/1001/2001/501', '2026-11-10',
        'mardi dernier', 0, 'mal entendu', 7, '2026-11-16T11:01:00.000000+00:00'),
    (1001, 2, 1, 'Une signature serait fausse', NULL, NULL, NULL, NULL, 1, NULL, 7,
        '2026-11-16T11:06:00.000000+00:00');

INSERT INTO tip_change (guild_id, tip_id, number, kind, text, before, after, made_by, made_at)
VALUES
    (1001, 1, 1, 'logged', NULL, NULL, NULL, 7, '2026-11-16T11:00:00.000000+00:00'),
    (1001, 1, 2, 'edited', 'mal entendu', NULL, NULL, 7, '2026-11-16T11:01:00.000000+00:00'),
    (1001, 1, 3, 'noted', 'à recouper', NULL, NULL, 7, '2026-11-16T11:02:00.000000+00:00'),
    (1001, 1, 4, 'assigned', NULL, NULL, '8', 7, '2026-11-16T11:03:00.000000+00:00'),
    (1001, 1, 5, 'promoted', NULL, 'new', 'confirmed', 8, '2026-11-16T11:04:00.000000+00:00'),
    (1001, 2, 1, 'logged', NULL, NULL, NULL, 7, '2026-11-16T11:06:00.000000+00:00');

INSERT INTO tip_words (rowid, text, more)
VALUES (1, 'la ville paierait trois fois', 'un agent a recouper'), (2, 'une signature serait fausse', '');

INSERT INTO fact (id, guild_id, revision, changes, status, tip_id, logged_by, logged_at, verified_by, verified_at)
VALUES (1, 1001, 2, 3, 'verified', 1, 8, '2026-11-16T11:04:00.000000+00:00', 9, '2026-11-16T12:00:00.000000+00:00');

INSERT INTO fact_revision (guild_id, fact_id, revision, claim, event_date, event_date_typed, reason, made_by, made_at,
    status)
VALUES
    (1001, 1, 1, 'La ville a payé deux fois', '2020-11', 'novembre 2020', NULL, 8, '2026-11-16T11:04:00.000000+00:00',
        'logged'),
    (1001, 1, 2, 'La ville a payé trois fois', '2020-11', 'novembre 2020', 'la facture le dit', 8,
        '2026-11-16T11:05:00.000000+00:00', NULL);

INSERT INTO citation (guild_id, fact_id, n, from_revision, until_revision, kind, url, title, origin, quote,
    retrieved_at, notice_id, added_by, added_at)
VALUES
    (1001, 1, 1, 1, 2, 'link', 'https://ville.example/delib', NULL, NULL, 'payé deux fois', NULL, NULL, 8,
        '2026-11-16T11:04:00.000000+00:00'),
    (1001, 1, 1, 2, NULL, 'link', 'https://ville.example/facture', 'Facture', NULL, 'payé trois fois',
        '2026-11-16T11:05:00.000000+00:00', NULL, 8, '2026-11-16T11:05:00.000000+00:00'),
    (1001, 1, 2, 1, NULL, 'notice', 'https://www.boamp.fr/pages/avis/?q=idweb:26-100', 'Caméras', 'Ville', NULL, NULL,
        1, 8, '2026-11-16T11:04:00.000000+00:00');

INSERT INTO fact_change (guild_id, fact_id, number, kind, text, made_by, made_at)
VALUES
    (1001, 1, 1, 'logged', NULL, 8, '2026-11-16T11:04:00.000000+00:00'),
    (1001, 1, 2, 'corrected', 'la facture le dit', 8, '2026-11-16T11:05:00.000000+00:00'),
    (1001, 1, 3, 'verified', NULL, 9, '2026-11-16T12:00:00.000000+00:00');

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
    next_try_at, due_revision)
VALUES (6, 1001, 2001, 'storm', 'boamp:2026-11-17T07:00:00.000000+00:00', 1, '{"source": "boamp"}', 'boamp', 'A7K3-92QM',
    '5123456789abcdef012345678', '2026-11-17T07:00:00.000000+00:00', '2026-11-17T07:00:00.000000+00:00', 1);
INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (1001, 5, 1);
INSERT INTO digest_fact (guild_id, announcement_id, fact_id, after, upto) VALUES (1001, 5, 1, 0, 3);
INSERT INTO digest_tip (guild_id, announcement_id, tip_id, revision) VALUES (1001, 5, 1, 1);

INSERT INTO command_sync (application_id, scope, sha256, synced_at)
VALUES (42, 0, 'feed', '2026-11-16T08:00:00.000000+00:00');
