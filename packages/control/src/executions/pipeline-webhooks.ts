import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { AirfleetError, type ExecutionPlace, toInstanceId } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Actor } from "../actor.ts";
import type { Clock } from "../clock.ts";
import { toAuthor } from "../documents/author.ts";
import type { PipelineUseCases } from "../pipelines/pipeline.ts";
import type { ExecutionTicket, ExecutionUseCases } from "./execution-use-cases.ts";

/** The webhook of a pipeline: an address that starts it. */
export interface PipelineWebhook {
  readonly pipeline: string;
  /** Ends its address; whoever has it may start the pipeline. */
  readonly token: string;
  /** Signs messages in the way of Standard Webhooks; `whsec_` and base64. */
  readonly secret: string;
  readonly place: ExecutionPlace;
  /** Messages without a signature are refused. */
  readonly isSigned: boolean;
  readonly createdAt: number;
}

/** A message to a webhook, as it came. */
export interface WebhookMessage {
  readonly body: string;
  /** `webhook-id`, `webhook-timestamp` and `webhook-signature` of Standard Webhooks. */
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** `Idempotency-Key`. */
  readonly key: string | undefined;
  readonly sourceIp: string | null;
  readonly requestId: string | null;
}

/** Starting pipelines by calling an address. */
export interface PipelineWebhookUseCases {
  /** @throws PIPELINE_WEBHOOK_UNKNOWN */
  get(pipeline: string): Promise<PipelineWebhook>;
  /** Makes an address, in place of the present one if there is one. @throws PIPELINE_UNKNOWN */
  rotate(
    actor: Actor,
    pipeline: string,
    terms: { readonly place: ExecutionPlace; readonly isSigned: boolean },
  ): Promise<PipelineWebhook>;
  /** @throws PIPELINE_WEBHOOK_UNKNOWN */
  revoke(actor: Actor, pipeline: string): Promise<void>;
  /**
   * Starts the pipeline once per message.
   *
   * @throws PIPELINE_WEBHOOK_REFUSED, PIPELINE_WEBHOOK_SIGNATURE, PIPELINE_WEBHOOK_BODY, and what executing throws
   */
  receive(pipeline: string, token: string, message: WebhookMessage): Promise<ExecutionTicket>;
}

interface Ports {
  readonly store: Pick<Store, "documents">;
  readonly pipelines: Pick<PipelineUseCases, "get">;
  readonly executions: Pick<ExecutionUseCases, "execute">;
  readonly clock: Clock;
  readonly onWritten: () => void;
}

const KIND = "pipeline_webhook";
const TOKEN_BYTES = 24;
const SECRET_BYTES = 32;
/** How far a message's own time may be from ours, as Standard Webhooks has it. */
const TOLERANCE_MINUTES = 5;

const fromDocument = ({ id, body, secret, createdAt }: StoredDocument): PipelineWebhook => ({
  pipeline: id,
  token: String(secret?.["token"]),
  secret: String(secret?.["secret"]),
  place: {
    ...(typeof body["instance"] === "string" ? { instance: toInstanceId(body["instance"]) } : {}),
    ...(typeof body["environment"] === "string" ? { environment: body["environment"] } : {}),
  },
  isSigned: body["is_signed"] === true,
  createdAt,
});

const same = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const isSignedBy = (secret: string, { id, timestamp, signature, body }: WebhookMessage, now: number): boolean => {
  if (id === undefined || timestamp === undefined || signature === undefined) return false;
  const at = Number(timestamp) * 1_000;
  if (!(Math.abs(now - at) <= TOLERANCE_MINUTES * 60_000)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return signature.split(" ").some((one) => same(one, `v1,${expected}`));
};

const readBody = (text: string): Readonly<Record<string, unknown>> => {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new AirfleetError("PIPELINE_WEBHOOK_BODY", {}, { cause: error });
  }
  throw new AirfleetError("PIPELINE_WEBHOOK_BODY");
};

/** Only what the pipeline declares: whoever may call the address may not say anything else. */
const allowed = (
  body: Readonly<Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  const inner = body["params"];
  const given: Readonly<Record<string, unknown>> =
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? { ...body, ...inner } : body;
  const names = Object.keys(declared).filter((name) => Object.hasOwn(given, name));
  return Object.fromEntries(names.map((name) => [name, given[name]]));
};

export const createPipelineWebhookUseCases = (ports: Ports): PipelineWebhookUseCases => {
  const { store, pipelines, executions, clock, onWritten } = ports;

  const find = async (pipeline: string): Promise<StoredDocument> => {
    const document = await store.documents.find(KIND, pipeline);
    if (document === undefined) throw new AirfleetError("PIPELINE_WEBHOOK_UNKNOWN");
    return document;
  };

  return {
    get: async (pipeline) => fromDocument(await find(pipeline)),

    async rotate(actor, pipeline, { place, isSigned }) {
      await pipelines.get(pipeline);
      const secret = {
        token: randomBytes(TOKEN_BYTES).toString("base64url"),
        secret: `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`,
      };
      const body = { instance: place.instance ?? null, environment: place.environment ?? null, is_signed: isSigned };
      const write = { kind: KIND, id: pipeline, body, secret } as const;
      const known = await store.documents.find(KIND, pipeline);
      const document =
        known === undefined
          ? await store.documents.create(write, toAuthor(actor))
          : await store.documents.update(write, known.version, toAuthor(actor));
      onWritten();
      return fromDocument(document);
    },

    async revoke(actor, pipeline) {
      const { version } = await find(pipeline);
      await store.documents.remove(KIND, pipeline, version, toAuthor(actor));
      onWritten();
    },

    async receive(pipeline, token, message) {
      const document = await store.documents.find(KIND, pipeline);
      const webhook = document === undefined ? undefined : fromDocument(document);
      // Whether there is one is not told to who does not have its address.
      if (webhook === undefined || !same(webhook.token, token)) throw new AirfleetError("PIPELINE_WEBHOOK_REFUSED");
      const isTold = message.signature !== undefined || webhook.isSigned;
      if (isTold && !isSignedBy(webhook.secret, message, clock.now())) {
        throw new AirfleetError("PIPELINE_WEBHOOK_SIGNATURE", { minutes: TOLERANCE_MINUTES });
      }
      const { defaultParams } = await pipelines.get(pipeline);
      const params = allowed(readBody(message.body), defaultParams);
      const actor: Actor = {
        id: `webhook:${pipeline}`,
        role: "operator",
        instances: ["*"],
        sourceIp: message.sourceIp,
        requestId: message.requestId,
      };
      const key = message.id ?? message.key;
      const request = { pipeline, params, triggerType: "webhook", ...webhook.place } as const;
      return executions.execute(actor, key === undefined ? request : { ...request, key });
    },
  };
};
