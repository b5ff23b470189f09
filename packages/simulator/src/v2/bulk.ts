import { json, Refusal, text } from "../http/answer.ts";
import type { World } from "../world/world.ts";
import { type Body, type BodySpec, findingsOf, readBody } from "./body.ts";
import { type Finding, invalid } from "./detail.ts";
import type { V2Route } from "./route.ts";

/** How one kind of entry is changed in bulk. */
export interface BulkKind<Row> {
  readonly path: string;
  /** `variables`, as messages name them. */
  readonly noun: string;
  /** Name of the key in an entity: `key`, `connection_id`, `name`. */
  readonly keyName: string;
  /** What messages call the keys: `keys`, `connection IDs`, `pool names`. */
  readonly keysNoun: string;
  readonly spec: BodySpec;
  readonly rows: (world: World) => Map<string, Row>;
  readonly create: (body: Body) => Row;
  readonly update: (row: Row, body: Body) => void;
}

interface Outcome {
  readonly success: string[];
  readonly errors: { readonly error: string; readonly status_code: number }[];
}

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

const policyOf = (action: unknown, name: string): string => {
  const policy = isBody(action) ? action[name] : undefined;
  return typeof policy === "string" ? policy : "fail";
};

const keySet = (keys: readonly string[]): string => `{${keys.map((key) => `'${key}'`).join(", ")}}`;

const failed = <Row>(kind: BulkKind<Row>, keys: readonly string[], what: string, status: number): Outcome => ({
  success: [],
  errors: [{ error: `The ${kind.noun} with these ${kind.keysNoun}: ${keySet(keys)} ${what}.`, status_code: status }],
});

const createAll = <Row>(
  kind: BulkKind<Row>,
  rows: Map<string, Row>,
  entities: readonly Body[],
  onExistence: string,
): Outcome => {
  const taken = entities.map((entity) => String(entity[kind.keyName])).filter((key) => rows.has(key));
  if (onExistence === "fail" && taken.length > 0) return failed(kind, taken, "already exist", 409);
  const success: string[] = [];
  for (const entity of entities) {
    const key = String(entity[kind.keyName]);
    const known = rows.get(key);
    if (known !== undefined && onExistence === "skip") continue;
    if (known === undefined) rows.set(key, kind.create(entity));
    else kind.update(known, entity);
    success.push(key);
  }
  return { success, errors: [] };
};

const updateAll = <Row>(
  kind: BulkKind<Row>,
  rows: Map<string, Row>,
  entities: readonly Body[],
  onMissing: string,
): Outcome => {
  const missing = entities.map((entity) => String(entity[kind.keyName])).filter((key) => !rows.has(key));
  if (onMissing === "fail" && missing.length > 0) return failed(kind, missing, "were not found", 404);
  const success: string[] = [];
  for (const entity of entities) {
    const key = String(entity[kind.keyName]);
    const row = rows.get(key);
    if (row === undefined) continue;
    kind.update(row, entity);
    success.push(key);
  }
  return { success, errors: [] };
};

const deleteAll = <Row>(
  kind: BulkKind<Row>,
  rows: Map<string, Row>,
  entities: readonly unknown[],
  onMissing: string,
): Outcome => {
  const keys = entities.map((entity) => (isBody(entity) ? String(entity[kind.keyName]) : String(entity)));
  const missing = keys.filter((key) => !rows.has(key));
  if (onMissing === "fail" && missing.length > 0) return failed(kind, missing, "were not found", 404);
  return { success: keys.filter((key) => rows.delete(key)), errors: [] };
};

const checkEntities = <Row>(kind: BulkKind<Row>, action: string, entities: readonly unknown[]): void => {
  if (action === "delete") return;
  const findings = entities.flatMap((entity, index) =>
    findingsOf(isBody(entity) ? entity : {}, kind.spec).map(
      (finding): Finding => ({
        ...finding,
        loc: ["body", "actions", 0, action, "entities", index, ...finding.loc.slice(1)],
      }),
    ),
  );
  // Two models are tried for the body, and each complains.
  if (findings.length > 0) invalid([...findings, ...findings]);
};

/** PATCH of a whole collection: 200 also when items failed; with `fail` an action does all or nothing. */
export const bulkRoute = <Row>(kind: BulkKind<Row>): V2Route => ({
  method: "PATCH",
  path: kind.path,
  event: `bulk_${kind.noun}`,
  handle: ({ deployment, request }) => {
    const body = readBody(request, { actions: { type: "list", isRequired: true } });
    const rows = kind.rows(deployment.world);
    const outcome: Record<"create" | "update" | "delete", Outcome | null> = {
      create: null,
      update: null,
      delete: null,
    };
    for (const action of body.actions as unknown[]) {
      const { action: name, entities } = isBody(action) ? action : {};
      const list = Array.isArray(entities) ? (entities as unknown[]) : [];
      const onExistence = policyOf(action, "action_on_existence");
      const onMissing = policyOf(action, "action_on_non_existence");
      if (name !== "create" && name !== "update" && name !== "delete") {
        // An unknown action makes the real server stumble instead of refusing.
        throw new Refusal(text(500, "Internal Server Error", "text/plain; charset=utf-8"));
      }
      checkEntities(kind, name, list);
      if (name === "create") outcome.create = createAll(kind, rows, list.filter(isBody), onExistence);
      else if (name === "update") outcome.update = updateAll(kind, rows, list.filter(isBody), onMissing);
      else outcome.delete = deleteAll(kind, rows, list, onMissing);
    }
    return json(200, outcome);
  },
});
