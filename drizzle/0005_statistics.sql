CREATE TABLE "login_rollup" (
	"tenant" text NOT NULL,
	"cube" text NOT NULL,
	"span" text NOT NULL,
	"bucket" timestamp (3) with time zone NOT NULL,
	"provider" text NOT NULL,
	"province" text NOT NULL,
	"strategy" text NOT NULL,
	"method" text NOT NULL,
	"first_method" text NOT NULL,
	"device_type" text NOT NULL,
	"first_on_device" boolean NOT NULL,
	"reason" text NOT NULL,
	"started" integer NOT NULL,
	"prompted" integer NOT NULL,
	"scanned" integer NOT NULL,
	"challenged" integer NOT NULL,
	"confirmed" integer NOT NULL,
	"already_signed_in" integer NOT NULL,
	"expired" integer NOT NULL,
	"rejected" integer NOT NULL,
	"cancelled" integer NOT NULL,
	"failed" integer NOT NULL,
	"to_scan" "bytea" NOT NULL,
	"to_confirm" "bytea" NOT NULL,
	CONSTRAINT "login_rollup_pk" PRIMARY KEY("tenant","cube","span","bucket","provider","province","strategy","method","first_method","device_type","first_on_device","reason"),
	CONSTRAINT "login_rollup_cube" CHECK ("login_rollup"."cube" in ('PLACE', 'WAY')),
	CONSTRAINT "login_rollup_span" CHECK ("login_rollup"."span" in ('QUARTER', 'HOUR', 'THIRD', 'DAY'))
);
--> statement-breakpoint
CREATE TABLE "login_unfolded" (
	"login_id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "login" ADD COLUMN "was_challenged" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE "login" SET "was_challenged" = true WHERE EXISTS (
	SELECT FROM "login_event" e WHERE e."login_id" = "login"."id" AND e."type" IN ('VerifyCodeRequired', 'SliderRequired')
);
--> statement-breakpoint
INSERT INTO "login_unfolded" ("login_id", "tenant") SELECT "id", "tenant" FROM "login" WHERE "ended" IS NOT NULL;
--> statement-breakpoint
-- Whoever ends a login, an older version of the gateway too, leaves it here to be counted.
CREATE FUNCTION "queue_login_fold"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.login_unfolded (login_id, tenant) VALUES (NEW.id, NEW.tenant) ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "login_ended" AFTER UPDATE OF "ended" ON "login" FOR EACH ROW
  WHEN (OLD."ended" IS NULL AND NEW."ended" IS NOT NULL) EXECUTE FUNCTION "queue_login_fold"();
--> statement-breakpoint
CREATE TRIGGER "login_came_ended" AFTER INSERT ON "login" FOR EACH ROW
  WHEN (NEW."ended" IS NOT NULL) EXECUTE FUNCTION "queue_login_fold"();
--> statement-breakpoint
-- A QR code or a push prompt was out. A push counts from its event PushSent, recorded as it is sent, unless the upstream refused it
-- outright, for a device that it does not know or wants reset.
CREATE FUNCTION "login_was_prompted"("qr_code_issued" timestamptz, "first_method" text, "reason" text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT $1 IS NOT NULL OR coalesce($3 = 'SIGNED_IN', false)
    OR coalesce($2 = 'PUSH', false) AND coalesce($3 NOT IN ('DEVICE_UNKNOWN', 'DEVICE_RESET_REQUIRED'), true)
$$;
--> statement-breakpoint
-- Seen, or implied by what came later; for a push: answered. Never without a prompt.
CREATE FUNCTION "login_was_scanned"("prompted" boolean, "scanned" timestamptz, "challenged" boolean, "reason" text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT $1 AND ($2 IS NOT NULL OR $3 OR coalesce($4 IN ('SIGNED_IN', 'DECLINED_ON_PHONE', 'WRONG_ACCOUNT', 'CODE_EXPIRED',
    'CODE_REJECTED', 'SLIDER_EXPIRED', 'NEW_DEVICE_VERIFICATION'), false))
$$;
--> statement-breakpoint
-- Log-scaled bin of a time in milliseconds: 0 is none at all, n holds [1.02^(n-1), 1.02^n). Null: no time.
CREATE FUNCTION "duration_bin"("began" timestamptz, "reached" timestamptz) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN $2 <= $1 THEN 0
    WHEN $2 > $1 THEN least(1 + floor(ln((extract(epoch FROM $2 - $1) * 1000)::float8) / ln(1.02::float8)), 1500) END::smallint
$$;
--> statement-breakpoint
-- A histogram is a row of words: a bin below 32768 stands for one time; with the highest bit set, four bytes follow that
-- say how many. The same bin may come again, so two are merged by writing one after the other, until that grows long.
CREATE FUNCTION "merge_histograms"("one" bytea, "other" bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  whole bytea := one || other;
  size integer := octet_length(whole);
  counts bigint[];
  at integer := 0;
  word integer;
  merged bytea := '';
BEGIN
  IF size <= 4096 THEN
    RETURN whole;
  END IF;
  counts := array_fill(0::bigint, ARRAY[1501]);
  WHILE at < size LOOP
    word := get_byte(whole, at) * 256 + get_byte(whole, at + 1);
    IF word < 32768 THEN
      counts[word + 1] := counts[word + 1] + 1;
      at := at + 2;
    ELSE
      word := word - 32768;
      counts[word + 1] := counts[word + 1] + get_byte(whole, at + 2)::bigint * 16777216 + get_byte(whole, at + 3) * 65536
        + get_byte(whole, at + 4) * 256 + get_byte(whole, at + 5);
      at := at + 6;
    END IF;
  END LOOP;
  FOR bin IN 0..1500 LOOP
    IF counts[bin + 1] = 1 THEN
      merged := merged || int2send(bin::smallint);
    ELSIF counts[bin + 1] > 1 THEN
      merged := merged || int2send((bin - 32768)::smallint) || int4send(counts[bin + 1]::integer);
    END IF;
  END LOOP;
  RETURN merged;
END
$$;
