import http from "node:http";
import { COMMON_ERRORS, Problem, ROUTES, type RouteDefinition, type RouteId } from "@airfleet/contract";
import { ERROR_CATALOGUE } from "@airfleet/model";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { sampleRequest } from "../support/sample-requests.ts";
import { type SimulatedFleet, startSimulatedFleet } from "../support/simulated-fleet.ts";

const SEED = 20_261_121;
const RUNS_PER_ROUTE = 25;
/** A log that is followed may go on; what came until then is judged. */
const PATIENCE_MS = 3_000;

const ids = Object.keys(ROUTES) as RouteId[];
let fleet: SimulatedFleet;
beforeAll(async () => {
  fleet = await startSimulatedFleet();
  // What the sample requests name is there, so that what is odd in a request is all that is wrong with it.
  await fleet.send("POST", "/api/v1/instances/client1/dags/orders/runs", { dag_run_id: "run-1" });
});
afterAll(() => fleet[Symbol.asyncDispose]());

interface Wild {
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const oddText = fc.oneof(
  fc.constantFrom("..", "../connections", "a/b", "%", "%2F", "?x=1", "#", " ", "~", "*", "-1", "0", "\u0000", "ünï"),
  fc.constantFrom("__proto__", "constructor", "true", "null", "[]", "x".repeat(251), "2026-11-20T03:00:00Z", "client3"),
  fc.constantFrom("'; DROP TABLE dags; --", "\u202E\uFEFF", "1e9", "9".repeat(400), ",", ", ,", "9007199254740993"),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);
const oddValue = fc.oneof(oddText, fc.jsonValue({ maxDepth: 2 }));

const namesIn = (pattern: string): readonly string[] =>
  [...pattern.matchAll(/\{([a-z_]+)\}/g)].flatMap(([, name]) => name ?? []);
const keysOf = (schema: z.ZodType | undefined): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

/** Most of a request stays as it should be: only so does what is odd get past the first check. */
const seldom = <Value>(usual: Value, odd: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });

const paramsOf = (route: RouteDefinition) => {
  const odd = oddText.filter((text) => text !== "");
  const some = fc.subarray([...namesIn(route.path)]);
  const changed = some.chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, odd]))));
  return seldom<Wild["params"]>({}, changed);
};

const queryOf = (route: RouteDefinition) => {
  const known = keysOf(route.query);
  const pair = fc.tuple(fc.constantFrom(...(known.length === 0 ? ["unknown_key"] : known)), oddText);
  const strange = fc.array(fc.tuple(fc.constantFrom(...known, "unknown_key", "__proto__"), oddText), { maxLength: 3 });
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant<Wild["query"]>([]) },
    { weight: known.length === 0 ? 0 : 3, arbitrary: pair.map((one) => [one]) },
    { weight: 1, arbitrary: strange },
  );
};

const bodyOf = (id: RouteId, route: RouteDefinition) => {
  const sample = sampleRequest(id).body;
  const changed = fc
    .dictionary(
      fc.constantFrom(...keysOf(route.body), ...(keysOf(route.body).length === 0 ? ["unknown_key"] : [])),
      oddValue,
      { maxKeys: 3 },
    )
    .map((changes) => JSON.stringify({ ...(sample as object), ...changes }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(sample === undefined ? undefined : JSON.stringify(sample)) },
    { weight: 6, arbitrary: changed },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.constantFrom(undefined, "", "{", "nul", "[".repeat(5_000), '{"__proto__":{"a":1}}') },
  );
};

const oddHeaders = fc.record(
  {
    "content-type": fc.constantFrom("text/plain", "application/json; charset=utf-16", "application/json;x", "/", "é"),
    "if-match": fc.constantFrom('"1"', "*", "1", 'W/"1"', '"999999999999999999999"', ""),
    "idempotency-key": fc.constantFrom("k", '"k"', "", "x".repeat(300), "é"),
    prefer: fc.constantFrom("wait=1", "respond-async", "wait=-1", "wait=1e9", "wait", ",,,"),
    accept: fc.constantFrom("text/html", "*/*", "application/xml;q=0", "nonsense"),
    "last-event-id": fc.constantFrom("1", "é"),
  },
  { requiredKeys: [] },
);
const headersOf = seldom<Wild["headers"]>({ "if-match": "*" }, oddHeaders);

