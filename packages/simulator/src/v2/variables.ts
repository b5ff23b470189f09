import { type Answer, json, text } from "../http/answer.ts";
import type { VariableRecord } from "../world/house-records.ts";
import { isSensitiveName, MASK, maskJsonText } from "../world/masking.ts";
import { type Body, type BodySpec, readBody, textOf } from "./body.ts";
import { bulkRoute } from "./bulk.ts";
import { refuse } from "./detail.ts";
import { matchesPattern, orderingOf, pageOf, slice, sortBy } from "./query.ts";
import { param, type V2Call, type V2Route } from "./route.ts";

const BODY: BodySpec = {
  key: { type: "string", isRequired: true, maxLength: 250 },
  value: { type: "any", isRequired: true },
  description: { type: "string", isNullable: true },
  team_name: { type: "string", isNullable: true },
};

/** Values under secret names, and secret keys inside JSON values, are never shown. */
const render = ({ key, value, description }: VariableRecord): object => ({
  key,
  value: isSensitiveName(key) ? MASK : maskJsonText(value, (masked) => JSON.stringify(masked)),
  description,
  is_encrypted: true,
  team_name: null,
});

const storedText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

const toRecord = (body: Body): VariableRecord => ({
  key: textOf(body, "key") ?? "",
  value: storedText(body.value),
  description: textOf(body, "description") ?? null,
});

const variableOr404 = (call: V2Call): VariableRecord => {
  const key = param(call, "variable_key");
  return call.deployment.world.variables.get(key) ?? refuse(404, `The Variable with key: \`${key}\` was not found`);
};

const listVariables = ({ deployment, request: { query } }: V2Call): Answer => {
  const page = pageOf(query, deployment.settings.maximumPageLimit);
  const all = [...deployment.world.variables.values()].filter((row) =>
    matchesPattern(row.key, query.get("variable_key_pattern")),
  );
  const keys = {
    key: (row: VariableRecord) => row.key,
    id: (row: VariableRecord) => all.indexOf(row),
    is_encrypted: () => 1,
  };
  const rows = sortBy(
    all,
    orderingOf(query.getAll("order_by"), keys, (row) => all.indexOf(row)),
  );
  return json(200, { variables: slice(rows, page).map(render), total_entries: rows.length });
};

const createVariable = (call: V2Call): Answer => {
  const { variables } = call.deployment.world;
  const row = toRecord(readBody(call.request, BODY));
  if (variables.has(row.key)) refuse(409, `The Variable with key: \`${row.key}\` already exists`);
  variables.set(row.key, row);
  return json(201, render(row));
};

const update = (row: VariableRecord, body: Body, mask: readonly string[]): void => {
  const takes = (name: string): boolean => name in body && (mask.length === 0 || mask.includes(name));
  if (takes("value")) row.value = storedText(body.value);
  if (takes("description")) row.description = textOf(body, "description") ?? null;
};

const patchVariable = (call: V2Call): Answer => {
  const mask = call.request.query.getAll("update_mask").flatMap((name) => name.split(","));
  // With a mask only the key has to be there.
  const body = readBody(call.request, mask.length === 0 ? BODY : { ...BODY, value: { type: "any" } });
  const row = variableOr404(call);
  if (textOf(body, "key") !== row.key) refuse(400, "Invalid body, key from request body doesn't match uri parameter");
  update(row, body, mask);
  return json(200, render(row));
};

const deleteVariable = (call: V2Call): Answer => {
  call.deployment.world.variables.delete(variableOr404(call).key);
  return text(204, "", "application/json");
};

export const variableRoutes: readonly V2Route[] = [
  { method: "GET", path: "/variables", handle: listVariables },
  { method: "POST", path: "/variables", event: "post_variable", handle: createVariable },
  bulkRoute({
    path: "/variables",
    noun: "variables",
    keyName: "key",
    keysNoun: "keys",
    spec: BODY,
    rows: (world) => world.variables,
    create: toRecord,
    update: (row, body) => update(row, body, []),
  }),
  { method: "GET", path: "/variables/{variable_key:path}", handle: (call) => json(200, render(variableOr404(call))) },
  { method: "PATCH", path: "/variables/{variable_key:path}", event: "patch_variable", handle: patchVariable },
  { method: "DELETE", path: "/variables/{variable_key:path}", event: "delete_variable", handle: deleteVariable },
];
