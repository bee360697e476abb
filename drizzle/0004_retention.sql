-- Custom: partitions of months that are asked for by name, past ones too. Made beside the parent and attached, so that
-- nobody waits longer than the attaching takes; the default partition is locked first, or what is filed there between
-- the move and the attaching would make the attaching fail. Whoever cannot have that lock soon is told (55P03).
CREATE FUNCTION "make_login_event_partition"(month date) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '3s' AS $$
DECLARE
  first date := date_trunc('month', month)::date;
  next date := (date_trunc('month', month) + interval '1 month')::date;
  name text := 'login_event_' || to_char(month, 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse login_event partitions', 0));
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  LOCK TABLE login_event_default IN ACCESS EXCLUSIVE MODE;
  EXECUTE format('CREATE TABLE %I (LIKE login_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format(
    'WITH moved AS (DELETE FROM login_event_default WHERE login_started_month >= %L AND login_started_month < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
    first, next, name);
  EXECUTE format('ALTER TABLE login_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, next);
  RETURN true;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "ensure_login_event_partitions"(ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  first timestamp := date_trunc('month', now() at time zone 'UTC');
  made integer := 0;
BEGIN
  FOR i IN 0..ahead LOOP
    IF make_login_event_partition((first + make_interval(months => i))::date) THEN
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END
$$;
