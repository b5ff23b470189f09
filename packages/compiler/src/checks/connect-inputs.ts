import type { PipelineEdge, PipelineFinding, PipelineNode } from "@airfleet/model";
import type { InputPort, ModuleDefinition, NamedInputs } from "../modules/module-definition.ts";
import { finding } from "./finding.ts";
import { edgeName } from "./order-nodes.ts";

/** An edge with the names that it has at both ends. */
export interface Connected {
  readonly input: string;
  readonly source: string;
  readonly output: string;
}

const INPUT_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Handles that editors give to nodes with one end only; they name nothing. */
const MEANINGLESS: ReadonlySet<string> = new Set(["", "input", "in", "target", "output", "out", "source", "default"]);

const handleOf = (handle: string | null | undefined, known: readonly string[]): string | undefined => {
  if (handle === null || handle === undefined) return undefined;
  return MEANINGLESS.has(handle) && !known.includes(handle) ? undefined : handle;
};

interface Ends {
  readonly node: PipelineNode;
  readonly module: ModuleDefinition;
  /** Edges that end at the node. */
  readonly edges: readonly PipelineEdge[];
  /** Names of the outputs of a node; undefined when they are not known, because of an error there. */
  readonly outputsOf: (node: string) => readonly string[] | undefined;
}

const isNamed = (inputs: readonly InputPort[] | NamedInputs): inputs is NamedInputs => "named" in inputs;

const outputOf = (edge: PipelineEdge, { node, outputsOf }: Ends, findings: PipelineFinding[]): string | undefined => {
  const outputs = outputsOf(edge.source);
  if (outputs === undefined) return undefined;
  const handle = handleOf(edge.sourceHandle, outputs);
  const [first] = outputs;
  if (handle === undefined && first !== undefined && outputs.includes("out")) return "out";
  if (handle === undefined && outputs.length === 1) return first;
  if (handle !== undefined && outputs.includes(handle)) return handle;
  const known = outputs.length === 0 ? "it has none" : `it has ${outputs.join(", ")}`;
  findings.push(
    finding({
      type: "unknown_output",
      message:
        handle === undefined
          ? `Edge ${edgeName(edge)} does not say which output of "${edge.source}" it comes from; ${known}.`
          : `Edge ${edgeName(edge)} comes from output "${handle}" of "${edge.source}", which is not there; ${known}.`,
      fix: outputs.length === 0 ? "Remove the edge." : "Connect it to one of these outputs (sourceHandle).",
      node: node.id,
      edge: edgeName(edge),
    }),
  );
  return undefined;
};

const inputOf = (
  edge: PipelineEdge,
  { node, module, edges }: Ends,
  findings: PipelineFinding[],
): string | undefined => {
  const { inputs } = module;
  const place = { node: node.id, edge: edgeName(edge) };
  if (isNamed(inputs)) {
    const handle = handleOf(edge.targetHandle, [inputs.single]);
    if (handle === undefined && edges.length === 1) return inputs.single;
    if (handle !== undefined && INPUT_NAME.test(handle)) return handle;
    findings.push(
      finding({
        type: "unnamed_input",
        message: `Node "${node.id}" has ${edges.length} inputs, and edge ${edgeName(edge)} gives ${handle === undefined ? "no name" : `"${handle}", which is no name`}.`,
        fix: "Name each input (targetHandle): letters, digits and _, beginning with a letter.",
        ...place,
      }),
    );
    return undefined;
  }
  const names = inputs.map(({ name }) => name);
  const handle = handleOf(edge.targetHandle, names);
  const [only] = names;
  if (handle === undefined && names.length === 1) return only;
  if (handle !== undefined && names.includes(handle)) return handle;
  const known = names.length === 0 ? "it has none" : `it has ${names.join(" and ")}`;
  findings.push(
    finding({
      type: names.length === 0 ? "too_many_inputs" : handle === undefined ? "unnamed_input" : "unknown_input",
      message:
        handle === undefined
          ? `Edge ${edgeName(edge)} does not say which input of "${node.id}" (${module.name}) it is for; ${known}.`
          : `Edge ${edgeName(edge)} is for input "${handle}" of "${node.id}" (${module.name}), which is not there; ${known}.`,
      fix: names.length === 0 ? "Remove the edge." : `Set targetHandle to one of: ${names.join(", ")}.`,
      ...place,
    }),
  );
  return undefined;
};

const checkMissing = ({ node, module, edges }: Ends, connected: readonly Connected[]): readonly PipelineFinding[] => {
  const { inputs } = module;
  if (isNamed(inputs)) {
    if (edges.length >= inputs.least) return [];
    const message = `Node "${node.id}" (${module.name}) needs at least ${inputs.least} ${inputs.least === 1 ? "input" : "inputs"}; it has ${edges.length}.`;
    return [finding({ type: "missing_input", message, fix: "Connect a node before it.", node: node.id })];
  }
  // An edge whose end could not be read is told of already.
  if (connected.length < edges.length) return [];
  return inputs
    .filter(({ name, required }) => required && !connected.some(({ input }) => input === name))
    .map(({ name }) =>
      finding({
        type: "missing_input",
        message: `Nothing is connected to input "${name}" of node "${node.id}" (${module.name}).`,
        fix: "Connect a node before it.",
        node: node.id,
        field: `inputs.${name}`,
      }),
    );
};

/** Finds out which input each edge is for, and which output it comes from. Inputs are never put together silently. */
export const connectInputs = (
  ends: Ends,
): { readonly connected: readonly Connected[]; readonly findings: readonly PipelineFinding[] } => {
  const findings: PipelineFinding[] = [];
  const connected: Connected[] = [];
  for (const edge of ends.edges) {
    const output = outputOf(edge, ends, findings);
    const input = inputOf(edge, ends, findings);
    if (output === undefined || input === undefined) continue;
    const other = connected.find((one) => one.input === input);
    if (other === undefined) {
      connected.push({ input, source: edge.source, output });
      continue;
    }
    findings.push(
      finding({
        type: "too_many_inputs",
        message: `Two edges lead to input "${input}" of node "${ends.node.id}": from "${other.source}" and "${edge.source}".`,
        fix: 'Put a node "union" or "join" before it, which says how their rows come together.',
        node: ends.node.id,
        edge: edgeName(edge),
      }),
    );
  }
  return { connected, findings: [...findings, ...checkMissing(ends, connected)] };
};
