-- By hand: trusted since Postgres 13, so that whoever owns the database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
ALTER TABLE "account" DROP CONSTRAINT "account_wc_id";--> statement-breakpoint
DROP INDEX "login_by_account";--> statement-breakpoint
DROP INDEX "login_by_reference";--> statement-breakpoint
ALTER TABLE "login" ADD COLUMN "first_method_at_end" text GENERATED ALWAYS AS (case when ended is not null then first_method end) STORED;--> statement-breakpoint
CREATE INDEX "account_names" ON "account" USING gin ("wc_id" gin_trgm_ops,"w_account" gin_trgm_ops,"nick_name" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "login_by_expected_wc_id" ON "login" USING btree ("tenant","expected_wc_id","started","id") WHERE "login"."expected_wc_id" is not null and "login"."account_id" is null;--> statement-breakpoint
CREATE INDEX "login_by_upstream_code" ON "login" USING btree ("tenant","upstream_code","started","id") WHERE "login"."upstream_code" is not null;--> statement-breakpoint
CREATE INDEX "login_long" ON "login" USING btree ("tenant","started","id") WHERE "login"."ended" - "login"."started" > interval '1 hour';--> statement-breakpoint
CREATE INDEX "login_ended_by_reason" ON "login" USING btree ("tenant","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_province" ON "login" USING btree ("tenant","province","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_provider" ON "login" USING btree ("tenant","provider","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_starter" ON "login" USING btree ("tenant","started_by","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_strategy" ON "login" USING btree ("tenant","strategy","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_method" ON "login" USING btree ("tenant","method","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_first_method" ON "login" USING btree ("tenant","first_method_at_end","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_device_type" ON "login" USING btree ("tenant","device_type","method","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_ended_by_first_on_device" ON "login" USING btree ("tenant","first_on_device","reason","started","id") WHERE "login"."ended" is not null;--> statement-breakpoint
CREATE INDEX "login_by_account" ON "login" USING btree ("account_id","started","id") WHERE "login"."account_id" is not null;--> statement-breakpoint
CREATE INDEX "login_by_reference" ON "login" USING btree ("tenant","reference","started","id") WHERE "login"."reference" is not null;--> statement-breakpoint
CREATE INDEX "sign_in_by_login" ON "sign_in" USING btree ("login_id") WHERE "sign_in"."login_id" is not null;--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_wc_id" UNIQUE("tenant","wc_id","provider");--> statement-breakpoint
-- By hand: without it a third of all logins is taken to have lived for more than an hour.
CREATE STATISTICS "login_lasted" ON ("ended" - "started") FROM "login";--> statement-breakpoint
-- By hand: names of two Chinese characters hold no trigram, and with the locale C no Chinese name does. Of letters without a case, as
-- `name-grams.ts` picks them: each by itself and with the next.
CREATE FUNCTION "name_grams"("names" text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  grams text[] := '{}';
  letter text;
  code integer;
  before text;
BEGIN
  IF octet_length(names) = char_length(names) THEN
    RETURN grams;
  END IF;
  FOREACH letter IN ARRAY string_to_array(names, NULL) LOOP
    code := ascii(letter);
    IF code BETWEEN 11904 AND 42191 OR code BETWEEN 44032 AND 55215 OR code BETWEEN 63744 AND 64255 OR code > 126975 THEN
      grams := grams || letter;
      IF before IS NOT NULL THEN
        grams := grams || (before || letter);
      END IF;
      before := letter;
    ELSE
      before := NULL;
    END IF;
  END LOOP;
  RETURN grams;
END
$$;
--> statement-breakpoint
CREATE INDEX "account_name_grams" ON "account" USING gin (name_grams(coalesce("nick_name", '') || ' ' || coalesce("w_account", '') || ' ' || "wc_id"));
