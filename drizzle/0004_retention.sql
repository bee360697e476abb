-- Custom: partitions of months that are asked for by name, past ones too. Made beside the parent and attached, so that
-- nobody waits longer than the attaching takes; the default partition is locked first, or what is filed there between
-- the move and the attaching would make the attaching fail. Whoever cannot have that lock soon is told (55P03). A table
-- that only has the name, such as one that was detached to be kept, is nobody's home: it is left alone and told of (42P07).
CREATE FUNCTION "make_login_event_partition"(month date) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
  first date := date_trunc('month', month)::date;
  next date := (date_trunc('month', month) + interval '1 month')::date;
  name text := 'login_event_' || to_char(month, 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse login_event partitions', 0));
  IF EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.login_event'::regclass AND c.relname = name
  ) THEN
    RETURN false;
  END IF;
  IF to_regclass('public.' || name) IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'duplicate_table',
      MESSAGE = format('%s has the name of a month and is no partition of login_event: rename it, or attach it', name);
  END IF;
  LOCK TABLE public.login_event_default IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('CREATE TABLE public.%I (LIKE public.login_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format(
    'WITH moved AS (DELETE FROM public.login_event_default WHERE login_started_month >= %L AND login_started_month < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved',
    first, next, name);
  EXECUTE format('ALTER TABLE public.login_event ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', name, first, next);
  RETURN true;
END
$$;
--> statement-breakpoint
DROP FUNCTION "ensure_login_event_partitions"(integer);
--> statement-breakpoint
-- Null: this month and `ahead` more are there. Else which cannot be made, and why; the others are.
CREATE FUNCTION "ensure_login_event_partitions"(ahead integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  first timestamp := date_trunc('month', now() at time zone 'UTC');
  hindered text;
BEGIN
  FOR i IN 0..ahead LOOP
    BEGIN
      PERFORM make_login_event_partition((first + make_interval(months => i))::date);
    EXCEPTION WHEN duplicate_table OR invalid_object_definition THEN
      hindered := concat_ws('; ', hindered, SQLERRM);
    END;
  END LOOP;
  RETURN hindered;
END
$$;
