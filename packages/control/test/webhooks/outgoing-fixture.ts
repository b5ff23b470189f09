import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AlertRuleDefinition,
  type InstanceConfigInput,
  resolveInstanceConfig,
  type RunState,
  type SubjectRef,
  toInstanceId,
  WebhookDefinition,
} from "@airfleet/model";
import type { Store } from "@airfleet/store";
import { Webhook as Verifier } from "standardwebhooks";
import { onTestFinished } from "vitest";
import type { z } from "zod";
import { backends, type Place, type TestBackend } from "../../../store/test/backends.ts";
import { readOf, runOf } from "../../../store/test/run-samples.ts";
import { type Control, createControl, type ControlSettings } from "../../src/index.ts";
import { FakeInstance } from "../fake-instance.ts";
import { fromFile } from "../fleet-fixture.ts";

export { backends };

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
  readonly at: number;
}

/** A receiver on this machine, with all it was sent. */
export interface TestReceiver {
  readonly url: string;
  readonly received: Received[];
  /** How it answers from now on. */
  answer: (response: ServerResponse, received: Received) => void;
  readonly close: () => Promise<void>;
}

export const startReceiver = async (port = 0): Promise<TestReceiver> => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const one = { headers: request.headers, body, message: JSON.parse(body), at: Date.now() };
      receiver.received.push(one);
      receiver.answer(response, one);
    });
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  const close = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  const receiver: TestReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    answer: (response) => void response.writeHead(204).end(),
    close,
  };
  onTestFinished(close);
  return receiver;
};

/** Checks a message as its receiver would, with the standard's own library. */
export const verify = (key: string, { body, headers }: Received): unknown =>
  new Verifier(key).verify(body, headers as Record<string, string>);

export const aWebhook = (url: string, changes: Partial<z.input<typeof WebhookDefinition>> = {}): WebhookDefinition =>
  WebhookDefinition.parse({ url, ...changes });

export const aRule = (changes: z.input<typeof AlertRuleDefinition>): AlertRuleDefinition =>
  AlertRuleDefinition.parse(changes);

/** Says that a run has come to a state. */
export const observeRun = async (
  store: Store,
  runId: string,
  state: RunState,
  options: {
    readonly instance?: string;
    readonly dagId?: string;
    readonly dueHour?: number;
    readonly at?: number;
    readonly conf?: Record<string, unknown>;
    readonly subjects?: readonly SubjectRef[];
  } = {},
): Promise<void> => {
  const { instance = "eu-1", dagId = "orders", dueHour = 1, at = Date.now(), conf = {}, subjects = [] } = options;
  const run = runOf(runId, state, dueHour, { dagId: dagId as never, conf });
  await store.runs.observe({
    instance: toInstanceId(instance),
    observations: [readOf(run, at)],
    subjectsOf: () => subjects,
  });
};

interface OpenOptions {
  readonly settings?: Partial<ControlSettings>;
  readonly instances?: readonly FakeInstance[];
  readonly config?: Partial<InstanceConfigInput>;
  readonly started?: boolean;
}

export interface OpenControl {
  readonly control: Control;
  readonly store: Store;
  readonly close: () => Promise<void>;
}

/** A control on a store of this place, that does not poll unless told to. */
export const openControl = async (place: Place, options: OpenOptions = {}): Promise<OpenControl> => {
  const store = await place.open({ clock: Date.now });
  const instances = options.instances ?? [new FakeInstance("eu-1"), new FakeInstance("us-1")];
  const control = await createControl({
    store,
    createEngine: ({ id }) => (instances.find((one) => one.id === id) ?? new FakeInstance(id)).engine(),
    loadInstances: () =>
      Promise.resolve(instances.map(({ id }) => fromFile({ id, url: `http://${id}.example`, ...options.config }))),
    resolveSecrets: (one) => resolveInstanceConfig(one, () => "secret"),
    settings: { poll: false, networkAllow: ["127.0.0.0/8"], alertsEveryMs: 50, ...options.settings },
  });
  if (options.started !== false) control.startReconcilers();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= (async () => {
      await control.close({ drainMs: 200 });
      await store.close();
    })());
  onTestFinished(close);
  return { control, store, close };
};

/** A place that is gone after the test, and a control on it. */
export const aControl = async (
  backend: TestBackend,
  options: OpenOptions = {},
): Promise<OpenControl & { readonly place: Place }> => {
  const place = await backend.place();
  onTestFinished(() => place[Symbol.asyncDispose]());
  return { ...(await openControl(place, options)), place };
};
