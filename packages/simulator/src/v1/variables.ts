import { type Answer, html, json } from "../http/answer.ts";
import { Refusal } from "../http/answer.ts";
import type { VariableRecord } from "../world/house-records.ts";
import { type BodySpec, readBody, textOf } from "./body.ts";
import { badRequest, crashPage, refuse } from "./problem.ts";
import { list, pageOf, slice, sortRows } from "./query.ts";
import { ORDERED_PAGE, param, type V1Call, type V1Route } from "./route.ts";

const BODY: BodySpec = {
  key: { type: "string" },
  value: { type: "string" },
  description: { type: "string", isNullable: true },
};

const render = ({ key, value, description }: VariableRecord): object => ({ description, key, value });

const variableOr404 = (call: V1Call): VariableRecord =>
  call.deployment.world.variables.get(param(call, "variable_key")) ??
  refuse(404, { title: "Variable not found", detail: "Variable does not exist" });

const listVariables = ({ deployment, request: { query } }: V1Call): Answer => {
  const page = pageOf(query, deployment.settings.maximumPageLimit);
  const all = [...deployment.world.variables.values()];
  const rows = sortRows(all, query.get("order_by") ?? "key", { key: (row) => row.key, id: (row) => all.indexOf(row) });
  return json(200, { total_entries: rows.length, variables: slice(rows, page).map(render) });
};

const required = (
  call: V1Call,
): { readonly key: string; readonly value: string; readonly description: string | undefined } => {
  const body = readBody(call.request, BODY);
  const missing = ["key", "value"].filter((name) => !(name in body));
  if (missing.length > 0) {
    refuse(400, {
      title: "Invalid Variable schema",
      detail: `{${missing.map((name) => `'${name}': ['Missing data for required field.']`).join(", ")}}`,
    });
  }
  // The specification allows null; the schema behind it does not.
  if (body["description"] === null) badRequest("{'description': ['Field may not be null.']}");
  return {
    key: textOf(body, "key") ?? "",
    value: textOf(body, "value") ?? "",
    description: textOf(body, "description"),
  };
};

/** An existing key is overwritten without a word, and loses its description. */
const createVariable = (call: V1Call): Answer => {
  const { key, value, description } = required(call);
  if (key.length > 250) throw new Refusal(crashPage(call.deployment.settings.version));
  call.deployment.world.variables.set(key, { key, value, description: description ?? null });
  return json(200, description === undefined ? { key, value } : { description, key, value });
};

const patchVariable = (call: V1Call): Answer => {
  const { key, value, description } = required(call);
  const variable = variableOr404(call);
  const mask = list(call.request.query, "update_mask");
  if (key !== variable.key) badRequest("The Variable key cannot be updated.");
  const [bad] = mask.filter((name) => name !== "description");
  if (bad !== undefined) badRequest(`'${bad}' is unknown or cannot be updated.`);
  variable.value = value;
  variable.description = description ?? null;
  return json(200, render(variable));
};

const deleteVariable = (call: V1Call): Answer => {
  if (!call.deployment.world.variables.delete(param(call, "variable_key"))) {
    refuse(404, { title: "Variable not found", detail: null });
  }
  return html(204, "");
};

export const variableRoutes: readonly V1Route[] = [
  { method: "GET", path: "/variables", query: ORDERED_PAGE, handle: listVariables },
  { method: "POST", path: "/variables", event: "api.variable.create", handle: createVariable },
  { method: "GET", path: "/variables/{variable_key:path}", handle: (call) => json(200, render(variableOr404(call))) },
  {
    method: "PATCH",
    path: "/variables/{variable_key:path}",
    query: { update_mask: "string" },
    event: "api.variable.edit",
    handle: patchVariable,
  },
  { method: "DELETE", path: "/variables/{variable_key:path}", event: "api.variable.delete", handle: deleteVariable },
];
