-- Custom: what analysts read. Schema `analytics` holds views and nothing else; what they are made with stands in
-- `analytics_private`, which no analyst may enter. May be run again. docs/sql-for-analysts.md, docs/adr/0013.
--
-- The role is the cluster's, not the database's: another database may make it at this very moment. Whoever may not
-- make roles can migrate all the same.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_analyst') THEN
    CREATE ROLE gatehouse_analyst NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN
    NULL;
  WHEN insufficient_privilege THEN
    RAISE NOTICE 'Nobody can be made an analyst yet: this user may not make roles. Let a superuser type: CREATE ROLE gatehouse_analyst NOLOGIN;';
END
$$;
--> statement-breakpoint
CREATE SCHEMA IF NOT EXISTS analytics;
--> statement-breakpoint
CREATE SCHEMA IF NOT EXISTS analytics_private;
--> statement-breakpoint
-- HMAC-SHA256 (RFC 2104) with the key's two pads at hand, so that sha256() is all it takes. One key per tenant, made with
-- its first analyst and never changed: another one would give everybody another pseudonym.
CREATE TABLE IF NOT EXISTS analytics_private.tenant_key (
  tenant text PRIMARY KEY,
  inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
  outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
);
--> statement-breakpoint
-- Who sees which tenant. No key, no row: hence the reference. The name is for people; the role is who it was then, since
-- another one of that name may be made later. (A dump names it, and does not number it.)
CREATE TABLE IF NOT EXISTS analytics_private.analyst (
  role name NOT NULL,
  role_id regrole NOT NULL,
  tenant text NOT NULL REFERENCES analytics_private.tenant_key (tenant),
  granted timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (role, tenant)
);
--> statement-breakpoint
-- The tenants of whoever logged in, with their keys. The session's user cannot be changed by SET ROLE, nor by a setting.
CREATE OR REPLACE VIEW analytics_private.granted AS
  SELECT k.tenant, k.inner_pad, k.outer_pad
  FROM analytics_private.analyst a JOIN analytics_private.tenant_key k ON k.tenant = a.tenant
  WHERE a.role = session_user AND a.role_id = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = session_user);
--> statement-breakpoint
-- The functions below are bound when they are made, so that no search_path changes what they mean, and inlined.
CREATE OR REPLACE FUNCTION analytics_private.pseudonym(kind text, value text, inner_pad bytea, outer_pad bytea)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN kind || '_' || encode(substr(
  sha256(outer_pad || sha256(inner_pad || convert_to(kind || ':' || value, 'UTF8'))), 1, 12), 'hex');
