ALTER TABLE "account" ADD COLUMN "presence_drop_tags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "device_check" ADD COLUMN "handle" text;--> statement-breakpoint
ALTER TABLE "device_operation" ADD COLUMN "sent" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "device_operation" ADD COLUMN "taken" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "device_operation" ADD COLUMN "account_id" uuid;--> statement-breakpoint
ALTER TABLE "device" ADD COLUMN "reset" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "presence_change" ADD COLUMN "drop_tags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in" ADD COLUMN "drop_tags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in" ADD COLUMN "found_by" text;--> statement-breakpoint
ALTER TABLE "sign_in" ADD COLUMN "device_type" text;--> statement-breakpoint
ALTER TABLE "sign_in" ADD COLUMN "first_on_device" boolean;--> statement-breakpoint
CREATE INDEX "account_by_presence" ON "account" USING btree ("provider","id");--> statement-breakpoint
CREATE INDEX "device_check_by_due" ON "device_check" USING btree ("due");--> statement-breakpoint
CREATE INDEX "presence_change_by_moment" ON "presence_change" USING btree ("tenant","at","account_id","number");--> statement-breakpoint
CREATE INDEX "sign_in_by_beginning" ON "sign_in" USING btree ("tenant","began","id");