CREATE TABLE "account_profile" (
	"account_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"tenant" text NOT NULL,
	"w_account" text,
	"nick_name" text,
	"country" text,
	"city" text,
	"signature" text,
	"sex" integer,
	"mobile_phone" text,
	"picture_id" text,
	"valid_from" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "account_profile_pk" PRIMARY KEY("account_id","number")
);
--> statement-breakpoint
CREATE TABLE "account" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"provider" text NOT NULL,
	"wc_id" text NOT NULL,
	"instance_id" text,
	"device_id" uuid,
	"w_account" text,
	"nick_name" text,
	"country" text,
	"city" text,
	"signature" text,
	"sex" integer,
	"mobile_phone" text,
	"picture_id" text,
	"profile_number" integer NOT NULL,
	"profile_as_of" timestamp (3) with time zone,
	"presence" text NOT NULL,
	"presence_before" text NOT NULL,
	"presence_number" integer NOT NULL,
	"presence_since" timestamp (3) with time zone NOT NULL,
	"presence_as_of" timestamp (3) with time zone NOT NULL,
	"presence_reason" text,
	"presence_upstream_reason" text,
	"probation_until" timestamp (3) with time zone,
	"created" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "account_wc_id" UNIQUE("tenant","provider","wc_id"),
	CONSTRAINT "account_presence" CHECK ("account"."presence" in ('UNKNOWN', 'ONLINE', 'OFFLINE'))
);
--> statement-breakpoint
CREATE TABLE "device_check" (
	"device_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"due" timestamp (3) with time zone NOT NULL,
	"tenant" text NOT NULL,
	"device_version" integer NOT NULL,
	CONSTRAINT "device_check_pk" PRIMARY KEY("device_id","kind","due")
);
--> statement-breakpoint
CREATE TABLE "device_operation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"device_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested" timestamp (3) with time zone NOT NULL,
	"ended" timestamp (3) with time zone,
	"upstream_code" text,
	"upstream_message" text,
	CONSTRAINT "device_operation_ends" CHECK (("device_operation"."state" = 'PENDING') = ("device_operation"."ended" is null))
);
--> statement-breakpoint
CREATE TABLE "device_turn" (
	"device_id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"provider" text NOT NULL,
	"kind" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"started_month" date,
	"owner" text,
	"epoch" integer NOT NULL,
	"version" integer NOT NULL,
	"sequence" integer NOT NULL,
	"state" jsonb,
	"qr_code" "bytea",
	"code" "bytea",
	"slider" "bytea",
	"happened" timestamp (3) with time zone NOT NULL,
	"updated" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "device_turn_subject" UNIQUE("subject_id"),
	CONSTRAINT "device_turn_kind" CHECK ("device_turn"."kind" in ('LOGIN', 'OPERATION')),
	CONSTRAINT "device_turn_of_login_has_state" CHECK (("device_turn"."kind" = 'LOGIN') = ("device_turn"."state" is not null and "device_turn"."started_month" is not null))
);
--> statement-breakpoint
CREATE TABLE "device_version" (
	"device_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"tenant" text NOT NULL,
	"label" text,
	"device_type" text NOT NULL,
	"province" text,
	"city" text,
	"proxy_host" text,
	"proxy_port" integer,
	"proxy_username" text,
	"ttuid" text,
	"cause" text NOT NULL,
	"changed_by" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "device_version_pk" PRIMARY KEY("device_id","number")
);
--> statement-breakpoint
CREATE TABLE "device" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"provider" text NOT NULL,
	"device_key" text NOT NULL,
	"upstream_id" text NOT NULL,
	"label" text,
	"device_type" text NOT NULL,
	"province" text,
	"city" text,
	"proxy_host" text,
	"proxy_port" integer,
	"proxy_username" text,
	"proxy_password" "bytea",
	"ttuid" text,
	"account_id" uuid,
	"known_wc_id" text,
	"reset_required" boolean DEFAULT false NOT NULL,
	"input_hash" text NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	"exit_changed" timestamp (3) with time zone,
	"last_login" timestamp (3) with time zone,
	"last_seen_signed_in" timestamp (3) with time zone,
	"retired" timestamp (3) with time zone,
	"version" integer NOT NULL,
	"settings_version" integer NOT NULL,
	CONSTRAINT "device_proxy_whole" CHECK (("device"."proxy_host" is null) = ("device"."proxy_port" is null))
);
--> statement-breakpoint
CREATE TABLE "instance" (
	"id" text PRIMARY KEY NOT NULL,
	"beat" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login_event" (
	"login_started_month" date NOT NULL,
	"login_id" uuid NOT NULL,
	"sequence" integer NOT NULL,
	"tenant" text NOT NULL,
	"type" text NOT NULL,
	"state" text NOT NULL,
	"body" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "login_event_pk" PRIMARY KEY("login_started_month","login_id","sequence")
) PARTITION BY RANGE ("login_started_month");
--> statement-breakpoint
CREATE TABLE "login_key" (
	"tenant" text NOT NULL,
	"key" text NOT NULL,
	"login_id" uuid NOT NULL,
	"input_hash" text NOT NULL,
	"expires" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "login_key_pk" PRIMARY KEY("tenant","key")
);
--> statement-breakpoint
CREATE TABLE "login" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"device_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"account_id" uuid,
	"expected_wc_id" text,
	"strategy" text NOT NULL,
	"method" text NOT NULL,
	"first_method" text,
	"confirmed_by" text,
	"device_type" text NOT NULL,
	"province" text,
	"proxied" boolean NOT NULL,
	"first_on_device" boolean NOT NULL,
	"started_by" text NOT NULL,
	"reference" text,
	"continues" uuid,
	"state" text NOT NULL,
	"sequence" integer NOT NULL,
	"version" integer NOT NULL,
	"reason" text,
	"upstream_code" text,
	"upstream_message" text,
	"next_step" text,
	"advisories" jsonb NOT NULL,
	"qr_codes_asked" jsonb NOT NULL,
	"started" timestamp (3) with time zone NOT NULL,
	"updated" timestamp (3) with time zone NOT NULL,
	"ended" timestamp (3) with time zone,
	"qr_code_issued" timestamp (3) with time zone,
	"scanned" timestamp (3) with time zone,
	"confirmed" timestamp (3) with time zone,
	"push_failed" timestamp (3) with time zone,
	"prompt_until" timestamp (3) with time zone,
	CONSTRAINT "login_ends_with_reason" CHECK (("login"."ended" is null) = ("login"."reason" is null))
);
--> statement-breakpoint
CREATE TABLE "picture" (
	"tenant" text NOT NULL,
	"id" text NOT NULL,
	"type" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"created" timestamp (3) with time zone NOT NULL,
	"expires" timestamp (3) with time zone,
	CONSTRAINT "picture_pk" PRIMARY KEY("tenant","id")
);
--> statement-breakpoint
CREATE TABLE "presence_change" (
	"account_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"tenant" text NOT NULL,
	"before" text NOT NULL,
	"after" text NOT NULL,
	"reason" text,
	"upstream_reason" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "presence_change_pk" PRIMARY KEY("account_id","number")
);
--> statement-breakpoint
CREATE TABLE "scanner" (
	"login_id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"nick_name" text,
	"picture_id" text
);
--> statement-breakpoint
CREATE TABLE "sign_in" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant" text NOT NULL,
	"account_id" uuid NOT NULL,
	"device_id" uuid NOT NULL,
	"login_id" uuid,
	"began" timestamp (3) with time zone NOT NULL,
	"ended" timestamp (3) with time zone,
	"end_reason" text
);
--> statement-breakpoint
ALTER TABLE "account_profile" ADD CONSTRAINT "account_profile_account" FOREIGN KEY ("account_id") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_check" ADD CONSTRAINT "device_check_device" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_operation" ADD CONSTRAINT "device_operation_device" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_turn" ADD CONSTRAINT "device_turn_device" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_version" ADD CONSTRAINT "device_version_device" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device" ADD CONSTRAINT "device_account" FOREIGN KEY ("account_id") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "login" ADD CONSTRAINT "login_device" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "presence_change" ADD CONSTRAINT "presence_change_account" FOREIGN KEY ("account_id") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scanner" ADD CONSTRAINT "scanner_login" FOREIGN KEY ("login_id") REFERENCES "public"."login"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in" ADD CONSTRAINT "sign_in_account" FOREIGN KEY ("account_id") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in" ADD CONSTRAINT "sign_in_device" FOREIGN KEY ("device_id") REFERENCES "public"."device"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_by_creation" ON "account" USING btree ("tenant","created","id");--> statement-breakpoint
CREATE INDEX "device_operation_by_device" ON "device_operation" USING btree ("device_id","requested");--> statement-breakpoint
CREATE INDEX "device_turn_by_owner" ON "device_turn" USING btree ("owner");--> statement-breakpoint
CREATE UNIQUE INDEX "device_key" ON "device" USING btree ("tenant","provider","device_key") WHERE "device"."retired" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "device_upstream_id" ON "device" USING btree ("provider","upstream_id") WHERE "device"."retired" is null;--> statement-breakpoint
CREATE INDEX "device_by_creation" ON "device" USING btree ("tenant","created","id");--> statement-breakpoint
CREATE INDEX "login_by_start" ON "login" USING btree ("tenant","started","id");--> statement-breakpoint
CREATE INDEX "login_by_device" ON "login" USING btree ("device_id","started");--> statement-breakpoint
CREATE INDEX "login_by_account" ON "login" USING btree ("account_id","started");--> statement-breakpoint
CREATE INDEX "login_live" ON "login" USING btree ("tenant","started","id") WHERE "login"."ended" is null;--> statement-breakpoint
CREATE INDEX "login_by_reference" ON "login" USING btree ("tenant","reference") WHERE "login"."reference" is not null;--> statement-breakpoint
CREATE INDEX "login_by_continues" ON "login" USING btree ("continues") WHERE "login"."continues" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "sign_in_open_of_device" ON "sign_in" USING btree ("device_id") WHERE "sign_in"."ended" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "sign_in_open_of_account" ON "sign_in" USING btree ("account_id") WHERE "sign_in"."ended" is null;--> statement-breakpoint
CREATE INDEX "sign_in_by_device" ON "sign_in" USING btree ("device_id","began");--> statement-breakpoint
CREATE INDEX "sign_in_by_account" ON "sign_in" USING btree ("account_id","began");