--> statement-breakpoint
-- One of our own words, or OTHER: nothing that somebody else wrote gets through.
CREATE OR REPLACE FUNCTION analytics_private.word(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^[A-Z][A-Z0-9_]{0,39}$' THEN value WHEN value IS NOT NULL THEN 'OTHER' END;
--> statement-breakpoint
-- An upstream's code is a short number; anything else may be a sentence, or a person's.
CREATE OR REPLACE FUNCTION analytics_private.code(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^-?[0-9]{1,6}$' THEN value WHEN value IS NOT NULL THEN 'OTHER' END;
--> statement-breakpoint
-- Of a list of words, or of objects that have a word as `code`. Most are empty, and seen to be without a call.
CREATE OR REPLACE FUNCTION analytics_private.words_of(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(list) = 'array' THEN ARRAY(
  SELECT analytics_private.word(coalesce(one ->> 'code', one #>> '{}')) FROM jsonb_array_elements(list) AS one) END;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION analytics_private.words(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN list = '[]' THEN '{}' ELSE analytics_private.words_of(list) END;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION analytics_private.number(value jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'number' AND abs(value::numeric) < 1e9 THEN value::numeric::integer END;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION analytics_private.moment(value jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(value) = 'number' AND abs(value::numeric) < 1e14
  THEN to_timestamp(value::numeric::double precision / 1000) END;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION analytics_private.seconds(earlier timestamptz, later timestamptz)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN extract(epoch FROM later - earlier)::double precision;
--> statement-breakpoint
-- How far a login got, as `login_was_prompted` and `login_was_scanned` tell the gateway: those are not an analyst's to call.
CREATE OR REPLACE FUNCTION analytics_private.was_prompted(qr_code_issued timestamptz, first_method text, reason text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN qr_code_issued IS NOT NULL OR coalesce(reason = 'SIGNED_IN', false)
  OR coalesce(first_method = 'PUSH', false) AND coalesce(reason NOT IN ('DEVICE_UNKNOWN', 'DEVICE_RESET_REQUIRED'), true);
--> statement-breakpoint
CREATE OR REPLACE FUNCTION analytics_private.was_scanned(prompted boolean, scanned timestamptz, challenged boolean, reason text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN prompted AND (scanned IS NOT NULL OR challenged OR coalesce(reason IN ('SIGNED_IN', 'DECLINED_ON_PHONE', 'WRONG_ACCOUNT',
  'CODE_EXPIRED', 'CODE_REJECTED', 'SLIDER_EXPIRED', 'NEW_DEVICE_VERIFICATION'), false));
--> statement-breakpoint
-- From here on: what analysts see. Each view asks `granted`, and is a security barrier: no condition of a reader's is
-- looked at before the tenant's. Accounts are joined for their pseudonym, so that one that is asked for is found among
-- accounts, and its logins by their index.
CREATE OR REPLACE VIEW analytics.logins WITH (security_barrier) AS
  SELECT l.tenant, l.id AS login_id, l.started AS started_at, l.ended AS ended_at, l.ended IS NULL AS live,
    l.provider, l.strategy, l.first_method, l.method, l.confirmed_by, l.device_type, l.province, l.proxied,
    l.first_on_device, l.started_by,
    analytics_private.pseudonym('reference', l.reference, g.inner_pad, g.outer_pad) AS reference,
    l.device_id,
    analytics_private.pseudonym('account', a.id::text, g.inner_pad, g.outer_pad) AS account,
    analytics_private.pseudonym('account', x.id::text, g.inner_pad, g.outer_pad) AS expected_account,
    l.continues AS continues_login_id, l.state, l.reason, l.next_step,
    analytics_private.code(l.upstream_code) AS upstream_code,
    analytics_private.pseudonym('text', l.upstream_message, g.inner_pad, g.outer_pad) AS upstream_message,
    analytics_private.words(l.advisories) AS advisories,
    CASE WHEN jsonb_typeof(l.qr_codes_asked) = 'array' THEN jsonb_array_length(l.qr_codes_asked) END AS qr_codes_asked,
    l.sequence AS events, reached.prompted,
    analytics_private.was_scanned(reached.prompted, l.scanned, l.was_challenged, l.reason) AS scanned, l.was_challenged AS challenged, coalesce(l.reason = 'SIGNED_IN', false) AS confirmed,
    coalesce(l.reason = 'ALREADY_SIGNED_IN', false) AS already_signed_in,
    l.push_failed IS NOT NULL AS push_failed,
    analytics_private.seconds(l.started, l.qr_code_issued) AS seconds_to_qr_code,
    analytics_private.seconds(l.started, l.scanned) AS seconds_to_scan,
    analytics_private.seconds(l.started, l.confirmed) AS seconds_to_confirm,
    analytics_private.seconds(l.started, l.ended) AS seconds_total
  FROM public.login l
  JOIN analytics_private.granted g ON g.tenant = l.tenant
  LEFT JOIN public.account a ON a.tenant = l.tenant AND a.id = l.account_id
  LEFT JOIN public.account x ON x.tenant = l.tenant AND x.provider = l.provider AND x.wc_id = l.expected_wc_id
  CROSS JOIN LATERAL (SELECT analytics_private.was_prompted(l.qr_code_issued, l.first_method, l.reason) AS prompted) reached;
--> statement-breakpoint
-- How many months there are, for the plan of the join below: without it the server believes in 200.
CREATE STATISTICS IF NOT EXISTS public.login_started_month ON (date_trunc('month', started AT TIME ZONE 'UTC')::date) FROM public.login;
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.login_events WITH (security_barrier) AS
  SELECT e.tenant, e.login_id, l.started AS login_started_at, l.reason AS login_reason, l.provider, l.device_id,
    analytics_private.pseudonym('account', a.id::text, g.inner_pad, g.outer_pad) AS account,
    e.sequence, e.at,
    analytics_private.seconds(l.started, e.at) AS seconds_since_start,
    e.type, e.state,
    analytics_private.word(e.body ->> 'strategy') AS strategy,
    analytics_private.word(e.body ->> 'method') AS method,
    analytics_private.word(e.body ->> 'deviceType') AS device_type,
    analytics_private.number(e.body -> 'generation') AS generation,
    analytics_private.moment(e.body -> 'expires') AS expires_at,
    analytics_private.word(e.body ->> 'announcedBy') AS announced_by,
    analytics_private.number(e.body -> 'attemptsLeft') AS attempts_left,
    analytics_private.word(e.body ->> 'cause') AS cause,
    analytics_private.word(coalesce(e.body ->> 'reason', e.body #>> '{outcome,reason}')) AS reason,
    analytics_private.word(e.body #>> '{outcome,nextStep}') AS next_step,
    analytics_private.word(e.body ->> 'confirmedBy') AS confirmed_by,
    analytics_private.code(e.body #>> '{outcome,upstreamCode}') AS upstream_code,
    analytics_private.pseudonym('text', coalesce(e.body ->> 'upstreamMessage', e.body #>> '{outcome,upstreamMessage}'),
      g.inner_pad, g.outer_pad) AS upstream_message
  FROM public.login l
  JOIN analytics_private.granted g ON g.tenant = l.tenant
  JOIN public.login_event e ON e.login_started_month = date_trunc('month', l.started AT TIME ZONE 'UTC')::date
    AND e.login_id = l.id AND e.tenant = l.tenant
  LEFT JOIN public.account a ON a.tenant = l.tenant AND a.id = l.account_id;
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.accounts WITH (security_barrier) AS
  SELECT a.tenant, analytics_private.pseudonym('account', a.id::text, g.inner_pad, g.outer_pad) AS account,
    a.provider, a.created AS known_since, a.device_id, a.presence, a.presence_since, a.presence_as_of,
    analytics_private.word(a.presence_reason) AS presence_reason,
    analytics_private.pseudonym('text', a.presence_upstream_reason, g.inner_pad, g.outer_pad) AS presence_upstream_reason,
    analytics_private.words(a.presence_drop_tags) AS presence_drop_tags, a.presence_number AS presence_changes,
    a.probation_until, a.profile_number AS profile_versions, a.profile_as_of
  FROM public.account a
  JOIN analytics_private.granted g ON g.tenant = a.tenant;
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.devices WITH (security_barrier) AS
  SELECT d.tenant, d.id AS device_id, d.provider, d.device_type, d.province,
    analytics_private.pseudonym('proxy', d.proxy_host || ':' || d.proxy_port, g.inner_pad, g.outer_pad) AS proxy,
    analytics_private.pseudonym('account', a.id::text, g.inner_pad, g.outer_pad) AS account,
    d.created AS registered_at, d.last_login AS last_login_at, d.last_seen_signed_in AS last_seen_signed_in_at,
    d.exit_changed AS exit_changed_at, d.reset_required, d.reset AS reset_at, d.retired AS retired_at
  FROM public.device d
  JOIN analytics_private.granted g ON g.tenant = d.tenant
  LEFT JOIN public.account a ON a.tenant = d.tenant AND a.id = d.account_id;
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.device_versions WITH (security_barrier) AS
  SELECT v.tenant, v.device_id, v.number, v.valid_from,
    lead(v.valid_from) OVER (PARTITION BY v.device_id ORDER BY v.number) AS valid_to,
    v.device_type, v.province,
    analytics_private.pseudonym('proxy', v.proxy_host || ':' || v.proxy_port, g.inner_pad, g.outer_pad) AS proxy,
    analytics_private.word(v.cause) AS cause, v.changed_by
  FROM public.device_version v
  JOIN analytics_private.granted g ON g.tenant = v.tenant;
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.sign_ins WITH (security_barrier) AS
  SELECT s.tenant, s.id AS sign_in_id, analytics_private.pseudonym('account', a.id::text, g.inner_pad, g.outer_pad) AS account,
    s.device_id, s.login_id, s.began AS began_at, s.ended AS ended_at, analytics_private.seconds(s.began, s.ended) AS seconds,
    analytics_private.word(s.end_reason) AS end_reason, analytics_private.words(s.drop_tags) AS drop_tags, s.found_by,
    s.device_type, s.first_on_device
  FROM public.sign_in s
  JOIN analytics_private.granted g ON g.tenant = s.tenant
  LEFT JOIN public.account a ON a.tenant = s.tenant AND a.id = s.account_id;
--> statement-breakpoint
CREATE OR REPLACE VIEW analytics.presence_changes WITH (security_barrier) AS
  SELECT p.tenant, analytics_private.pseudonym('account', a.id::text, g.inner_pad, g.outer_pad) AS account,
    p.number, p.at, p.before, p.after, analytics_private.word(p.reason) AS reason,
    analytics_private.pseudonym('text', p.upstream_reason, g.inner_pad, g.outer_pad) AS upstream_reason,
    analytics_private.words(p.drop_tags) AS drop_tags
  FROM public.presence_change p
  JOIN analytics_private.granted g ON g.tenant = p.tenant
  LEFT JOIN public.account a ON a.tenant = p.tenant AND a.id = p.account_id;
--> statement-breakpoint
-- Of the logins themselves and not of the view above: no barrier keeps `day` from the index below it.
CREATE OR REPLACE VIEW analytics.daily_funnel WITH (security_barrier) AS
  SELECT l.tenant, (l.started AT TIME ZONE 'UTC')::date AS day, l.provider, l.device_type, l.province, l.first_method,
    count(*) AS started,
    count(*) FILTER (WHERE reached.prompted) AS prompted,
    count(*) FILTER (WHERE analytics_private.was_scanned(reached.prompted, l.scanned, l.was_challenged, l.reason)) AS scanned,
    count(*) FILTER (WHERE l.was_challenged) AS challenged,
    count(*) FILTER (WHERE l.reason = 'SIGNED_IN') AS confirmed,
    count(*) FILTER (WHERE l.reason = 'ALREADY_SIGNED_IN') AS already_signed_in,
    count(*) FILTER (WHERE l.state = 'EXPIRED') AS expired,
    count(*) FILTER (WHERE l.state = 'REJECTED') AS rejected,
    count(*) FILTER (WHERE l.state = 'CANCELLED') AS cancelled,
    count(*) FILTER (WHERE l.state = 'FAILED') AS failed,
    count(*) FILTER (WHERE l.ended IS NULL) AS live
  FROM public.login l
  JOIN analytics_private.granted g ON g.tenant = l.tenant
  CROSS JOIN LATERAL (SELECT analytics_private.was_prompted(l.qr_code_issued, l.first_method, l.reason) AS prompted) reached
  GROUP BY 1, 2, 3, 4, 5, 6;
--> statement-breakpoint
-- Logins lie in the order in which they started: a few kilobytes tell where a day is.
CREATE INDEX IF NOT EXISTS login_by_utc_day ON public.login USING brin (((started AT TIME ZONE 'UTC')::date))
  WITH (pages_per_range = 32, autosummarize = on);
--> statement-breakpoint
COMMENT ON SCHEMA analytics IS 'What analysts read: persons by pseudonym, tenants apart. Moments are timestamptz, to the millisecond.';
--> statement-breakpoint
-- docs/data-dictionary.md is printed from these: npm run dictionary:print.
DO $$
DECLARE
  told record;
BEGIN
  FOR told IN SELECT * FROM (VALUES
    ('logins', NULL, 'One row per login: one attempt to sign one account in. What a live one shows is as of its last milestone. What is older than the retention is gone.'),
    ('logins', 'tenant', 'Whose it is. You see the tenants that you were granted.'),
    ('logins', 'login_id', 'Id of the login (UUIDv7): the same as in GraphQL, within its opaque id.'),
    ('logins', 'started_at', 'When it was asked for.'),
    ('logins', 'ended_at', 'When it ended. Null: it has not.'),
    ('logins', 'live', 'It has not ended.'),
    ('logins', 'provider', 'Name of the configured upstream.'),
    ('logins', 'strategy', 'What the caller asked for: AUTO, QR_CODE or PUSH.'),
    ('logins', 'first_method', 'QR_CODE or PUSH: the one tried first. Null: nothing was sent to the person.'),
    ('logins', 'method', 'QR_CODE or PUSH: the one in use now, or at the end.'),
    ('logins', 'confirmed_by', 'QR_CODE or PUSH: the one that the person answered. Null: not confirmed by a person.'),
    ('logins', 'device_type', 'IPAD or MAC: what the device signs in as, as of the last milestone.'),
    ('logins', 'province', 'Province that the account was seen to come from, one of 34 Chinese names without 省 or 市. Null: none was set.'),
    ('logins', 'proxied', 'A proxy of our own was set on the device.'),
    ('logins', 'first_on_device', 'No account had signed in on the device before, or not since a reset.'),
    ('logins', 'started_by', 'Name of the API key that started it.'),
    ('logins', 'reference', 'Pseudonym of the caller''s own mark: logins with the same mark have the same one. Null: there was none.'),
    ('logins', 'device_id', 'Id of the device, as in GraphQL.'),
    ('logins', 'account', 'Pseudonym of the account that signed in. Null: not confirmed.'),
    ('logins', 'expected_account', 'Pseudonym of the account that it had to end with. Null: anybody, or an account never seen here.'),
    ('logins', 'continues_login_id', 'Id of the login that this one carries on from. Null: from none.'),
    ('logins', 'state', 'STARTING, AWAITING_SCAN, AWAITING_CONFIRMATION, AWAITING_CODE, VERIFYING_CODE or AWAITING_SLIDER while live; then CONFIRMED, EXPIRED, REJECTED, CANCELLED or FAILED.'),
    ('logins', 'reason', 'Why it ended, such as QR_CODE_EXPIRED. Null: it has not.'),
    ('logins', 'next_step', 'What the person was told to do at the end, such as START_AGAIN. Null: it has not ended.'),
    ('logins', 'upstream_code', 'The upstream''s own code at the end: a number of at most six digits, or OTHER. Null: it gave none, or has not ended.'),
    ('logins', 'upstream_message', 'Pseudonym of the sentence that the upstream gave at the end: the same sentence, the same pseudonym. Null: it gave none. The sentence may name a person; it is read in GraphQL.'),
    ('logins', 'advisories', 'Codes of the rules of the upstream that bore on it, such as FIRST_DAY_DROP_EXPECTED; empty: none.'),
    ('logins', 'qr_codes_asked', 'How many QR codes the upstream was asked for. Null: not known.'),
    ('logins', 'events', 'How many events it has, as of the last milestone.'),
    ('logins', 'prompted', 'A QR code or a push was put before the person.'),
    ('logins', 'scanned', 'The person scanned, or what came later implies it; for a push: answered it.'),
    ('logins', 'challenged', 'The person was asked for a verify code or a slider.'),
    ('logins', 'confirmed', 'Signed in by what the person did. ALREADY_SIGNED_IN is not.'),
    ('logins', 'already_signed_in', 'Ended because the account was found signed in: nothing was put before anybody.'),
    ('logins', 'push_failed', 'Its push lapsed or was refused by the upstream. A person who declined is neither.'),
    ('logins', 'seconds_to_qr_code', 'Seconds from the start to the first QR code. Null: it got none.'),
    ('logins', 'seconds_to_scan', 'Seconds from the start to the scan. Null: no scan was seen; some upstreams never tell of it.'),
    ('logins', 'seconds_to_confirm', 'Seconds from the start to the confirmation. Null: not confirmed by a person.'),
    ('logins', 'seconds_total', 'Seconds from the start to the end. Null: it has not ended.'),
    ('login_events', NULL, 'What happened in each login, in order. Columns that an event has nothing to say of are null.'),
    ('login_events', 'tenant', 'Whose it is.'),
    ('login_events', 'login_id', 'The login: logins.login_id.'),
    ('login_events', 'login_started_at', 'When the login started: bound it, and the server reads those days only.'),
    ('login_events', 'login_reason', 'Why the login ended: logins.reason. Null: it has not.'),
    ('login_events', 'provider', 'Name of the configured upstream.'),
    ('login_events', 'device_id', 'The device: devices.device_id.'),
    ('login_events', 'account', 'Pseudonym of the account that the login signed in. Null: not confirmed, or not yet.'),
    ('login_events', 'sequence', 'Number within the login, from 1.'),
    ('login_events', 'at', 'When it happened.'),
    ('login_events', 'seconds_since_start', 'Seconds since the login started.'),
    ('login_events', 'type', 'What happened, such as QrCodeIssued, PushSent, QrCodeScanned, VerifyCodeRequired or LoginEnded.'),
    ('login_events', 'state', 'The state that it led to: see logins.state.'),
    ('login_events', 'strategy', 'LoginStarted: AUTO, QR_CODE or PUSH. Else null.'),
    ('login_events', 'method', 'LoginStarted, MethodChanged: the method from then on. Else null.'),
    ('login_events', 'device_type', 'MethodChanged: IPAD or MAC from then on. Else null.'),
    ('login_events', 'generation', 'QrCodeIssued: 1 for the first code. Else null.'),
    ('login_events', 'expires_at', 'QrCodeIssued, PushSent: when it lapses, where the upstream gives no time an estimate. Else null.'),
    ('login_events', 'announced_by', 'VerifyCodeRequired: UPSTREAM or PERSON. Else null.'),
    ('login_events', 'attempts_left', 'VerifyCodeRejected, VerifyCodeUnanswered: codes that may still be tried. Else null.'),
    ('login_events', 'cause', 'PollingDegraded: what kept the upstream from being asked, such as TIMEOUT. Else null.'),
    ('login_events', 'reason', 'LoginEnded: why; MethodChanged: why the first method was given up. Else null.'),
    ('login_events', 'next_step', 'LoginEnded: what the person was told to do. Else null.'),
    ('login_events', 'confirmed_by', 'LoginEnded: the method that the person answered. Null: not confirmed by a person, or another event.'),
    ('login_events', 'upstream_code', 'LoginEnded: a number of at most six digits, or OTHER. Null: none was given, or another event.'),
    ('login_events', 'upstream_message', 'Pseudonym of the sentence that the upstream gave: see logins.upstream_message. Null: none.'),
    ('accounts', NULL, 'One row per messenger account that was ever seen signed in, by its pseudonym. Nothing of its profile is here.'),
    ('accounts', 'tenant', 'Whose it is.'),
    ('accounts', 'account', 'Pseudonym of the account: the same in every view of a tenant, another one in another tenant.'),
    ('accounts', 'provider', 'Name of the configured upstream that it signs in through. The same person at two of them is two accounts.'),
    ('accounts', 'known_since', 'When it was first seen here.'),
    ('accounts', 'device_id', 'The device that it is signed in on, or was last: devices.device_id. Null: not known.'),
    ('accounts', 'presence', 'ONLINE, OFFLINE or UNKNOWN: what was last believed. GraphQL shows UNKNOWN where presence_as_of is older than five minutes.'),
    ('accounts', 'presence_since', 'Since when that is believed.'),
    ('accounts', 'presence_as_of', 'When the upstream last answered about it, to within two minutes.'),
    ('accounts', 'presence_reason', 'Why, such as SIGNED_IN or LOGGED_OUT_ON_PHONE; OTHER: none of the known reasons. Null: not told.'),
    ('accounts', 'presence_upstream_reason', 'Pseudonym of the sentence that the phone showed: the same sentence, the same pseudonym. Null: none was told.'),
    ('accounts', 'presence_drop_tags', 'What is notable about the drop: WITHIN_60_SECONDS, FIRST_DAY; empty: nothing.'),
    ('accounts', 'presence_changes', 'How often its presence changed.'),
    ('accounts', 'probation_until', 'End of its first day on a new device: one drop until then is to be expected. Null: no such day.'),
    ('accounts', 'profile_versions', 'How many versions of its profile are kept; 0: none was told yet.'),
    ('accounts', 'profile_as_of', 'When its profile was last told. Null: never; it is told at sign-in only.'),
    ('devices', NULL, 'One row per device as it is now: a slot at the upstream that accounts sign in on.'),
    ('devices', 'tenant', 'Whose it is.'),
    ('devices', 'device_id', 'Id of the device, as in GraphQL.'),
    ('devices', 'provider', 'Name of the configured upstream.'),
    ('devices', 'device_type', 'IPAD or MAC.'),
    ('devices', 'province', 'Province that its account is seen to come from. Null: none is set.'),
    ('devices', 'proxy', 'Pseudonym of the proxy (host and port): devices with the same proxy have the same one. Null: no proxy.'),
    ('devices', 'account', 'Pseudonym of the account that is signed in on it, or was last. Null: none was, or not since a reset.'),
    ('devices', 'registered_at', 'When it was registered here.'),
    ('devices', 'last_login_at', 'When a login last signed somebody in on it. Null: none did, or not since a reset.'),
    ('devices', 'last_seen_signed_in_at', 'When somebody was last seen signed in on it, to within an hour. Null: nobody was, or not since a reset.'),
    ('devices', 'exit_changed_at', 'When its province, proxy or ttuid last changed. Null: never, or not since a reset.'),
    ('devices', 'reset_required', 'The upstream said that it must be reset first.'),
    ('devices', 'reset_at', 'When it was last reset. Null: never.'),
    ('devices', 'retired_at', 'When it was taken out of use. Null: it is in use.'),
    ('device_versions', NULL, 'The settings of each device from one change to the next.'),
    ('device_versions', 'tenant', 'Whose it is.'),
    ('device_versions', 'device_id', 'The device: devices.device_id.'),
    ('device_versions', 'number', 'Rises with each version of a device, and may skip.'),
    ('device_versions', 'valid_from', 'Since when these settings held.'),
    ('device_versions', 'valid_to', 'Until when, exclusive. Null: they hold now.'),
    ('device_versions', 'device_type', 'IPAD or MAC.'),
    ('device_versions', 'province', 'See devices.province.'),
    ('device_versions', 'proxy', 'See devices.proxy.'),
    ('device_versions', 'cause', 'What made it: REGISTERED, IMPORTED, UPDATED, SIGNED_IN_AS_MAC, RESET or RETIRED.'),
    ('device_versions', 'changed_by', 'Name of the API key that changed it, or upstream.'),
    ('sign_ins', NULL, 'The time that an account stayed signed in on a device, one row each.'),
    ('sign_ins', 'tenant', 'Whose it is.'),
    ('sign_ins', 'sign_in_id', 'Id of the row.'),
    ('sign_ins', 'account', 'Pseudonym of the account: accounts.account.'),
    ('sign_ins', 'device_id', 'The device: devices.device_id.'),
    ('sign_ins', 'login_id', 'The login that began it: logins.login_id. Null: it was found, not made by a login, or that login is older than the retention.'),
    ('sign_ins', 'began_at', 'When it began, or was found.'),
    ('sign_ins', 'ended_at', 'When it ended, as of when that was first seen. Null: still on, as far as known.'),
    ('sign_ins', 'seconds', 'Seconds that it lasted. Null: still on.'),
    ('sign_ins', 'end_reason', 'Why it ended: see presence_changes.reason. Null: still on, or not told.'),
    ('sign_ins', 'drop_tags', 'What is notable about its end: WITHIN_60_SECONDS, FIRST_DAY; empty: nothing, or somebody meant it.'),
    ('sign_ins', 'found_by', 'Where no login made it, what found it: AFTER_END, WRONG_ACCOUNT, IMPORT or LIST. Null: a login made it, or not known.'),
    ('sign_ins', 'device_type', 'IPAD or MAC, as the device was. Null: not kept by older versions of the gateway.'),
    ('sign_ins', 'first_on_device', 'Nobody had been signed in on the device before, or not since a reset. Null: not kept by older versions of the gateway.'),
    ('presence_changes', NULL, 'Each change of what was believed of an account''s presence. Not being able to ask is no change.'),
    ('presence_changes', 'tenant', 'Whose it is.'),
    ('presence_changes', 'account', 'Pseudonym of the account: accounts.account.'),
    ('presence_changes', 'number', 'Number within the account, from 1.'),
    ('presence_changes', 'at', 'When it was first seen. A drop is written when it is certain, as of then.'),
    ('presence_changes', 'before', 'ONLINE, OFFLINE or UNKNOWN: what was believed before. UNKNOWN only before the first answer.'),
    ('presence_changes', 'after', 'ONLINE or OFFLINE: what was believed from then on.'),
    ('presence_changes', 'reason', 'Why, such as SIGNED_IN, LOGGED_OUT_ON_PHONE or SECURITY_CHECK; OTHER: none of the known reasons. Null: not told.'),
    ('presence_changes', 'upstream_reason', 'Pseudonym of the sentence that the phone showed: the same sentence, the same pseudonym. Null: none was told.'),
    ('presence_changes', 'drop_tags', 'What is notable about a drop: WITHIN_60_SECONDS, FIRST_DAY; empty: nothing, or somebody meant it.'),
    ('daily_funnel', NULL, 'How far the logins of a day got, by the UTC day on which they started. started is the sum of confirmed, already_signed_in, expired, rejected, cancelled, failed and live; started holds prompted, prompted holds scanned, scanned holds confirmed.'),
    ('daily_funnel', 'tenant', 'Whose they are.'),
    ('daily_funnel', 'day', 'Day in UTC on which they started.'),
    ('daily_funnel', 'provider', 'Name of the configured upstream.'),
    ('daily_funnel', 'device_type', 'IPAD or MAC.'),
    ('daily_funnel', 'province', 'See logins.province. Null: none was set.'),
    ('daily_funnel', 'first_method', 'QR_CODE or PUSH: the one tried first. Null: nothing was sent to the person.'),
    ('daily_funnel', 'started', 'Number of logins.'),
    ('daily_funnel', 'prompted', 'Of these: a QR code or a push was put before the person.'),
    ('daily_funnel', 'scanned', 'Of these: the person scanned, or what came later implies it; for a push: answered it.'),
    ('daily_funnel', 'challenged', 'Of those that started: asked for a verify code or a slider.'),
    ('daily_funnel', 'confirmed', 'Signed in by what the person did.'),
    ('daily_funnel', 'already_signed_in', 'Ended because the account was found signed in.'),
    ('daily_funnel', 'expired', 'Ended because nobody acted in time.'),
    ('daily_funnel', 'rejected', 'Ended because the person said no, or the upstream declined.'),
    ('daily_funnel', 'cancelled', 'Ended by the caller, or by a later login.'),
    ('daily_funnel', 'failed', 'Ended because something failed.'),
    ('daily_funnel', 'live', 'Not ended yet.')
  ) AS words (view, col, comment) LOOP
    IF told.col IS NULL THEN
      EXECUTE format('COMMENT ON VIEW analytics.%I IS %L', told.view, told.comment);
    ELSE
      EXECUTE format('COMMENT ON COLUMN analytics.%I.%I IS %L', told.view, told.col, told.comment);
    END IF;
  END LOOP;
END
$$;
--> statement-breakpoint
-- What the gateway does to its own tables is nobody else's to call: its owner's, and theirs who may write logins, such as a gateway
-- that connects as another role. By name: others may keep
-- functions of their own beside them.
CREATE OR REPLACE FUNCTION analytics_private.close_functions() RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  one regprocedure;
  writer regrole;
BEGIN
  FOR one IN SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND p.proowner = (SELECT c.relowner FROM pg_class c WHERE c.oid = 'public.login'::regclass)
      AND p.proname IN ('ensure_login_event_partitions', 'make_login_event_partition', 'queue_login_fold', 'login_was_prompted',
        'login_was_scanned', 'duration_bin', 'merge_histograms', 'name_grams') LOOP
    EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', one);
    FOR writer IN SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
      WHERE c.oid = 'public.login'::regclass AND a.privilege_type = 'INSERT' AND a.grantee <> 0 LOOP
      EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %s', one, writer);
    END LOOP;
  END LOOP;
END
$$;
--> statement-breakpoint
-- False: there is no such role yet. With each analyst again, for a role that a DBA made and functions that came later.
CREATE OR REPLACE FUNCTION analytics_private.open_views() RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM analytics_private.close_functions();
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_analyst') THEN
    RETURN false;
  END IF;
  GRANT USAGE ON SCHEMA analytics TO gatehouse_analyst;
  -- By name: whatever else stands in a schema of this name is not ours to show.
  GRANT SELECT ON analytics.logins, analytics.login_events, analytics.accounts, analytics.devices, analytics.device_versions, analytics.sign_ins, analytics.presence_changes, analytics.daily_funnel
    TO gatehouse_analyst;
  RETURN true;
END
$$;
--> statement-breakpoint
SELECT analytics_private.open_views();
--> statement-breakpoint
-- Lets a login role read a tenant; answers with what the operator should know. A role that is missing is made where a
-- password (or its SCRAM verifier) is given. `npm run keys -- analyst` calls it.
CREATE OR REPLACE FUNCTION analytics_private.add_analyst(who text, of_tenant text DEFAULT 'default', password text DEFAULT NULL)
RETURNS SETOF text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
  its_id oid;
BEGIN
  IF NOT analytics_private.open_views() THEN
    BEGIN
      CREATE ROLE gatehouse_analyst NOLOGIN;
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION 'The role gatehouse_analyst is missing, and % may not make it: let a superuser type: CREATE ROLE gatehouse_analyst NOLOGIN;', current_user
        USING ERRCODE = 'insufficient_privilege';
    END;
    PERFORM analytics_private.open_views();
  END IF;

  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = who) THEN
    IF password IS NULL THEN
      RAISE EXCEPTION 'There is no role %: give a password to have it made.', quote_ident(who) USING ERRCODE = 'undefined_object';
    END IF;
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN CONNECTION LIMIT 5 PASSWORD %L', who, password);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% may not make roles: let a superuser type: CREATE ROLE % LOGIN CONNECTION LIMIT 5 PASSWORD ''…'' IN ROLE gatehouse_analyst;', current_user, quote_ident(who)
        USING ERRCODE = 'insufficient_privilege';
    END;
    -- Against mistakes, not against malice: whoever logs in may set them otherwise.
    EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', who);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = ''2min''', who);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''10min''', who);
    RETURN NEXT format('The role %I was made.', who);
  END IF;

  IF NOT pg_has_role(who, 'gatehouse_analyst', 'MEMBER') THEN
    BEGIN
      EXECUTE format('GRANT gatehouse_analyst TO %I', who);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% may not grant it: let a superuser type: GRANT gatehouse_analyst TO %;', current_user, quote_ident(who)
        USING ERRCODE = 'insufficient_privilege';
    END;
  END IF;

  IF NOT pg_has_role(who, 'gatehouse_analyst', 'USAGE') THEN
    RETURN NEXT format('The role %1$I does not use what it is a member of: let a superuser type: ALTER ROLE %1$I INHERIT; GRANT gatehouse_analyst TO %1$I;', who);
  END IF;

  FOR i IN 0..31 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);
  END LOOP;
  INSERT INTO analytics_private.tenant_key VALUES (of_tenant, inner_pad, outer_pad) ON CONFLICT (tenant) DO NOTHING;
  SELECT oid INTO STRICT its_id FROM pg_roles WHERE rolname = who;
  -- What a role of that name was granted before, that was dropped since, is not this one's.
  DELETE FROM analytics_private.analyst WHERE role = who AND role_id <> its_id;
  INSERT INTO analytics_private.analyst (role, role_id, tenant) VALUES (who, its_id, of_tenant) ON CONFLICT (role, tenant) DO NOTHING;
  -- Too few rows for the server to look at by itself, and it would plan for one tenant of many.
  ANALYZE analytics_private.tenant_key, analytics_private.analyst;

  IF NOT EXISTS (SELECT FROM public.device WHERE tenant = of_tenant) THEN
    RETURN NEXT format('There is no device of a tenant %s: check its name.', of_tenant);
  END IF;
  IF has_table_privilege(who, 'public.account', 'SELECT') THEN
    RETURN NEXT format('%I can read the tables themselves, with every person in them: that is no analyst.', who);
  END IF;
  IF EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE') THEN
    RETURN NEXT 'Anybody may create in the schema public here: let its owner type: REVOKE CREATE ON SCHEMA public FROM PUBLIC;';
  END IF;
END
$$;
--> statement-breakpoint
-- Takes a tenant away again; null: all of them. The role stays, and sees nothing more. Answers with how many it had.
CREATE OR REPLACE FUNCTION analytics_private.remove_analyst(who text, of_tenant text DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  had integer;
BEGIN
  DELETE FROM analytics_private.analyst WHERE role = who AND (of_tenant IS NULL OR tenant = of_tenant);
  GET DIAGNOSTICS had = ROW_COUNT;
  RETURN had;
END
$$;
