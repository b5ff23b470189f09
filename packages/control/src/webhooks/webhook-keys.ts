import { randomBytes } from "node:crypto";
import type { JsonObject } from "@airfleet/store";
import { Webhook as Signer } from "standardwebhooks";
import { z } from "zod";

/** Keys of one webhook, newest first; an older one signs as well until it ends. */
const WebhookKeys = z.object({
  keys: z.array(z.object({ key: z.string().startsWith("whsec_"), until: z.number().nullable() })).min(1),
});
export type WebhookKeys = z.infer<typeof WebhookKeys>;

/** Standard Webhooks asks for 24 to 64 bytes. */
const KEY_BYTES = 32;

export const newKey = (): string => `whsec_${randomBytes(KEY_BYTES).toString("base64")}`;

export const readKeys = (secret: JsonObject | null): WebhookKeys => WebhookKeys.parse(secret);

/** The keys with a new one before them; the former newest ends at `until`, older ones end now. */
export const rotateKeys = ({ keys: [newest] }: WebhookKeys, key: string, until: number): WebhookKeys => ({
  keys: [{ key, until: null }, ...(newest === undefined ? [] : [{ key: newest.key, until }])],
});

/** The headers of one try, signed with every key that has not ended (Standard Webhooks 1.0). */
export const signMessage = (
  { keys }: WebhookKeys,
  { id, body, now }: { readonly id: string; readonly body: string; readonly now: number },
): Readonly<Record<string, string>> => {
  const at = new Date(now);
  const valid = keys.filter(({ until }) => until === null || until > now);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1_000)),
    "webhook-signature": valid.map(({ key }) => new Signer(key).sign(id, at, body)).join(" "),
  };
};