const wildRequest = (id: RouteId, route: RouteDefinition): fc.Arbitrary<Wild> =>
  fc.record({
    params: paramsOf(route),
    query: queryOf(route),
    body: route.method === "GET" ? fc.constant(undefined) : bodyOf(id, route),
    headers: headersOf,
  });

const pathOf = (id: RouteId, { params, query }: Wild): string => {
  const { path } = sampleRequest(id, params);
  const pairs = query.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
};

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** By hand, because `fetch` tidies paths and headers before it sends them. */
const call = (id: RouteId, wild: Wild): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(fleet.airfleet.url);
    const json = wild.body === undefined ? {} : { "content-type": "application/json" };
    const length = wild.body === undefined ? {} : { "content-length": Buffer.byteLength(wild.body) };
    const request = http.request({
      hostname,
      port,
      method: ROUTES[id].method,
      path: pathOf(id, wild),
      headers: { ...json, ...wild.headers, ...length },
      timeout: 30_000,
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      const done = (): void => {
        clearTimeout(patience);
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text });
      };
      const patience = setTimeout(() => {
        done();
        request.destroy();
      }, PATIENCE_MS);
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        // A stream of events has no end, but a point from which on nothing is left to be told.
        if (!chunk.includes("event: live")) return;
        done();
        request.destroy();
      });
      response.on("end", done);
      response.on("error", () => done());
    });
    request.end(wild.body);
  });

/** The JSON texts of an answer; of a stream of events those without a name, as named ones are about the stream. */
const toBodies = (route: RouteDefinition, text: string): readonly string[] => {
  switch (route.produces) {
    case "application/x-ndjson":
      return text.split("\n").filter((line) => line !== "");
    case "text/event-stream":
      return Array.from(text.matchAll(/^id: .*\ndata: (.*)$/gm), (match) => match[1] ?? "");
    case "text/plain":
    case undefined:
      return [text];
    default:
      return route.produces satisfies never;
  }
};

/** What is wrong with an answer; empty when nothing is. */
const faultsOf = (route: RouteDefinition, { status, type, text }: Answer): readonly string[] => {
  if (status < 400) {
    // 202 stands for a write that outlasts the request.
    const statuses: readonly number[] = [route.status ?? 200, ...(route.deferrable === true ? [202] : [])];
    if (!statuses.includes(status)) return [`undocumented status ${status}`];
    if (status === 204) return text === "" ? [] : ["a body with 204"];
    return toBodies(route, text).flatMap((body) => route.response.safeParse(JSON.parse(body)).error?.message ?? []);
  }
  if (type !== "application/problem+json; charset=utf-8") return [`an error as ${type}`];
  const { code, ...problem } = Problem.parse(JSON.parse(text));
  const documented = [...route.errors, ...COMMON_ERRORS].find((known) => known === code);
  return [
    ...(problem.status === status ? [] : [`status ${status} with a body of ${problem.status}`]),
    ...(documented === undefined ? [`undocumented code ${code}`] : []),
    ...(documented !== undefined && ERROR_CATALOGUE[documented].status !== status ? [`${code} as ${status}`] : []),
    ...(status < 500 ? [] : [`a failure of ours: ${text}`]),
  ];
};

test.each(ids)("%s answers whatever it is sent as the contract says, and never as a failure of ours", async (id) => {
  const route: RouteDefinition = ROUTES[id];
  const isSound = fc.asyncProperty(wildRequest(id, route), async (wild) => {
    expect(faultsOf(route, await call(id, wild))).toEqual([]);
  });
  await expect(fc.check(isSound, { seed: SEED, numRuns: RUNS_PER_ROUTE })).resolves.toMatchObject({
    failed: false,
    counterexample: null,
  });
});
