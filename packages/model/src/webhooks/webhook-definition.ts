import { z } from "zod";
import { RUN_STATES } from "../states/run-state.ts";
import { parseStateWords } from "../subjects/state-words.ts";

/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  "run.changed",
  "run.removed",
  "trigger.changed",
  "subject.changed",
  "dag.changed",
  "instance.changed",
  "alert.opened",
  "alert.resolved",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Ids with `*` for any text. */
const InstanceGlob = z.string().regex(/^[A-Za-z0-9_.*-]{1,64}$/);
const DagGlob = z.string().min(1).max(250);

const StateWordsText = z
  .string()
  .max(1_000)
  .superRefine((text, context) => {
    const words = parseStateWords(text);
    if ("mistake" in words && typeof words.mistake === "string" && !("queued" in words)) {
      context.addIssue({ code: "custom", message: words.mistake });
    }
  });

/** What a person says of a receiver; lists that are empty leave nothing out, all that are given have to hold. */
export const WebhookDefinition = z
  .strictObject({
    url: z.string().min(1).max(2_000).describe("Where to post; https, or what network.allow names."),
    description: z.string().max(1_000).default(""),
    enabled: z.boolean().default(true).describe("false keeps what is pending until it is enabled again."),
    events: z.array(z.enum(WEBHOOK_EVENTS)).min(1).max(20).default(["run.changed"]),
    instances: z.array(InstanceGlob).min(1).max(100).default(["*"]).describe("Instances, * stands for any text."),
    dag_ids: z.array(DagGlob).max(100).default([]).describe("DAGs, * stands for any text; none given means all."),
    subject_types: z
      .array(z.string().min(1).max(64))
      .max(100)
      .default([])
      .describe("Only about subjects of these types."),
    states: z.array(z.enum(RUN_STATES)).max(10).default([]).describe("Only runs that came to one of these states."),
    state_words: StateWordsText.default("airfleet").describe("Words for run states: a table's name, or state=word,…"),
    include_conf: z.boolean().default(false).describe("Whether runs carry their conf, without what is secret."),
    concurrency: z.number().int().min(1).max(8).default(4).describe("Messages that are sent to it at once."),
  })
  .meta({ id: "WebhookDefinition" });
export type WebhookDefinition = z.infer<typeof WebhookDefinition>;
