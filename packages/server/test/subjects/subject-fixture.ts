import { type Actor, type Control, createControl, systemClock } from "@airfleet/control";
import {
  InstanceConfig,
  resolveInstanceConfig,
  type Run,
  type RunKey,
  type RunState,
  type SubjectRef,
  toDagId,
  toInstanceId,
  toRunId,
} from "@airfleet/model";
import { runKeyOf, type Store } from "@airfleet/store";
import type { TestBackend } from "../../../store/test/backends.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

/** The whole of our side over a real store, with two instances that nobody calls. */
export interface SubjectWorld {
  readonly store: Store;
  readonly control: Control;
  readonly server: TestServer;
  /** A caller of the API: JSON in, status and JSON out. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly body: Answer; readonly headers: Headers }>;
  /** Puts a run into the store, as if it had been read from its instance. */
  readonly observe: (run: GivenRun) => Promise<RunKey>;
}

/** What the tests look for in answers; each has some of it. */
export interface Answer {
  readonly id: string;
  readonly label: string | null;
  readonly code: string;
  readonly state: string;
  readonly state_word: string;
  readonly added: number;
  readonly items: readonly { readonly id: string; readonly state_word: string; readonly details: unknown }[];
  readonly next_cursor: string | null;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
  readonly rule: { readonly description: string };
}

export interface GivenRun {
  readonly instance?: string;
  readonly dagId?: string;
  readonly runId: string;
  readonly state?: RunState;
  /** Days after the first of November. */
  readonly day?: number;
  readonly conf?: Readonly<Record<string, unknown>>;
  readonly subjects?: readonly SubjectRef[];
}

const FIRST = Date.parse("2026-11-01T00:00:00Z");
export const onDay = (day: number): string => new Date(FIRST + day * 86_400_000).toISOString();

export const ADMIN: Actor = { id: "local", role: "admin", instances: ["*"], sourceIp: null, requestId: null };

const toRun = ({ dagId = "index_finding_aid", runId, state = "success", day = 0, conf = {} }: GivenRun): Run => ({
  dagId: toDagId(dagId),
  runId: toRunId(runId),
  state,
  engineState: state,
  type: "manual",
  logicalDate: onDay(day),
  intervalStart: null,
  intervalEnd: null,
  runAfter: onDay(day),
  queuedAt: onDay(day),
  startedAt: state === "queued" ? null : onDay(day),
  endedAt: state === "queued" || state === "running" ? null : onDay(day),
  conf,
  note: null,
  triggeredBy: null,
  versionNumbers: [],
});

export const observeIn = async (store: Store, given: GivenRun): Promise<RunKey> => {
  const instance = toInstanceId(given.instance ?? "cinco-prd");
  const run = toRun(given);
  const place = { dagId: run.dagId, runId: run.runId };
  await store.runs.observe({
    instance,
    observations: [{ ...place, kind: "read", source: "poll", at: FIRST + (given.day ?? 0) * 86_400_000, run }],
    ...(given.subjects !== undefined && { subjectsOf: () => given.subjects ?? [] }),
  });
  return runKeyOf({ instance, ...place });
};

const CHUNK = 100;

/** Many runs of one instance, without subjects of their own. */
export const observeAllIn = async (store: Store, runs: readonly GivenRun[]): Promise<void> => {
  for (let from = 0; from < runs.length; from += CHUNK) {
    await store.runs.observe({
      instance: toInstanceId("cinco-prd"),
      observations: runs.slice(from, from + CHUNK).map((given) => {
        const run = toRun(given);
        return { dagId: run.dagId, runId: run.runId, kind: "read", source: "poll", at: FIRST, run };
      }),
    });
  }
};

export const controlOver = (store: Store): Promise<Control> =>
  createControl({
    store,
    createEngine: () => {
      throw new Error("no test of subjects calls an instance");
    },
    loadInstances: async () =>
      ["cinco-prd", "cinco-stage"].map((id) => ({
        config: InstanceConfig.parse({ id, url: `http://${id}.example` }),
        source: "airfleet.yaml",
        place: "airfleet.yaml:1:1",
      })),
    resolveSecrets: (config) => resolveInstanceConfig(config, () => "secret"),
    settings: { poll: false },
    clock: systemClock,
  });

/** Runs `work` against a server over a new store of this backend. */
export const withSubjects = async (
  backend: TestBackend,
  work: (world: SubjectWorld) => Promise<void>,
  options: { readonly authMode?: "local" | "token" } = {},
): Promise<void> => {
  await using place = await backend.place();
  await using store = await place.open();
  const control = await controlOver(store);
  await using server = await serveForTest(control, { authMode: options.authMode ?? "local", kept: store.idempotency });
  try {
    await work({
      store,
      control,
      server,
      async ask(method, path, body, headers) {
        const answer = await server.send(method, path, body, headers);
        const text = await answer.text();
        return {
          status: answer.status,
          body: JSON.parse(text === "" ? "{}" : text) as Answer,
          headers: answer.headers,
        };
      },
      observe: (run) => observeIn(store, run),
    });
  } finally {
    await control.close({ drainMs: 1_000 });
  }
};
