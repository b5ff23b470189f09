import { z } from "zod";
import { INSTANCE_ID_PATTERN, type InstanceId } from "../ids.ts";

const InstanceName = z
  .string()
  .regex(INSTANCE_ID_PATTERN)
  .transform((value) => value as InstanceId);

const httpUrl = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** Which instance a message is from. */
const placing = {
  /** All messages are of this instance, whatever host they name. */
  instance: InstanceName.optional(),
  /** Hosts that messages name, and the instances behind them; for those whose configured address is another one. */
  hosts: z.record(z.string().min(1).max(500), InstanceName).default({}),
  enabled: z.boolean().default(true),
};

/**
 * How a queue is signed in to. `chain`: as the AWS tools find credentials by themselves (environment, profile, role of
 * the machine). `keys`: these, which are kept encrypted and never shown.
 */
const Credentials = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("chain") }),
  z.strictObject({
    type: z.literal("keys"),
    access_key_id: z.string().min(1).max(200),
    /** Absent when an existing one stays. */
    secret_access_key: z.string().min(1).max(1_000).optional(),
    session_token: z.string().min(1).max(10_000).optional(),
  }),
]);

/** A queue that is read, or messages that are posted to us under a name. */
export const EventSource = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("sqs"),
    queue_url: z.string().max(2_000).refine(httpUrl, "must be the http(s) address of a queue"),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be the name of an AWS region, such as us-west-2")
      .optional(),
    /** Another address than AWS's own: a VPC endpoint, or a stand-in for tests. */
    endpoint: z.string().max(2_000).refine(httpUrl, "must be an http(s) address").optional(),
    credentials: Credentials.default({ type: "chain" }),
    /** How long one request waits for messages; AWS allows 20 seconds. */
    wait_seconds: z.number().int().min(0).max(20).default(20),
    /** How long a message is ours before the queue hands it out again. */
    visibility_seconds: z.number().int().min(10).max(43_200).default(60),
    ...placing,
  }),
  z.strictObject({ type: z.literal("http"), ...placing }),
]);
export type EventSource = z.infer<typeof EventSource>;
export type EventSourceInput = z.input<typeof EventSource>;
export type SqsSource = Extract<EventSource, { readonly type: "sqs" }>;
