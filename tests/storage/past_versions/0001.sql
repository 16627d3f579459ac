-- What: one row of every table, as a database at migration 0001 holds them.
-- released: 8e7dba9c1a7ce89afcee03d791f95f97eddd4327cef753e0f78b36a985d5ddd7
UPDATE installation SET watchlist_version = 3;

INSERT INTO newsroom (guild_id, language, timezone, announcements_channel, operations_channel, reporter_role)
VALUES (1001, 'fr', 'Europe/Paris', 2001, 2002, 3001);

INSERT INTO channel (guild_id, channel_id, floor_id) VALUES (1001, 2001, 500), (1001, 2002, 500);
INSERT INTO channel (guild_id, channel_id, floor_id, parked_reason, parked_at)
VALUES (1001, 2003, 500, 'deleted', '2026-11-16T08:00:00.000000+00:00');

INSERT INTO watch_item (id, guild_id, kind, name, name_key, aliases, identifiers, any_of, none_of, sources, channel_id,
    priority, ref, note, added_by, added_at)
VALUES (1, 1001, 'company', 'Valmarin Systèmes', 'valmarin systemes', '["Sentival"]', '["siren:998100473"]', '[]', '[]',
    '[]', 2003, 'instant', 'A1', 'dossier ; été', 7, '2026-11-15T08:00:00.000000+00:00');

INSERT INTO source_state (source, baseline_at, attempted_at, succeeded_at, new_at, notices_read)
VALUES ('boamp', '2026-11-15T08:00:00.000000+00:00', '2026-11-16T08:00:00.000000+00:00',
    '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:01.000000+00:00', 40);

INSERT INTO notice (id, source, source_id, revision, content_sha256, content_version, procedure, seen_at, is_baseline)
VALUES (1, 'boamp', '26-100', 2, 'feed', 1, 'boamp:26-100', '2026-11-16T08:00:01.000000+00:00', 0);

INSERT INTO notice_revision (notice_id, revision, seen_at, kind, title, text, buyer, suppliers, people, identifiers,
    amount, currency, cpv, published, deadline, url, language, procedure, raw_sha256)
VALUES
    (1, 1, '2026-11-16T08:00:01.000000+00:00', 'tender', 'Caméras', 'Texte', 'Ville', '["Valmarin Systèmes"]', '[]',
        '["siren:998100473"]', '120000.00', 'EUR', '["35125300"]', '2026-11-15', '2026-12-01T12:00:00+01:00',
        'https://www.boamp.fr/pages/avis/?q=idweb:26-100', 'fr', 'boamp:26-100', 'beef'),
    (1, 2, '2026-11-16T09:00:01.000000+00:00', 'tender', 'Caméras', 'Texte', 'Ville', '["Valmarin Systèmes"]', '[]',
        '["siren:998100473"]', '130000.00', 'EUR', '["35125300"]', '2026-11-15', '2026-12-01T12:00:00+01:00',
        'https://www.boamp.fr/pages/avis/?q=idweb:26-100', 'fr', 'boamp:26-100', 'beef');

INSERT INTO hit (id, guild_id, item_id, notice_id, revision, tier, term, rule, field, start, "end", matched, snippet,
    count, found_at)
VALUES (1, 1001, 1, 1, 1, 'identifier', 'siren:998100473', 'identifier', 'identifiers[0]', 0, 15, 'siren:998100473',
    'siren:998100473', 1, '2026-11-16T08:00:01.000000+00:00');

INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, notice_id, details, code, nonce, state,
    tries, created_at, first_try_at, history_from, next_try_at, sent_at, message_id, shown, shown_revision, due_revision)
VALUES (1, 1001, 2001, 'notice', 'boamp:26-100', 1, 1, '{"changes": []}', 'A7K3-92QF', '0123456789abcdef012345678',
    'sent', 1, '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:02.000000+00:00', 500,
    '2026-11-16T08:00:01.000000+00:00', '2026-11-16T08:00:03.000000+00:00', 501, '{"title": "Caméras"}', 1, 2);
INSERT INTO announcement (id, guild_id, channel_id, kind, subject, revision, notice_id, follows, details, code, nonce,
    created_at, next_try_at, due_revision)
VALUES (2, 1001, 2001, 'notice', 'boamp:26-100', 2, 1, 1, '{"changes": []}', 'A7K3-92QG', '1123456789abcdef012345678',
    '2026-11-16T09:00:01.000000+00:00', '2026-11-16T09:00:01.000000+00:00', 2);

INSERT INTO announcement_hit (guild_id, announcement_id, hit_id) VALUES (1001, 1, 1);

INSERT INTO command_sync (application_id, scope, sha256, synced_at)
VALUES (42, 0, 'feed', '2026-11-16T08:00:00.000000+00:00');
