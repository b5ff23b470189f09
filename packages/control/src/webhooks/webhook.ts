import { parseStateWords, STATE_WORD_TABLES, type StateWords, WebhookDefinition } from "@airfleet/model";
import type { StoredDocument } from "@airfleet/store";
import { z } from "zod";

/** Why we stopped sending by ourselves. */
const Disabled = z.object({ reason: z.string(), at: z.number() });

/** What is stored of a webhook: what a person said, and whether the receiver told us to stop. */
export const WebhookBody = WebhookDefinition.extend({ disabled: Disabled.nullable().default(null) });
export type WebhookBody = z.infer<typeof WebhookBody>;

/** A receiver as people see it; times are epoch milliseconds. */
export interface Webhook extends WebhookBody {
  readonly id: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When each of its keys ends; null for the newest. */
  readonly keys: readonly { readonly until: number | null }[];
}

/** What the sender works with. */
export interface SendableWebhook {
  readonly body: WebhookBody;
  readonly words: StateWords;
}

/** @throws {z.ZodError} for a stored body that is none of ours */
export const parseWebhook = (document: StoredDocument): SendableWebhook => {
  const body = WebhookBody.parse(document.body);
  const words = parseStateWords(body.state_words);
  return { body, words: "queued" in words ? words : STATE_WORD_TABLES.airfleet };
};

/** Whether anything is sent to it now. */
export const isSending = ({ enabled, disabled }: WebhookBody): boolean => enabled && disabled === null;

/** The name under which its deliveries stand. */
export const receiverOf = (webhook: string): string => `webhook/${webhook}`;
