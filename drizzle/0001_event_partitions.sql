-- Custom: drizzle-kit makes no partitions. The default partition catches what upkeep missed; readiness may warn of it.
CREATE TABLE "login_event_default" PARTITION OF "login_event" DEFAULT;
--> statement-breakpoint
-- Makes the partitions of this month and of `ahead` more; called at start and daily, by any number of instances at once.
-- A month that the default partition holds rows of is made beside it, filled and attached, in the caller's one transaction.
CREATE FUNCTION "ensure_login_event_partitions"(ahead integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  first date := date_trunc('month', now() at time zone 'UTC')::date;
  month date;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('gatehouse login_event partitions', 0));
  FOR i IN 0..ahead LOOP
    month := (first + make_interval(months => i))::date;
    name := 'login_event_' || to_char(month, 'YYYY_MM');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE login_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
    EXECUTE format(
      'WITH moved AS (DELETE FROM login_event_default WHERE login_started_month >= %L AND login_started_month < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
      month, (month + interval '1 month')::date, name);
    EXECUTE format('ALTER TABLE login_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, month, (month + interval '1 month')::date);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;
